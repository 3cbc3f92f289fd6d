/// What AMD's cores since Zen 2 share: the same codes under different native names.
enum AMDEvents {
  /// Cycles, instructions, operations and the two inner caches.
  static func common(pmu: String?, ops: String) -> [CatalogueEvent] {
    func native(_ name: String) -> String? { pmu.map { "\($0)::\(name)" } }
    return [
      CatalogueEvent(
        CommonEvent.cycles, .raw(0x76), libpfm: native("CYCLES_NOT_IN_HALT"), unit: "cycles",
        "core cycles not in halt", source: "perf amdzen*, ls_not_halted_cyc"),
      CatalogueEvent(
        CommonEvent.instructions, .raw(0xc0), libpfm: native("RETIRED_INSTRUCTIONS"),
        unit: "instructions", "instructions retired", source: "perf amdzen*, ex_ret_instr"),
      CatalogueEvent(
        CommonEvent.l1dMisses, .cache(0x1_0000), unit: "lines",
        "L2 accesses from data cache misses (60h/C8h), L1 prefetches among them",
        source: "arch/x86/events/amd/core.c, amd_hw_cache_event_ids_f17h"),
      CatalogueEvent(
        CommonEvent.l2Misses, .raw(0x0864),
        libpfm: native("CORE_TO_L2_CACHEABLE_REQUEST_ACCESS_STATUS:LS_RD_BLK_C"), unit: "lines",
        "data reads of the core that missed L2, not those of the L2 prefetcher",
        source: "perf amdzen*, l2_cache_req_stat.ls_rd_blk_c"),
      CatalogueEvent(
        "ex_ret_ops", .raw(0xc1), libpfm: native(ops), unit: "ops", "operations retired",
        source: "perf amdzen*, ex_ret_ops"),
      CatalogueEvent(
        "ex_ret_brn_misp", .raw(0xc3),
        libpfm: native("RETIRED_BRANCH_INSTRUCTIONS_MISPREDICTED"), unit: "instructions",
        "branches retired that were mispredicted", source: "perf amdzen*, ex_ret_brn_misp"),
    ]
  }

  /// Fills of the L1 data cache from memory: the last-level misses that a core can count itself.
  ///
  /// The third level's own counters are shared by a complex of cores and closed to ordinary users.
  static func anyFills(libpfm: String?) -> CatalogueEvent {
    CatalogueEvent(
      CommonEvent.llcMisses, .raw(0x4844), libpfm: libpfm, unit: "lines",
      "fills of the L1 data cache that came from memory, L1 prefetches among them",
      source: "perf amdzen*, ls_any_fills_from_sys: 08h near memory, 40h far memory")
  }

  /// Floating-point operations; a multiply-add counts as two already.
  static func flops(_ code: UInt64, libpfm: String?) -> CatalogueEvent {
    CatalogueEvent(
      flopEvent, .raw(code), libpfm: libpfm, on: .pair, unit: "FLOP",
      "SSE and AVX floating-point operations retired, of every width and precision",
      source: "perf amdzen*, fp_ret_sse_avx_ops.all; takes two counters (merge event)")
  }

  static let flopEvent = "fp_ret_sse_avx_ops.all"
  static let flopWeights: Microarchitecture.Availability<[Microarchitecture.FlopWeight]> = .known([
    Microarchitecture.FlopWeight(event: flopEvent, weight: 1)
  ])

  static let noOps = "de_no_dispatch_per_slot.no_ops_from_frontend"
  static let backendStalls = "de_no_dispatch_per_slot.backend_stalls"
  static let dispatched = "de_src_op_disp.all"
  static let notComplete = "ex_no_retire.not_complete"
  static let loadNotComplete = "ex_no_retire.load_not_complete"

  /// The events of the pipeline utilisation analysis, Zen 4 and later.
  static func pipeline(
    noOps: String? = nil, backend: String? = nil, dispatched: String? = nil,
    notComplete: String? = nil, missingLoad: String? = nil, source: String
  ) -> [CatalogueEvent] {
    [
      CatalogueEvent(
        Self.noOps, .raw(0x1_0000_01a0), libpfm: noOps, unit: "slots",
        "dispatch slots left empty because the frontend had no operations", source: source),
      CatalogueEvent(
        backendStalls, .raw(0x1_0000_1ea0), libpfm: backend, unit: "slots",
        "dispatch slots left empty because of backend stalls", source: source),
      CatalogueEvent(
        Self.dispatched, .raw(0x07aa), libpfm: dispatched, unit: "ops",
        "operations dispatched, whatever became of them", source: source),
      CatalogueEvent(
        Self.notComplete, .raw(0x02d6), libpfm: notComplete, unit: "cycles",
        "cycles without retirement because the oldest operation was not complete", source: source),
      CatalogueEvent(
        loadNotComplete, .raw(0xa2d6), libpfm: missingLoad, unit: "cycles",
        "the same where that operation was a load that missed",
        source: source + "; LIKWID has other umasks"),
    ]
  }

  /// The formulas of the pipeline utilisation analysis; slots are `width` a cycle.
  ///
  /// Slots lost to the core's other hardware thread are a fifth part of level 1. It is left out, as
  /// level 1 then fits six counters, and is 0 with one thread a core; a sum of fractions below 1
  /// shows it.
  static func topDown(width: Double, source: String) -> TopDownModel {
    let slots: Formula = .constant(width) * .event(CommonEvent.cycles)
    let retired: Formula = "ex_ret_ops"
    let backend = .event(backendStalls) / slots
    let memoryShare: Formula = .event(loadNotComplete) / .event(notComplete)
    return TopDownModel(
      frontend: .event(noOps) / slots,
      badSpeculation: (.event(dispatched) - retired) / slots,
      retiring: retired / slots, backend: backend,
      memory: backend * memoryShare, core: backend * (1 - memoryShare),
      thresholds: .intel, source: source)
  }

  static let caveats = [
    "llc_misses counts fills of the L1 from memory; what the L2 prefetcher fetched first is missing",
    "8-bit integer dot products are not among the floating-point operations",
  ]
}
