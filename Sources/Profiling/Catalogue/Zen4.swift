extension Microarchitecture {
  /// AMD Zen 4: family 19h, models 10h-1Fh, 60h-7Fh, A0h-AFh (EPYC 9004, 8004, Ryzen 7000).
  ///
  /// Codes: libpfm 4.13 `amd64_fam19h_zen4`, perf's `amdzen4/*.json`; formulas:
  /// `amdzen4/pipeline.json`. LIKWID codes the missing load as umask 52h; perf and libpfm agree on
  /// A2h, which is used here.
  public static let zen4 = Microarchitecture(
    id: "zen4", name: "AMD Zen 4",
    cpus: [
      CPUs(vendor: "AuthenticAMD", family: 25, models: [0x10...0x1f, 0x60...0x7f, 0xa0...0xaf])
    ],
    generalCounters: 6,
    events: AMDEvents.common(pmu: "amd64_fam19h_zen4", ops: "RETIRED_OPS")
      + AMDEvents.pipeline(
        noOps: "amd64_fam19h_zen4::DISPATCH_STALLS_1:FE_NO_OPS",
        backend: "amd64_fam19h_zen4::DISPATCH_STALLS_1:BE_STALLS",
        dispatched: "amd64_fam19h_zen4::OPS_SOURCE_DISPATCHED_FROM_DECODER"
          + ":DECODER:OPCACHE:LOOP_BUFFER",
        notComplete: "amd64_fam19h_zen4::CYCLES_NO_RETIRE:NOT_COMPLETE_LOAD_AND_ALU",
        missingLoad: "amd64_fam19h_zen4::CYCLES_NO_RETIRE:NOT_COMPLETE_MISSING_LOAD",
        source: "perf amdzen4/pipeline.json and its events")
      + [
        AMDEvents.anyFills(
          libpfm: "amd64_fam19h_zen4::ANY_DATA_CACHE_FILLS_FROM_SYSTEM"
            + ":DRAM_IO_NEAR:DRAM_IO_FAR"),
        AMDEvents.flops(0x1f03, libpfm: "amd64_fam19h_zen4::RETIRED_SSE_AVX_FLOPS:ANY"),
      ],
    topDown: .known(AMDEvents.topDown(width: 6, source: "perf amdzen4/pipeline.json")),
    flops: AMDEvents.flopWeights, caveats: AMDEvents.caveats)
}
