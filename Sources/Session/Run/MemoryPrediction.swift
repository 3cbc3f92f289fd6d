import Engines
import Execution
package import Machine
package import Measuring
package import Topology

/// The memory that a run will take, predicted before anything of it is allocated.
///
/// What counts is what the kernel counts as resident (`VmHWM` of `/proc/PID/status`): the code and the libraries that are
/// touched, the heap, pages of a model's file, constants, the arena, working memory, the buffer of 256 MiB and more that
/// bandwidths are measured with, rows of the record, and processes that work beside this one at that time. What is not
/// foreseen stands at `Plan.predictMemory(_:options:)`.
package struct MemoryPrediction: Hashable, Sendable {
  /// Something that takes memory.
  package struct Part: Hashable, Sendable {
    /// What it is, as messages say it.
    package let name: String
    /// How much it takes.
    package let bytes: Int
  }

  /// A time of a run at which memory may be at its most.
  package struct Phase: Hashable, Sendable, CustomStringConvertible {
    /// When that is, as messages say it.
    package let name: String
    /// What takes memory then; nothing of 0 bytes.
    package let parts: [Part]

    /// The sum of the parts; `Int.max` where that is more than there is.
    package var bytes: Int { parts.map(\.bytes).total }

    /// The parts in words, the largest first.
    package var description: String {
      let list = parts.sorted { $0.bytes > $1.bytes }
        .map { "\($0.name) \(Quantity.bytes($0.bytes))" }
      return "\(name) (\(list.joined(separator: ", ")))"
    }

    init(_ name: String, _ parts: [(String, Int)]) {
      self.name = name
      self.parts = parts.filter { $0.1 > 0 }.map { Part(name: $0.0, bytes: $0.1) }
    }
  }

  /// The process without the network: code, libraries, what it has read.
  package let base: Int
  /// Pages of files that weights are read from.
  package let model: Int
  /// The network.
  package let plan: PlanMemory
  /// What bandwidths are measured with.
  package let roofs: Int
  /// The network in f32, with whose outputs those of another precision are compared.
  package let comparison: Int
  /// Samples and rows of all layers.
  package let record: Int
  /// The process of another engine; 0 where there is none.
  package let engine: Int
  /// Whether ntprof's peak begins after planning, because a calibration is not the network's.
  private let beginsLate: Bool

  /// A process that has read a small network, pinned its threads and met oneDNN; the median of 45 runs, ±4 MiB.
  private static let usualBase = 42 << 20

  /// A layer's row with its samples; from networks of 500 to 50,000 layers (`Benchmarks/scale.py`).
  private static let layer = 11 << 10

  /// Predicts a run.
  ///
  /// - Parameters:
  ///   - program: The operations.
  ///   - settings: How they are run, their precision settled.
  ///   - host: The machine.
  ///   - model: Bytes of files that weights are read from.
  ///   - resident: What this process holds already; it keeps that.
  ///   - isCompared: Whether outputs are compared with those in f32, whatever they are.
  package init(
    _ program: Program, _ settings: MeasurementSettings, on host: Host, model: Int, resident: Int,
    comparing isCompared: Bool = false
  ) {
    let library = OneDNNEngine()
    let threads = settings.threads ?? host.defaultThreads
    let options = settings.planOptions(threads: threads)
    var plain = PlanOptions(threads: threads)
    self.model = model
    record = ((program.instructions.map(\.layer).max() ?? -1) + 1) * Self.layer
    base = max(Self.usualBase, resident - min(resident, model))
    roofs =
      settings.measuresRoofs && Bench.measuresRoofs(threads: threads, cpus: host.logicalCPUs)
      ? Bandwidth.bufferBytes(on: host) : 0
    guard settings.engine == .onednn else {
      plan = library.predictMemory(program, options: plain)
      plain.fusion = false
      engine = EngineMemory(program).bytes(
        settings.engine, values: library.predictMemory(program, options: plain).values)
      comparison = 0
      beginsLate = false
      return
    }
    plan = library.predictMemory(program, options: options)
    let isNarrow = options.precision != .f32 && plan.calibration == 0
    comparison =
      isNarrow || isCompared ? library.predictMemory(program, options: plain).peak : 0
    engine = 0
    beginsLate = options.precision == .int8
  }

  /// What the record's `peak_memory_bytes` will be: the process until the warm-up ends, measurements of the machine
  /// apart; with another engine its process.
  package var recorded: Int {
    if engine > 0 { return engine }
    return [base, model, beginsLate ? plan.running : plan.peak].total
  }

  /// The times at which memory may be at its most.
  package var phases: [Phase] {
    let process = [("the process itself", base), ("the model's file", model)]
    let constants = process + [("weights", plan.weights), ("primitives", plan.primitives)]
    let passes = constants + [("values", plan.values), ("working memory", plan.scratchpad)]
    let measured = ("the buffer of the roofs", roofs)
    var list = [
      Phase("while weights are packed", constants + [("the largest once more", plan.packing)])
    ]
    if plan.calibration > 0 {
      list.append(
        Phase("while int8 is calibrated", process + [("the network in f32", plan.calibration)]))
    }
    if plan.search > 0 {
      list.append(
        Phase(
          "while implementations are tried",
          process + [("the process that tries them", [Self.usualBase, model, plan.search].total)]))
    }
    if engine > 0 {
      list.append(Phase("while roofs are measured", process + [measured]))
      list.append(Phase("while a pass runs for comparison", passes))
      list.append(Phase("while the engine runs", process + [("its process", engine)]))
    } else {
      list.append(
        Phase(
          comparison > 0 ? "while outputs are compared" : "while passes run",
          passes + [measured, ("the network in f32", comparison), ("the record", record)]))
    }
    return list
  }

  /// The time at which it takes most.
  package var largest: Phase {
    phases.max { $0.bytes < $1.bytes } ?? Phase("while passes run", [])
  }

  /// The most that it takes, with the processes beside it.
  package var peak: Int { largest.bytes }
}
