public import Profiling

/// SYNTHETIC event values: made up so that the arithmetic can be followed by hand, not measured.
///
/// Each case is one layer's events on one CPU, with the fractions that follow from them.
public struct SyntheticCounters: Sendable, CustomStringConvertible {
  /// What the case shows.
  public let name: String
  /// The CPU it is made up for.
  public let cpu: Microarchitecture
  /// The events.
  public let events: [String: Double]
  /// The fractions, computed by hand.
  public let fractions: TopDownFractions
  /// The class that follows.
  public let expected: Bound.Class

  /// The CPU and what the case shows.
  public var description: String { "\(cpu.name): \(name)" }

  /// Every case.
  public static let all = zen4 + zen5 + skylake + iceLake + sapphireRapids

  private static func amd(
    _ cycles: Double, noOps: Double, dispatched: Double, retired: Double, stalls: Double,
    waiting: Double, load: Double
  ) -> [String: Double] {
    [
      "cycles": cycles, "instructions": retired,
      "de_no_dispatch_per_slot.no_ops_from_frontend": noOps, "de_src_op_disp.all": dispatched,
      "ex_ret_ops": retired, "de_no_dispatch_per_slot.backend_stalls": stalls,
      "ex_no_retire.not_complete": waiting, "ex_no_retire.load_not_complete": load,
    ]
  }

