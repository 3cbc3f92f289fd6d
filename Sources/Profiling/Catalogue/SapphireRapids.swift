extension Microarchitecture {
  /// Intel Sapphire and Emerald Rapids: family 6, models 8Fh and CFh.
  ///
  /// Codes: perfmon `SPR/events/sapphirerapids_core.json`, libpfm 4.13 `spr`; formulas: perfmon
  /// `SPR/metrics/sapphirerapids_metrics.json` in the form for ordinary counters, 6 slots a cycle.
  ///
  /// Traps: libpfm encodes `spr::TOPDOWN:BACKEND_BOUND_SLOTS` as 0200h and `:MEMORY_BOUND_SLOTS` as
  /// 1000h; Intel's file and perfmon issue 225 say event A4h with umasks 02h and 10h. Both are raw
  /// here. `UOP_DROPPING` moved from 0Dh to ADh.
  public static let sapphireRapids: Microarchitecture = {
    let source = "perfmon SPR/events/sapphirerapids_core.json"
    let slots: Formula = "topdown.slots_p"
    let dropped: Formula = "int_misc.uop_dropping"
    let retiring: Formula = "uops_retired.slots" / slots
    let frontend = ("idq_bubbles.core" - dropped) / slots
    let backend: Formula = "topdown.backend_bound_slots" / slots
    let memory: Formula = "topdown.memory_bound_slots" / slots
    return Microarchitecture(
      id: "sapphire-rapids", name: "Intel Sapphire or Emerald Rapids",
      cpus: [CPUs(vendor: "GenuineIntel", family: 6, models: [0x8f...0x8f, 0xcf...0xcf])],
      generalCounters: 8,
      events: IntelEvents.common(pmu: "spr", source: source) + [
        CatalogueEvent(
          "topdown.slots_p", .raw(0x01a4), libpfm: "spr::TOPDOWN:SLOTS_P", unit: "slots",
          "slots of the thread, on a general counter", source: source),
        CatalogueEvent(
          "idq_bubbles.core", .raw(0x019c), libpfm: "spr::IDQ_UOPS_NOT_DELIVERED:CORE",
          unit: "slots", "slots that the frontend left empty though the backend could take more",
          source: source),
        CatalogueEvent(
          "int_misc.uop_dropping", .raw(0x10ad), libpfm: "spr::INT_MISC:UOP_DROPPING",
          unit: "slots", "operations dropped without being a stall of the frontend",
          source: source),
        CatalogueEvent(
          "uops_retired.slots", .raw(0x02c2), libpfm: "spr::UOPS_RETIRED:SLOTS", unit: "slots",
          "slots whose operations retired", source: source),
        CatalogueEvent(
          "topdown.backend_bound_slots", .raw(0x02a4), unit: "slots",
          "slots left empty because the backend could not take more",
          source: source + "; raw, for libpfm's code is wrong"),
        CatalogueEvent(
          "topdown.memory_bound_slots", .raw(0x10a4), unit: "slots",
          "the part of them that waited for memory",
          source: source + "; raw, for libpfm's code is wrong"),
        CatalogueEvent(
          "topdown.br_mispredict_slots", .raw(0x08a4), on: .only([0]), unit: "slots",
          "slots lost to mispredicted branches",
          source: source + "; raw, for libpfm's code is wrong"),
        CatalogueEvent(
          "topdown.bad_spec_slots", .raw(0x04a4), on: .only([0]), unit: "slots",
          "slots lost to work that was thrown away",
          source: source + "; raw, for libpfm's code is that of all slots"),
      ]
        + IntelEvents.flops(
          [
            "spr::FP_ARITH_INST_RETIRED:SCALAR",
            "spr::FP_ARITH_INST_RETIRED:128B_PACKED_DOUBLE",
            "spr::FP_ARITH_INST_RETIRED:4_FLOPS", "spr::FP_ARITH_INST_RETIRED:8_FLOPS",
            "spr::FP_ARITH_INST_RETIRED:512B_PACKED_SINGLE",
          ], source: source),
      topDown: .known(
        TopDownModel(
          frontend: frontend, badSpeculation: (1 - frontend - backend - retiring).orZero,
          retiring: retiring, backend: backend, memory: memory, core: (backend - memory).orZero,
          thresholds: .intel, source: "perfmon SPR/metrics/sapphirerapids_metrics.json")),
      flops: IntelEvents.flopWeights,
      caveats: IntelEvents.caveats + [
        "AMX tiles and half precision are not among the floating-point instructions"
      ])
  }()
}
