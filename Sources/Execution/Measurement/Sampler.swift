public import Profiling
import Machine

/// Takes the samples of one planned network: bare and timed passes in alternation, then passes
/// that count events.
///
/// The order bare-timed, timed-bare, … lets both kinds of pass see the same drift of the machine,
/// so that their ratio is the cost of measuring (`docs/adr/0004-two-interleaved-passes.md`).
///
/// With cold caches each layer finds nothing of what it reads and writes in any cache, and a bare
/// pass finds nothing of the whole network at its start. Emptying them is no part of any time.
public final class Sampler {
  let runner: any PassRunner
  let marks: UnsafeMutableBufferPointer<Bool>
  private let stamps: UnsafeMutableBufferPointer<UInt64>
  /// The steps to flush at each boundary; nil at most, and everywhere with warm caches.
  let cold: [Range<Int>?]
  /// How often threads of this process had to leave a core so far.
  private let switches: () -> Int
  private var pairs = 0
  /// Whether caches are emptied.
  public let isCold: Bool

  /// Whether each step is instrumented.
  public let instrumented: [Bool]
  /// Time of the very first pass, ns.
  public private(set) var firstPassNs: Double?
  /// Warm-up passes made, the first included.
  public private(set) var warmupPasses = 0
  /// Times of bare passes, ns.
  public private(set) var bare: [Double] = []
  /// Times of timed passes, ns.
  public private(set) var timed: [Double] = []
  /// How often other programs took a core from this one during the timed passes that were kept.
  public private(set) var interruptions = 0
  /// Pairs of passes not kept because another program took a core during one of them.
  public private(set) var droppedPairs = 0
  /// Step times of timed passes, ns: row-major, one row a pass; NaN where not instrumented.
  public private(set) var steps: [Double] = []
  /// What passes that counted events gave.
  public internal(set) var counts = CountedSamples()
  /// Whether reading the counters took system calls.
  public internal(set) var readsBySystemCall = true
  /// Why counting stopped early, if it did.
  public internal(set) var counterFailure: CounterError?

  /// Pairs kept for each one dropped, at least: on a machine that is never quiet, or for passes so long
  /// that each is disturbed, dropping would only take time.
  static let keptPerDropped = 4

  /// Prepares to sample a network.
  ///
  /// - Parameters:
  ///   - runner: The network.
  ///   - instrumented: Whether each step is; one element a step.
  ///   - coldLayers: The steps of each layer, where layers are to begin with cold caches; those
  ///     without instruments are left alone.
  ///   - switches: How often threads of this process had to leave a core so far; the kernel's count
  ///     by default.
  public init(
    runner: any PassRunner, instrumented: [Bool], coldLayers: [Range<Int>]? = nil,
    switches: (() -> Int)? = nil
  ) {
    self.runner = runner
    self.switches = switches ?? Usage.involuntarySwitches
    isCold = coldLayers != nil
    var cold = [Range<Int>?](repeating: nil, count: runner.stepCount + 1)
    for layer in coldLayers ?? [] where layer.contains(where: { instrumented[$0] }) {
      cold[layer.lowerBound] = layer
    }
    self.cold = cold
    self.instrumented = instrumented
    marks = .allocate(capacity: runner.stepCount + 1)
    stamps = .allocate(capacity: runner.stepCount + 1)
    for boundary in 0...runner.stepCount {
      let before = boundary > 0 && instrumented[boundary - 1]
      let after = boundary < runner.stepCount && instrumented[boundary]
      marks[boundary] = before || after
    }
    stamps.initialize(repeating: 0)
  }

  deinit {
    marks.deallocate()
    stamps.deallocate()
  }

