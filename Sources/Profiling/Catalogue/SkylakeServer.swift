extension Microarchitecture {
  /// Intel Skylake-X, Cascade Lake and Cooper Lake servers: family 6, model 55h.
  ///
  /// Codes: perfmon `SKX/events/skylakex_core.json`, libpfm 4.13 `skx`; formulas: perfmon
  /// `SKX/metrics/skylakex_metrics.json` (4 slots a cycle) with one thread a core. Four general
  /// counters with hyper-threading on, cycles and instructions fixed.
  public static let skylakeServer: Microarchitecture = {
    let source = "perfmon SKX/events/skylakex_core.json"
    let slots: Formula = 4 * .event(CommonEvent.cycles)
    let issued: Formula = "uops_issued.any"
    let retired: Formula = "uops_retired.retire_slots"
    let recovery: Formula = 4 * "int_misc.recovery_cycles"
    let frontend: Formula = "idq_uops_not_delivered.core" / slots
    let retiring = retired / slots
    let backend = 1 - frontend - (issued + recovery) / slots
    let memory = IntelEvents.memory(backend: backend, retiring: retiring)
    return Microarchitecture(
      id: "skylake-sp", name: "Intel Skylake-SP or Cascade Lake",
      cpus: [CPUs(vendor: "GenuineIntel", family: 6, models: [0x55...0x55])], generalCounters: 4,
      events: IntelEvents.common(pmu: "skx", source: source) + [
        CatalogueEvent(
          "idq_uops_not_delivered.core", .raw(0x019c), libpfm: "skx::IDQ_UOPS_NOT_DELIVERED:CORE",
          unit: "slots", "slots that the frontend left empty though the backend could take more",
          source: source),
        CatalogueEvent(
          "uops_issued.any", .raw(0x010e), libpfm: "skx::UOPS_ISSUED:ANY", unit: "ops",
          "operations issued, whatever became of them", source: source),
        CatalogueEvent(
          "uops_retired.retire_slots", .raw(0x02c2), libpfm: "skx::UOPS_RETIRED:RETIRE_SLOTS",
          unit: "slots", "slots whose operations retired", source: source),
        CatalogueEvent(
          "int_misc.recovery_cycles", .raw(0x010d), libpfm: "skx::INT_MISC:RECOVERY_CYCLES",
          unit: "cycles", "cycles of recovery from a misprediction or a machine clear",
          source: source),
      ]
        + IntelEvents.stalls(pmu: "skx", boundOnStores: 0x40a6, source: source)
        + IntelEvents.flops(
          [
            "skx::FP_ARITH_INST_RETIRED:SCALAR_DOUBLE:SCALAR_SINGLE",
            "skx::FP_ARITH_INST_RETIRED:128B_PACKED_DOUBLE",
            "skx::FP_ARITH_INST_RETIRED:128B_PACKED_SINGLE:256B_PACKED_DOUBLE",
            "skx::FP_ARITH_INST_RETIRED:256B_PACKED_SINGLE:512B_PACKED_DOUBLE",
            "skx::FP_ARITH_INST_RETIRED:512B_PACKED_SINGLE",
          ], source: source),
      topDown: .known(
        TopDownModel(
          frontend: frontend, badSpeculation: (issued - retired + recovery) / slots,
          retiring: retiring, backend: backend, memory: memory, core: backend - memory,
          thresholds: .intel, source: "perfmon SKX/metrics/skylakex_metrics.json")),
      flops: IntelEvents.flopWeights, caveats: IntelEvents.caveats)
  }()
}
