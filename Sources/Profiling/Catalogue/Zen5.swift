extension Microarchitecture {
  /// AMD Zen 5: family 1Ah, models 0-2Fh, 40h-4Fh, 60h-7Fh, D0h-D7h (EPYC 9005, Ryzen 9000).
  ///
  /// Codes: perf's `amdzen5/*.json`; formulas: `amdzen5/pipeline.json`. libpfm 4.13 knows no
  /// Zen 5, and later versions lack `NOT_COMPLETE_MISSING_LOAD` for it: no native names here, all
  /// codes raw.
  public static let zen5 = Microarchitecture(
    id: "zen5", name: "AMD Zen 5",
    cpus: [
      CPUs(
        vendor: "AuthenticAMD", family: 26,
        models: [0x00...0x2f, 0x40...0x4f, 0x60...0x7f, 0xd0...0xd7])
    ],
    generalCounters: 6,
    events: AMDEvents.common(pmu: nil, ops: "RETIRED_OPS")
      + AMDEvents.pipeline(source: "perf amdzen5/pipeline.json and its events")
      + [AMDEvents.anyFills(libpfm: nil), AMDEvents.flops(0x0f03, libpfm: nil)],
    topDown: .known(AMDEvents.topDown(width: 8, source: "perf amdzen5/pipeline.json")),
    flops: AMDEvents.flopWeights, caveats: AMDEvents.caveats)
}