  /// Synthetic Zen 4: 1 M cycles, 6 M slots.
  public static let zen4: [SyntheticCounters] = [
    SyntheticCounters(
      name: "weights from memory", cpu: .zen4,
      events: amd(
        1e6, noOps: 300e3, dispatched: 2460e3, retired: 2400e3, stalls: 3240e3, waiting: 500e3,
        load: 400e3),
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.01, retiring: 0.4, backend: 0.54, memory: 0.432,
        core: 0.108),
      expected: .memory),
    SyntheticCounters(
      name: "multiply-adds wait for each other", cpu: .zen4,
      events: amd(
        1e6, noOps: 300e3, dispatched: 2460e3, retired: 2400e3, stalls: 3240e3, waiting: 500e3,
        load: 50e3),
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.01, retiring: 0.4, backend: 0.54, memory: 0.054,
        core: 0.486),
      expected: .core),
    SyntheticCounters(
      name: "half and half", cpu: .zen4,
      events: amd(
        1e6, noOps: 300e3, dispatched: 2460e3, retired: 2400e3, stalls: 3240e3, waiting: 500e3,
        load: 260e3),
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.01, retiring: 0.4, backend: 0.54, memory: 0.2808,
        core: 0.2592),
      expected: .balanced),
    SyntheticCounters(
      name: "the core's width is the limit", cpu: .zen4,
      events: amd(
        1e6, noOps: 300e3, dispatched: 4560e3, retired: 4500e3, stalls: 1140e3, waiting: 100e3,
        load: 50e3),
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.01, retiring: 0.75, backend: 0.19, memory: 0.095,
        core: 0.095),
      expected: .core),
  ]

  /// Synthetic Zen 5: 1 M cycles, 8 M slots.
  public static let zen5: [SyntheticCounters] = [
    SyntheticCounters(
      name: "instructions do not arrive", cpu: .zen5,
      events: amd(
        1e6, noOps: 2400e3, dispatched: 3400e3, retired: 3200e3, stalls: 2200e3, waiting: 200e3,
        load: 100e3),
      fractions: TopDownFractions(
        frontend: 0.3, badSpeculation: 0.025, retiring: 0.4, backend: 0.275, memory: 0.1375,
        core: 0.1375),
      expected: .frontend),
    SyntheticCounters(
      name: "work is thrown away", cpu: .zen5,
      events: amd(
        1e6, noOps: 400e3, dispatched: 5600e3, retired: 2400e3, stalls: 2000e3, waiting: 200e3,
        load: 150e3),
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.4, retiring: 0.3, backend: 0.25, memory: 0.1875,
        core: 0.0625),
      expected: .badSpeculation),
    SyntheticCounters(
      name: "nothing stands out", cpu: .zen5,
      events: amd(
        1e6, noOps: 1120e3, dispatched: 5360e3, retired: 4800e3, stalls: 1520e3, waiting: 200e3,
        load: 100e3),
      fractions: TopDownFractions(
        frontend: 0.14, badSpeculation: 0.07, retiring: 0.6, backend: 0.19, memory: 0.095,
        core: 0.095),
      expected: .balanced),
  ]

  private static func stalls(
    memory: Double, stores: Double, total: Double, one: Double, two: Double
  ) -> [String: Double] {
    [
      "cycle_activity.stalls_mem_any": memory, "exe_activity.bound_on_stores": stores,
      "cycle_activity.stalls_total": total, "exe_activity.1_ports_util": one,
      "exe_activity.2_ports_util": two,
    ]
  }

  /// Synthetic Skylake: 1 M cycles, 4 M slots.
  ///
  /// Backend = 1 − 0.05 − (2,000 + 4 × 50) / 4,000 = 0.40 in both.
  public static let skylake: [SyntheticCounters] = [
    SyntheticCounters(
      name: "weights from memory", cpu: .skylakeServer,
      // (480 + 10) / (500 + 50 + 0.45 x 200 + 10) = 490 / 650.
      events: skylakeLevel1.merging(
        stalls(memory: 480e3, stores: 10e3, total: 500e3, one: 50e3, two: 200e3)
      ) { $1 },
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.1, retiring: 0.45, backend: 0.4,
        memory: 0.4 * 490 / 650, core: 0.4 * 160 / 650),
      expected: .memory),
    SyntheticCounters(
      name: "half and half", cpu: .skylakeServer,
      // (300 + 20) / (400 + 100 + 0.45 x 200 + 20) = 320 / 610.
      events: skylakeLevel1.merging(
        stalls(memory: 300e3, stores: 20e3, total: 400e3, one: 100e3, two: 200e3)
      ) { $1 },
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.1, retiring: 0.45, backend: 0.4,
        memory: 0.4 * 320 / 610, core: 0.4 * 290 / 610),
      expected: .balanced),
  ]

  private static let skylakeLevel1: [String: Double] = [
    "cycles": 1e6, "instructions": 1500e3, "idq_uops_not_delivered.core": 200e3,
    "uops_issued.any": 2000e3, "uops_retired.retire_slots": 1800e3,
    "int_misc.recovery_cycles": 50e3,
  ]

  /// Synthetic Ice Lake: 1 M cycles, 5 M slots.
  ///
  /// Frontend (350 − 100) / 5,000 = 0.05; backend (2,900 + 5 × 20) / 5,000 = 0.6; the rest 0.05.
  public static let iceLake: [SyntheticCounters] = [
    SyntheticCounters(
      name: "multiply-adds wait for each other", cpu: .iceLakeServer,
      // 100 / (300 + 200 + 0.3 x 1,000) = 1 / 8.
      events: iceLakeLevel1.merging(
        stalls(memory: 100e3, stores: 0, total: 300e3, one: 200e3, two: 1000e3)
      ) { $1 },
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.05, retiring: 0.3, backend: 0.6, memory: 0.075,
        core: 0.525),
      expected: .core),
    SyntheticCounters(
      name: "weights from memory", cpu: .iceLakeServer,
      // (500 + 100) / (600 + 70 + 0.3 x 100 + 100) = 3 / 4.
      events: iceLakeLevel1.merging(
        stalls(memory: 500e3, stores: 100e3, total: 600e3, one: 70e3, two: 100e3)
      ) { $1 },
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.05, retiring: 0.3, backend: 0.6, memory: 0.45,
        core: 0.15),
      expected: .memory),
  ]

  private static let iceLakeLevel1: [String: Double] = [
    "cycles": 1e6, "instructions": 1200e3, "topdown.slots_p": 5000e3,
    "idq_uops_not_delivered.core": 350e3, "int_misc.uop_dropping": 100e3,
    "int_misc.clears_count": 20e3, "uops_retired.slots": 1500e3,
    "topdown.backend_bound_slots": 2900e3,
  ]

  private static func sapphire(
    bubbles: Double, retired: Double, backend: Double, memory: Double
  ) -> [String: Double] {
    [
      "cycles": 1e6, "instructions": 2000e3, "topdown.slots_p": 6000e3,
      "idq_bubbles.core": bubbles, "int_misc.uop_dropping": 60e3, "uops_retired.slots": retired,
      "topdown.backend_bound_slots": backend, "topdown.memory_bound_slots": memory,
    ]
  }

  /// Synthetic Sapphire Rapids: 1 M cycles, 6 M slots.
  public static let sapphireRapids: [SyntheticCounters] = [
    SyntheticCounters(
      name: "weights from memory", cpu: .sapphireRapids,
      events: sapphire(bubbles: 360e3, retired: 2400e3, backend: 3000e3, memory: 2400e3),
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.05, retiring: 0.4, backend: 0.5, memory: 0.4, core: 0.1),
      expected: .memory),
    SyntheticCounters(
      name: "multiply-adds wait for each other", cpu: .sapphireRapids,
      events: sapphire(bubbles: 360e3, retired: 2400e3, backend: 3000e3, memory: 600e3),
      fractions: TopDownFractions(
        frontend: 0.05, badSpeculation: 0.05, retiring: 0.4, backend: 0.5, memory: 0.1, core: 0.4),
      expected: .core),
    SyntheticCounters(
      name: "instructions do not arrive", cpu: .sapphireRapids,
      events: sapphire(bubbles: 2460e3, retired: 1800e3, backend: 1500e3, memory: 300e3),
      fractions: TopDownFractions(
        frontend: 0.4, badSpeculation: 0.05, retiring: 0.3, backend: 0.25, memory: 0.05, core: 0.2),
      expected: .frontend),
  ]
}

extension SampleRecords {
  /// DeepSpeech as a machine with that CPU might have counted it: SYNTHETIC, and its CPU says so.
  ///
  /// Times and roofs are those of ``deepspeech()``; the events of its layers are the cases in turn.
  ///
  /// - Parameter cases: Cases of one CPU.
  /// - Returns: The record, with the verdicts of ``deepspeech()``.
  public static func synthetic(_ cases: [SyntheticCounters]) -> RunRecord {
    var record = deepspeech()
    guard let cpu = cases.first?.cpu else { return record }
    record.machine.cpu = "synthetic \(cpu.name)"
    record.machine.microarchitecture = cpu.id
    record.machine.papi = .init(
      version: "7.0.0", hardwareCounters: cpu.generalCounters, reason: nil)
    record.warnings = []
    for index in record.layers.indices {
      let events = cases[index % cases.count].events
      record.layers[index].counters = CounterRecord(
        source: "perf", events: events.mapValues { .init(value: $0, spread: 0.01) })
    }
    return record
  }
}
