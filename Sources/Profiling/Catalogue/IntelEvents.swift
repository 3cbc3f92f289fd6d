/// What Intel's server cores since Skylake share.
enum IntelEvents {
  /// Cycles, instructions and the caches.
  static func common(pmu: String, source: String) -> [CatalogueEvent] {
    [
      CatalogueEvent(
        CommonEvent.cycles, .hardware(0), libpfm: nil, on: .fixed, unit: "cycles",
        "core cycles not in halt (fixed counter 1)", source: source),
      CatalogueEvent(
        CommonEvent.instructions, .hardware(1), libpfm: nil, on: .fixed, unit: "instructions",
        "instructions retired (fixed counter 0)", source: source),
      CatalogueEvent(
        CommonEvent.l1dMisses, .raw(0x0151), libpfm: "\(pmu)::L1D:REPLACEMENT",
        on: .only([0, 1, 2, 3]), unit: "lines", "lines brought into the L1 data cache",
        source: source),
      CatalogueEvent(
        CommonEvent.l2Misses, .raw(0x2124), libpfm: "\(pmu)::L2_RQSTS:DEMAND_DATA_RD_MISS",
        on: .only([0, 1, 2, 3]), unit: "lines",
        "demand data reads that missed L2, not those of the prefetchers", source: source),
      CatalogueEvent(
        CommonEvent.llcMisses, .cache(0x1_0002), on: .only([0, 1, 2, 3]), unit: "lines",
        "demand data reads that missed the last level (offcore response, by the kernel's mapping)",
        source: "arch/x86/events/intel/core.c, hw_cache_event_ids and hw_cache_extra_regs"),
      CatalogueEvent(
        "mem_load_retired.l3_miss", .raw(0x20d1), libpfm: "\(pmu)::MEM_LOAD_RETIRED:L3_MISS",
        on: .only([0, 1, 2, 3]), unit: "instructions",
        "retired loads that missed the last level", source: source),
    ]
  }

  /// Stall cycles behind level 2 on Skylake and Ice Lake.
  static func stalls(pmu: String, boundOnStores: UInt64, source: String) -> [CatalogueEvent] {
    [
      CatalogueEvent(
        "cycle_activity.stalls_mem_any", .raw(0x1400_14a3),
        libpfm: "\(pmu)::CYCLE_ACTIVITY:STALLS_MEM_ANY", unit: "cycles",
        "cycles without execution while a load was outstanding", source: source),
      CatalogueEvent(
        "cycle_activity.stalls_total", .raw(0x0400_04a3),
        libpfm: "\(pmu)::CYCLE_ACTIVITY:STALLS_TOTAL", unit: "cycles",
        "cycles without execution", source: source),
      CatalogueEvent(
        "exe_activity.bound_on_stores", .raw(boundOnStores),
        libpfm: "\(pmu)::EXE_ACTIVITY:BOUND_ON_STORES", unit: "cycles",
        "cycles in which the store buffer was full and no load outstanding", source: source),
      CatalogueEvent(
        "exe_activity.1_ports_util", .raw(0x02a6), libpfm: "\(pmu)::EXE_ACTIVITY:1_PORTS_UTIL",
        unit: "cycles", "cycles in which one port executed", source: source),
      CatalogueEvent(
        "exe_activity.2_ports_util", .raw(0x04a6), libpfm: "\(pmu)::EXE_ACTIVITY:2_PORTS_UTIL",
        unit: "cycles", "cycles in which two ports executed", source: source),
    ]
  }

  /// The memory part of the backend's slots on Skylake and Ice Lake.
  ///
  /// perfmon `skylakex_metrics.json` and `icelakex_metrics.json`, `Memory_Bound`.
  static func memory(backend: Formula, retiring: Formula) -> Formula {
    let stores: Formula = "exe_activity.bound_on_stores"
    let waiting = "cycle_activity.stalls_mem_any" + stores
    let total: Formula = .event("cycle_activity.stalls_total") + "exe_activity.1_ports_util"
    return backend * (waiting / (total + retiring * "exe_activity.2_ports_util" + stores))
  }

  /// Floating-point instructions by the operations of one; a multiply-add counts twice.
  ///
  /// The umasks of `FP_ARITH_INST_RETIRED` (C7h) add up: 18h is 128-bit single and 256-bit double,
  /// 60h is 256-bit single and 512-bit double. Names are libpfm's, which differ.
  static func flops(_ names: [String], source: String) -> [CatalogueEvent] {
    zip(flopParts, names).map { part, native in
      CatalogueEvent(
        part.event, .raw(part.umask << 8 | 0xc7), libpfm: native, unit: "instructions",
        "floating-point instructions of \(Int(part.weight)) operation\(part.weight == 1 ? "" : "s"), "
          + "multiply-adds twice", source: source)
    }
  }

  private static let flopParts: [(event: String, umask: UInt64, weight: Double)] = [
    ("fp_arith_inst_retired.scalar", 0x03, 1),
    ("fp_arith_inst_retired.128b_packed_double", 0x04, 2),
    ("fp_arith_inst_retired.4_flops", 0x18, 4), ("fp_arith_inst_retired.8_flops", 0x60, 8),
    ("fp_arith_inst_retired.512b_packed_single", 0x80, 16),
  ]

  static let flopWeights: Microarchitecture.Availability<[Microarchitecture.FlopWeight]> = .known(
    flopParts.map { Microarchitecture.FlopWeight(event: $0.event, weight: $0.weight) })

  static let caveats = [
    "llc_misses counts demand reads; lines that the prefetchers fetched first are missing",
    "slots are those of one hardware thread: with two busy threads a core, fractions mislead",
  ]
}
