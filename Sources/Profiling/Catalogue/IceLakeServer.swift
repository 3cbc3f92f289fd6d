extension Microarchitecture {
  /// Intel Ice Lake-SP: family 6, models 6Ah and 6Ch.
  ///
  /// Codes: perfmon `ICX/events/icelakex_core.json`, libpfm 4.13 `icx`; formulas: perfmon
  /// `ICX/metrics/icelakex_metrics.json` in the form for ordinary counters (pmu-tools
  /// `icx_server_ratios.py`, `topdown_use_fixed=False`), 5 slots a cycle. The PERF_METRICS register
  /// has 8 bits a fraction, too few for layers of microseconds.
  ///
  /// Trap: libpfm encodes `icx::TOPDOWN:BACKEND_BOUND_SLOTS` as 0200h, which is no such event; the
  /// raw code is 02A4h, so it has no native name here.
  public static let iceLakeServer: Microarchitecture = {
    let source = "perfmon ICX/events/icelakex_core.json"
    let slots: Formula = "topdown.slots_p"
    let retiring: Formula = "uops_retired.slots" / slots
    let clears: Formula = 5 * "int_misc.clears_count"
    let dropped: Formula = "int_misc.uop_dropping"
    let frontend = ("idq_uops_not_delivered.core" - dropped) / slots
    let backend = ("topdown.backend_bound_slots" + clears) / slots
    let memory = IntelEvents.memory(backend: backend, retiring: retiring)
    return Microarchitecture(
      id: "icelake-sp", name: "Intel Ice Lake-SP",
      cpus: [CPUs(vendor: "GenuineIntel", family: 6, models: [0x6a...0x6a, 0x6c...0x6c])],
      generalCounters: 8,
      events: IntelEvents.common(pmu: "icx", source: source) + [
        CatalogueEvent(
          "topdown.slots_p", .raw(0x01a4), libpfm: "icx::TOPDOWN:SLOTS_P", unit: "slots",
          "slots of the thread, on a general counter", source: source),
        CatalogueEvent(
          "idq_uops_not_delivered.core", .raw(0x019c), libpfm: "icx::IDQ_UOPS_NOT_DELIVERED:CORE",
          unit: "slots", "slots that the frontend left empty though the backend could take more",
          source: source),
        CatalogueEvent(
          "int_misc.uop_dropping", .raw(0x100d), libpfm: "icx::INT_MISC:UOP_DROPPING",
          unit: "slots", "operations dropped without being a stall of the frontend",
          source: source),
        CatalogueEvent(
          "int_misc.clears_count", .raw(0x0104_010d), libpfm: "icx::INT_MISC:CLEARS_COUNT",
          unit: "clears", "speculative clears", source: source),
        CatalogueEvent(
          "uops_retired.slots", .raw(0x02c2), libpfm: "icx::UOPS_RETIRED:SLOTS", unit: "slots",
          "slots whose operations retired", source: source),
        CatalogueEvent(
          "topdown.backend_bound_slots", .raw(0x02a4), unit: "slots",
          "slots left empty because the backend could not take more",
          source: source + "; raw, for libpfm's code is wrong"),
      ]
        + IntelEvents.stalls(pmu: "icx", boundOnStores: 0x0200_40a6, source: source)
        + IntelEvents.flops(
          [
            "icx::FP_ARITH_INST_RETIRED:SCALAR",
            "icx::FP_ARITH_INST_RETIRED:128B_PACKED_DOUBLE",
            "icx::FP_ARITH_INST_RETIRED:4_FLOPS", "icx::FP_ARITH_INST_RETIRED:8_FLOPS",
            "icx::FP_ARITH_INST_RETIRED:512B_PACKED_SINGLE",
          ], source: source),
      topDown: .known(
        TopDownModel(
          frontend: frontend, badSpeculation: (1 - frontend - backend - retiring).orZero,
          retiring: retiring, backend: backend, memory: memory, core: (backend - memory).orZero,
          thresholds: .intel, source: "perfmon ICX/metrics/icelakex_metrics.json")),
      flops: IntelEvents.flopWeights, caveats: IntelEvents.caveats)
  }()
}
