import Execution
import Files
import FoundationEssentials
import Machine
package import Measuring
import SystemPackage
import Topology

/// Finds the layers that run longer than `--layer-timeout`, in a process of its own, which is ended and
/// started again without each of them: what hangs in a library cannot be stopped in this one.
package struct LayerWatch {
  package let topology: LoadedTopology
  package let options: MeasurementSettings
  /// Threads that really run.
  package let threads: Int
  /// Seconds that a layer may take.
  package let seconds: Double
  /// Who is told that it goes on.
  package let observer: any SessionObserver

  /// The indices of those layers, in the order in which they were met.
  ///
  /// - Throws: ``Failure`` where the network cannot be planned, or a layer cannot be run.
  package func slowLayers() throws(Failure) -> [Int] {
    var found: [Int] = []
    defer { observer.progressEnded() }
    while !Interrupt.isRequested {
      observer.progress("watching for layers of more than \(seconds) s…")
      guard let slow = try next(without: found) else { break }
      found.append(slow)
    }
    return found
  }

  /// How often a process that is ended from outside is started again.
  private static let patience = 3

  /// The first layer that is too slow, beside those that are known; nil when all others ended in time.
  private func next(without known: [Int]) throws(Failure) -> Int? {
    var attempt = 1
    while true {
      let (process, place, errors) = try start(without: known)
      if let slow = layer(of: process, at: place) { return slow }
      switch process.ending {
      case .exited(0)?, nil: return nil
      case .killed?, .unknown?:
        attempt += 1
        if attempt <= Self.patience { continue }
      case .exited?: break
      }
      let words = String(decoding: errors.contents(), as: UTF8.self)
        .split(separator: "\n").first.map { String($0.trimmingPrefix(Failure.prefix)) }
      throw Failure(
        .software,
        words ?? "the process that watches layers ended with "
          + (process.ending.map { "\($0)" } ?? "no status"))
    }
  }

  /// The layer at which a process is for too long, and is ended; nil when it ended by itself, or the
  /// user asked to stop.
  private func layer(of process: ChildProcess, at place: MemoryFile) -> Int? {
    var (layer, since) = (-1, Clock.now())
    while process.poll() == nil {
      if Interrupt.isRequested { return nil }
      let now = Self.layer(place.contents())
      if now != layer { (layer, since) = (now, Clock.now()) }
      if layer >= 0, Double(Clock.now() - since) * 1e-9 > seconds {
        process.kill()
        return layer
      }
      Pause.milliseconds(2)
    }
    return nil
  }

  private func start(
    without known: [Int]
  ) throws(Failure) -> (ChildProcess, place: MemoryFile, errors: MemoryFile) {
    var settings = MeasurementSettings()
    settings.threads = threads
    settings.pin = options.pin
    settings.askedPrecision = options.precision
    settings.planning.seed = options.seed
    settings.planning.isa = options.isa
    settings.planning.noFusion = options.noFusion
    // What a search tries may hang, too, and nobody would know in which layer.
    settings.planning.askedTuning = "fast"
    let task = ChildTask(
      .watch(without: known), RunSettings(topology.childSettings, settings))
    do throws(SystemCallError) {
      let (place, errors) = (try MemoryFile("layer"), try MemoryFile("errors"))
      let process = try ChildProcess(
        ChildProcess.sameProgram, arguments: task.arguments,
        environment: Environment.all,
        descriptors: [(1, place.descriptor), (2, errors.descriptor)])
      return (process, place, errors)
    } catch {
      throw Failure(cannotStart: "a process that watches layers", error)
    }
  }

  /// What the other process is at: a layer's index, and −1 before the first.
  private static func layer(_ bytes: [UInt8]) -> Int {
    guard bytes.count >= 8 else { return -1 }
    return Int(Int64(bitPattern: bytes[..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }))
  }

  /// Says on standard output that a layer begins.
  package static func tell(_ layer: Int) {
    withUnsafeBytes(of: Int64(layer).littleEndian) { bytes in
      _ = try? FileDescriptor.standardOutput.write(toAbsoluteOffset: 0, bytes)
    }
  }
}

/// A plan of which some steps are left out: what reads them finds what was there before.
package final class PartialPlan: PassRunner {
  private let plan: any PlannedNetwork
  private let isLeftOut: [Bool]

  /// Leaves out all steps of some layers.
  package init(_ plan: any PlannedNetwork, without layers: [Int]) {
    self.plan = plan
    isLeftOut = plan.steps.map { layers.contains($0.layer) }
  }

  package var stepCount: Int { plan.stepCount }

  package func run() throws(ExecutionError) {
    for step in 0..<stepCount where !isLeftOut[step] { try plan.run(step: step) }
  }

  package func run(
    stamps: inout MutableSpan<UInt64>, marks: Span<Bool>
  ) throws(ExecutionError) {
    for step in 0..<stepCount {
      if marks[step] { stamps[step] = Clock.now() }
      if !isLeftOut[step] { try plan.run(step: step) }
    }
    if marks[stepCount] { stamps[stepCount] = Clock.now() }
  }

  package func run(marks: Span<Bool>, visit: (Int) -> Void) throws(ExecutionError) {
    for step in 0..<stepCount {
      if marks[step] { visit(step) }
      if !isLeftOut[step] { try plan.run(step: step) }
    }
    if marks[stepCount] { visit(stepCount) }
  }

  package func flush(steps: Range<Int>) throws(ExecutionError) { try plan.flush(steps: steps) }

  package func flushWeights(steps: Range<Int>) throws(ExecutionError) {
    try plan.flushWeights(steps: steps)
  }
}
