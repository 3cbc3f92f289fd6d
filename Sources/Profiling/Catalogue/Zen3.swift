extension Microarchitecture {
  /// AMD Zen 3: family 19h, models 0-Fh, 20h-5Fh (EPYC 7003, Ryzen 5000).
  ///
  /// Codes: libpfm 4.13 `amd64_fam19h_zen3`, perf's `amdzen3/*.json`.
  public static let zen3 = Microarchitecture(
    id: "zen3", name: "AMD Zen 3",
    cpus: [
      CPUs(vendor: "AuthenticAMD", family: 25, models: [0x00...0x0f, 0x20...0x5f])
    ],
    generalCounters: 6,
    events: AMDEvents.common(pmu: "amd64_fam19h_zen3", ops: "RETIRED_OPS") + [
      AMDEvents.anyFills(
        libpfm: "amd64_fam19h_zen3::ANY_DATA_CACHE_FILLS_FROM_SYSTEM"
          + ":MEM_IO_LCL:MEM_IO_RMT"),
      AMDEvents.flops(0x0f03, libpfm: "amd64_fam19h_zen3::RETIRED_SSE_AVX_FLOPS:ANY"),
    ],
    topDown: .absent(
      "AMD publishes no slot accounting for Zen 3: its core has no event for empty dispatch slots"),
    flops: AMDEvents.flopWeights, caveats: AMDEvents.caveats)
}