  /// Runs passes that are not kept, the first of which is timed as a whole.
  ///
  /// Without a number given: until 3 passes and 0.2 s are over.
  ///
  /// - Throws: ``ExecutionError`` from a pass.
  public func warmUp(passes: Int?, isCancelled: () -> Bool) throws(ExecutionError) {
    let begin = Clock.now()
    if firstPassNs == nil {
      try runner.run()
      firstPassNs = Double(Clock.now() - begin)
      warmupPasses = 1
    }
    while !isCancelled() {
      let seconds = Double(Clock.now() - begin) * 1e-9
      if let passes {
        if warmupPasses >= passes { return }
      } else if warmupPasses >= 3 && seconds > 0.2 || seconds > 5 {
        return
      }
      try runner.run()
      warmupPasses += 1
    }
  }

  /// One pass that is not kept, to bring caches back to what the network leaves in them.
  ///
  /// - Throws: ``ExecutionError`` from the pass.
  public func settle() throws(ExecutionError) { try runner.run() }

  /// Takes one bare and one timed sample, alternating which comes first.
  ///
  /// A pair during which another program took a core is dropped and taken again, as long as no more
  /// than one in five is: both passes, so that their numbers stay equal.
  ///
  /// - Throws: ``ExecutionError`` from a pass.
  public func takePair() throws(ExecutionError) {
    while true {
      let isBareFirst = pairs % 2 == 0
      pairs += 1
      let begin = switches()
      var bareNs = isBareFirst ? try runBare() : 0
      let before = switches()
      let pass = try runTimed()
      let after = switches()
      if !isBareFirst { bareNs = try runBare() }
      if switches() != begin && droppedPairs < bare.count / Self.keptPerDropped {
        droppedPairs += 1
        continue
      }
      bare.append(bareNs)
      timed.append(pass.total)
      steps += pass.steps
      interruptions += after - before
      return
    }
  }

  /// How often a second other programs took a core from this one; nil where less than 0.1 s was
  /// timed, in which a single interruption would be many a second.
  public var interruptionsPerSecond: Double? {
    let seconds = timed.reduce(0, +) * 1e-9
    return seconds >= 0.1 ? Double(interruptions) / seconds : nil
  }

  private func runBare() throws(ExecutionError) -> Double {
    if isCold { try runner.flush(steps: 0..<runner.stepCount) }
    let begin = Clock.now()
    try runner.run()
    return Double(Clock.now() - begin)
  }

  /// A pass with a clock read at each boundary, ns: the whole and its steps.
  func runTimed() throws(ExecutionError) -> (total: Double, steps: [Double]) {
    if isCold { return try runTimedCold() }
    let begin = Clock.now()
    try runner.run(stamps: stamps, marks: UnsafeBufferPointer(marks))
    let total = Double(Clock.now() - begin)
    let steps = (0..<runner.stepCount).map { step in
      instrumented[step] ? Double(stamps[step + 1] &- stamps[step]) : .nan
    }
    return (total, steps)
  }

  /// A timed pass with caches emptied before each layer, which is timed and taken off.
  private func runTimedCold() throws(ExecutionError) -> (total: Double, steps: [Double]) {
    let clock = BoundaryReadings<UInt64>(steps: runner.stepCount, width: 1, zero: 0)
    var flushed: UInt64 = 0
    var failure: ExecutionError?
    let begin = Clock.now()
    try runner.run(marks: UnsafeBufferPointer(marks)) { boundary in
      let reached = Clock.now()
      clock.reached[boundary] = reached
      clock.left[boundary] = reached
      guard let steps = cold[boundary] else { return }
      do throws(ExecutionError) { try runner.flush(steps: steps) } catch { failure = error }
      clock.left[boundary] = Clock.now()
      flushed += clock.left[boundary] - reached
    }
    let total = Double(Clock.now() - begin - flushed)
    if let failure { throw failure }
    let steps = (0..<runner.stepCount).map { step in
      instrumented[step] ? clock.difference(step: step, column: 0) : .nan
    }
    return (total, steps)
  }

  /// Half width of the 95 % interval of the bare median, over that median.
  public var halfWidth: Double? { TimeSummary(samples: bare).relativeHalfWidth }
}
