import DNNL
import Machine
public import Measuring

extension Plan: PlannedNetwork {
  /// The number of steps of a pass.
  public var stepCount: Int { bounds.count - 1 }

  /// What a oneDNN plan can do: everything.
  public var capabilities: EngineCapabilities { .all }

  /// The numbers that were asked for.
  public var precision: Precision { options.precision }

  /// One pass with no instrument inside.
  ///
  /// - Throws: ``ExecutionError`` naming the layer whose step failed.
  public func run() throws(ExecutionError) {
    for step in 0..<stepCount { try execute(step) }
    try wait(stepCount)
  }

  /// One pass that reads the clock at the marked boundaries only, after waiting for the step
  /// before.
  ///
  /// Boundary `i` stands before step `i`; the last one after the pass.
  ///
  /// - Parameters:
  ///   - stamps: Room for `stepCount + 1` times, ns of ``Machine/Clock``; those of boundaries that
  ///     are not marked are left alone.
  ///   - marks: Whether each boundary is wanted.
  /// - Throws: ``ExecutionError`` naming the layer whose step failed.
  public func run(
    stamps: inout MutableSpan<UInt64>, marks: Span<Bool>
  ) throws(ExecutionError) {
    for step in 0..<stepCount {
      if marks[step] {
        try wait(step)
        stamps[step] = Clock.now()
      }
      try execute(step)
    }
    try wait(stepCount)
    if marks[stepCount] { stamps[stepCount] = Clock.now() }
  }

  /// One pass that calls `visit` at the marked boundaries, after waiting for the step before.
  ///
  /// - Throws: ``ExecutionError`` naming the layer whose step failed.
  public func run(marks: Span<Bool>, visit: (Int) -> Void) throws(ExecutionError) {
    for step in 0..<stepCount {
      if marks[step] {
        try wait(step)
        visit(step)
      }
      try execute(step)
    }
    try wait(stepCount)
    if marks[stepCount] { visit(stepCount) }
  }

  /// One step alone, on whatever its inputs hold, waited for.
  ///
  /// - Throws: ``ExecutionError`` naming its layer.
  public func run(step: Int) throws(ExecutionError) {
    try execute(step)
    try wait(step + 1)
  }

  @inline(__always)
  private func execute(_ step: Int) throws(ExecutionError) {
    for place in bounds[step]..<bounds[step + 1] {
      let command = script[place]
      guard command >= 0 else {
        hostCalls[~command].run()
        continue
      }
      do throws(DNNLError) { try commands.submit(command) } catch {
        throw ExecutionError(layer: steps[step].layer, error)
      }
    }
  }

  /// Waits for the step before a boundary.
  @inline(__always)
  private func wait(_ boundary: Int) throws(ExecutionError) {
    do throws(DNNLError) { try commands.wait() } catch {
      throw ExecutionError(layer: steps[max(0, boundary - 1)].layer, error)
    }
  }
}
