import DNNL
import Synchronization
import Topology

@testable import Execution
@testable import Measuring

/// What parts of planning are made of in tests, each by itself.
struct Parts {
  let flow: Dataflow
  let table: ValueTable
  let engine: DNNL.Engine
  let stream: Stream

  init(_ program: Program) throws {
    flow = Dataflow(program)
    table = ValueTable(flow)
    engine = try DNNL.Engine()
    stream = try Stream(engine)
  }

  func loader(
    _ weights: any WeightProvider = SeededWeights(seed: 1), isSurvey: Bool = false
  ) -> ConstantLoader {
    ConstantLoader(
      flow.program, weights, engine: engine, stream: stream, threads: 1, isSurvey: isSurvey)
  }

  func numbers(_ precision: Precision = .f32, _ ranges: ValueRanges? = nil) -> NumberPolicy {
    NumberPolicy(flow, precision, ranges, table)
  }

  /// All parts together, with a timer of the test's own.
  func context(
    _ options: PlanOptions = PlanOptions(), _ layouts: Layouts? = nil,
    tunings: TuningMemory = TuningMemory(), timer: (any TrialTimer)? = nil
  ) -> PlanningContext {
    let setting = PlanningContext.Setting(
      flow: flow, options: options, weights: SeededWeights(seed: options.seed), ranges: nil,
      tunings: tunings, engine: engine, stream: stream)
    return PlanningContext(setting, layouts, isSurvey: true, timer: timer)
  }
}

/// Weights that count how often they are asked for.
final class CountedWeights: WeightProvider {
  private let count = Mutex(0)
  var fills: Int { count.withLock { $0 } }

  func fill(
    instruction: Int, slot: WeightSlot, index: Int, offset: Int,
    into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    count.withLock { $0 += 1 }
    for place in buffer.indices { buffer[place] = Float(offset + place) }
  }
}

/// Times as a test says: runs nothing.
final class ScriptedTimer: TrialTimer {
  let isCold = false
  let budget: UInt64 = 0
  let isOverrun = false
  /// What was timed, by the names of implementations; movements of data are left out.
  private(set) var timed: [String] = []
  private let script: (_ number: Int, _ name: String) -> Double

  /// `script` gives the time of an implementation by how many were timed before it, and its name.
  init(_ script: @escaping (_ number: Int, _ name: String) -> Double) { self.script = script }

  func time(
    _ descriptor: borrowing PrimitiveDescriptor, _ operands: [(Argument, MemoryDescriptor)],
    best known: Double, budget: UInt64?
  ) throws(DNNLError) -> Double {
    // Movements have a budget of their own.
    if budget != nil { return 0 }
    timed.append(descriptor.implementation)
    return script(timed.count - 1, descriptor.implementation)
  }

  func time(_ plan: Plan, best known: Double) throws(ExecutionError) -> Double { .infinity }
}
