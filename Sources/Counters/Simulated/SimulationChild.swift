import Files
import Machine
public import Profiling
import SystemPackage

/// The simulated process's side: it reports what it runs and has callgrind count its layers.
public struct SimulationChild {
  /// Ties this process to the one that started it.
  ///
  /// - Parameter parent: Who started it.
  /// - Throws: `CounterError` outside valgrind, or when the parent has ended.
  public init(parent: Int32) throws(CounterError) {
    guard Callgrind.isRunning else {
      throw CounterError(
        source: .simulated, reason: "this process does not run under callgrind",
        remedy: "use 'ntprof profile --counters simulated'")
    }
    guard ChildProcess.endWithParent(parent) else {
      throw CounterError(
        source: .simulated, reason: "the process that wanted the counts has ended",
        remedy: "use 'ntprof profile --counters simulated'")
    }
  }

  /// Tells the parent what this process runs.
  public func report(_ program: SimulatedProgram) { write(SimulationReport.encode(program)) }

  /// Runs the steps of one layer with empty caches, each counted.
  ///
  /// - Parameters:
  ///   - layer: The layer's index.
  ///   - steps: Its steps, which follow one another.
  ///   - run: Runs one step.
  /// - Throws: What `run` throws.
  public func countCold<Failure: Error>(
    layer: Int, steps: Range<Int>, run: (Int) throws(Failure) -> Void
  ) throws(Failure) {
    let names = CTexts(steps.map(PartName.cold))
    defer { withExtendedLifetime(names) {} }
    Callgrind.start()
    for (step, name) in zip(steps, names.pointers) {
      guard let name else { break }
      // Nothing between these but the step: what stands here is counted with it.
      Callgrind.zero()
      try run(step)
      Callgrind.dump(name)
    }
    Callgrind.stop()
    write(SimulationReport.encode(begun: layer))
  }

  /// Runs two passes and counts steps of the second one, which find in the caches what the steps
  /// before them leave there.
  ///
  /// - Parameters:
  ///   - passes: Which steps run under the simulation, and which are counted.
  ///   - layerOf: The layer of each step; its steps follow one another.
  ///   - run: Runs one step.
  /// - Throws: What `run` throws.
  public func countInPasses<Failure: Error>(
    _ passes: SimulatedPasses, layerOf: [Int], run: (Int) throws(Failure) -> Void
  ) throws(Failure) {
    let names = CTexts(layerOf.indices.map(PartName.warm))
    defer { withExtendedLifetime(names) {} }
    var isSimulating = false
    for position in passes.positions {
      if position.isSimulated != isSimulating {
        if isSimulating { Callgrind.stop() } else { Callgrind.start() }
        isSimulating = position.isSimulated
      }
      guard position.isCounted, let name = names.pointers[position.step] else {
        try run(position.step)
        continue
      }
      Callgrind.zero()
      try run(position.step)
      Callgrind.dump(name)
      let (layer, next) = (layerOf[position.step], position.step + 1)
      if next == layerOf.count || layerOf[next] != layer {
        write(SimulationReport.encode(finished: layer))
      }
    }
    if isSimulating { Callgrind.stop() }
  }

  private func write(_ bytes: [UInt8]) {
    try? FileDescriptor(rawValue: Valgrind.reportDescriptor).writeWhole(bytes)
  }
}

/// The names of the parts of a dump: which step, and in which state of the caches.
enum PartName {
  static func cold(_ step: Int) -> String { "cold \(step)" }
  static func warm(_ step: Int) -> String { "warm \(step)" }
}
