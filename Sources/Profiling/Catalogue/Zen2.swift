extension Microarchitecture {
  /// AMD Zen 2: family 17h from model 30h on (EPYC 7002, Ryzen 3000).
  ///
  /// Codes: libpfm 4.13 `amd64_fam17h_zen2`, perf's `amdzen2/*.json`. Six counters, none fixed;
  /// the kernel allows the FLOP event on an even counter and its neighbour only
  /// (`arch/x86/events/amd/core.c`, `pair_constraint`).
  public static let zen2 = Microarchitecture(
    id: "zen2", name: "AMD Zen 2",
    cpus: [CPUs(vendor: "AuthenticAMD", family: 23, models: [0x30...0xff])],
    generalCounters: 6,
    events: AMDEvents.common(pmu: "amd64_fam17h_zen2", ops: "RETIRED_UOPS") + [
      CatalogueEvent(
        CommonEvent.llcMisses, .raw(0x4843),
        libpfm: "amd64_fam17h_zen2::DATA_CACHE_REFILLS_FROM_SYSTEM"
          + ":LS_MABRESP_LCL_DRAM:LS_MABRESP_RMT_DRAM",
        unit: "lines", "demand fills of the L1 data cache that came from memory",
        source: "perf amdzen2/memory.json, ls_refills_from_sys"),
      AMDEvents.flops(0x0f03, libpfm: "amd64_fam17h_zen2::RETIRED_SSE_AVX_FLOPS:ANY"),
    ],
    topDown: .absent(
      "AMD publishes no slot accounting for Zen 2: its core has no event for empty dispatch slots"),
    flops: AMDEvents.flopWeights, caveats: AMDEvents.caveats)
}
