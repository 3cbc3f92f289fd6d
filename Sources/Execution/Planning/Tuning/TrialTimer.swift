import DNNL
import Machine
import Measuring

/// What a search times things with: ``Trial`` runs them; a test may have a script of times.
protocol TrialTimer: AnyObject {
  /// Whether weights are taken out of the caches before each run.
  var isCold: Bool { get }
  /// How long one thing is timed, ns.
  var budget: UInt64 { get }
  /// Whether what was timed last wrote where it should not.
  var isOverrun: Bool { get }

  /// The best time of a primitive, ns.
  ///
  /// `operands` are arguments beyond the usual ones; one that is far slower than `best` need not be timed
  /// well. `budget` takes the place of the own one.
  func time(
    _ descriptor: borrowing PrimitiveDescriptor, _ operands: [(Argument, MemoryDescriptor)],
    best known: Double, budget: UInt64?
  ) throws(DNNLError) -> Double

  /// The best time of a pass of a plan, ns.
  func time(_ plan: Plan, best known: Double) throws(ExecutionError) -> Double
}

extension Trial: TrialTimer {
  /// The best time of several passes after a first one, ns; that of the second one where it is far
  /// slower than `best`.
  func time(_ plan: Plan, best known: Double) throws(ExecutionError) -> Double {
    func run() throws(ExecutionError) -> Double {
      if isCold { try plan.flush(steps: 0..<plan.stepCount) }
      let start = Clock.now()
      try plan.run()
      return Double(Clock.now() - start)
    }
    // The first pass meets memory and code for the first time.
    _ = try run()
    var best = try run()
    if best > Trial.patience * known { return best }
    var runs = 1
    var spent = 0.0
    while runs < 3 || spent < Double(budget) {
      let time = try run()
      best = min(best, time)
      spent += time
      runs += 1
    }
    return best
  }
}

/// When a search within a budget may try things.
final class TrialWindow {
  /// Whether what is not known is tried, now.
  private(set) var isOpen = false
  /// When trying ends; ns of ``Machine/Clock``.
  private var end: UInt64 = 0

  /// Whether there is time for one more trial.
  var hasTime: Bool { isOpen && Clock.now() < end }

  /// Has `body` try things until a time.
  func open<Result>(
    until end: UInt64, _ body: () throws(DNNLError) -> Result
  ) throws(ExecutionError) -> Result {
    isOpen = true
    self.end = end
    defer { isOpen = false }
    do throws(DNNLError) { return try body() } catch {
      throw ExecutionError(layer: nil, error)
    }
  }
}

/// What all parts of a search have in common.
struct SearchSettings {
  let flow: Dataflow
  let options: PlanOptions
  /// What implementations are timed with.
  let timer: any TrialTimer
  /// What searches found.
  let tunings: TuningMemory
  /// When ``PlanOptions/Tuning/auto`` tries things.
  let window = TrialWindow()

  /// Whether what is not known is guessed instead of tried.
  var guesses: Bool { options.tuning == .auto && !window.isOpen }
  /// What times depend on beside the work, as keys name it.
  var cacheState: String { timer.isCold ? " cold" : "" }
}
