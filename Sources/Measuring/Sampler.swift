public import Machine
public import Profiling

/// Takes the samples of one planned network: bare and timed passes in alternation, then passes
/// that count events.
///
/// The order bare-timed, timed-bare, … lets both kinds of pass see the same drift of the machine,
/// so that their ratio is the cost of measuring (`docs/adr/0004-two-interleaved-passes.md`).
///
/// With cold caches each layer finds nothing of what it reads and writes in any cache, and a bare
/// pass finds nothing of the whole network at its start. With cold weights both kinds of pass find no
/// weights, and all else where the pass before left it. Emptying caches is no part of any time.
public final class Sampler {
  let runner: any PassRunner
  let marks: [Bool]
  private let stamps: UnsafeMutableBufferPointer<UInt64>
  /// The steps to flush at each boundary; nil at most, and everywhere with warm caches.
  let cold: [Range<Int>?]
  /// What threads of this process did not get so far, although they wanted it.
  private let losses: () -> StolenTime.Reading
  /// Which pairs are kept of a run that takes more than memory and record should hold.
  private var thinning: SampleThinning
  /// Whether caches are emptied.
  public let isCold: Bool
  /// Whether weights are dropped from all caches before each pass.
  private let dropsWeights: Bool

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
  /// What was lost during each pair of passes; ``keep(_:)`` leaves those of the pairs it keeps.
  public private(set) var lost: [PairLoss] = []
  /// How much of all that was taken was disturbed; nil until ``keep(_:)``.
  public private(set) var disturbance: Disturbance?
  /// Step times of timed passes, ns: row-major, one row a pass; NaN where not instrumented.
  public private(set) var steps: [Double] = []
  /// What passes that counted events gave.
  public internal(set) var counts = CountedSamples()
  /// Whether reading the counters took system calls.
  public internal(set) var readsBySystemCall = true
  /// Why counting stopped early, if it did.
  public internal(set) var counterFailure: CounterError?

  /// Prepares to sample a network.
  ///
  /// - Parameters:
  ///   - runner: The network.
  ///   - instrumented: Whether each step is; one element a step.
  ///   - coldLayers: The steps of each layer, where layers are to begin with cold caches; those
  ///     without instruments are left alone.
  ///   - findsWeightsCold: Whether passes are to begin without weights in any cache, and with all else there.
  ///   - losses: What threads of this process did not get so far; the kernel's accounts by default.
  public init(
    runner: any PassRunner, instrumented: [Bool], coldLayers: [Range<Int>]? = nil,
    findsWeightsCold: Bool = false,
    losses: (() -> StolenTime.Reading)? = nil
  ) {
    self.runner = runner
    // Opened at the first pair: the warm-up begins the threads of the team.
    var accounts: StolenTime?
    self.losses =
      losses
      ?? {
        let opened = accounts ?? StolenTime()
        accounts = opened
        return opened.read()
      }
    isCold = coldLayers != nil
    dropsWeights = findsWeightsCold && coldLayers == nil
    var cold = [Range<Int>?](repeating: nil, count: runner.stepCount + 1)
    for layer in coldLayers ?? [] where layer.contains(where: { instrumented[$0] }) {
      cold[layer.lowerBound] = layer
    }
    self.cold = cold
    self.instrumented = instrumented
    thinning = SampleThinning(room: Self.room(steps: runner.stepCount))
    marks = (0...runner.stepCount).map { boundary in
      let before = boundary > 0 && instrumented[boundary - 1]
      let after = boundary < runner.stepCount && instrumented[boundary]
      return before || after
    }
    stamps = .allocate(capacity: runner.stepCount + 1)
    stamps.initialize(repeating: 0)
  }

  deinit { stamps.deallocate() }

  /// Pairs that are kept at most of a network of so many steps: numbers of some MB.
  private static func room(steps: Int) -> Int { min(max(1_000_000 / (steps + 2), 2000), 10_000) }

  /// Pairs that are kept at most; less than that is what networks measured in turn agree on.
  public var room: Int {
    get { thinning.room }
    set { if thinning.taken == 0 { thinning = SampleThinning(room: newValue) } }
  }

  /// Pairs taken.
  public var taken: Int { thinning.taken }
  /// Of so many pairs in a row one is kept, drawn at random.
  public var stride: Int { thinning.stride }
  /// Pairs taken that nothing disturbed.
  public private(set) var cleanTaken = 0

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
  /// Every pair is kept for now, with what was lost meanwhile, as far as there is room (``stride``):
  /// ``keep(_:)`` chooses at the end.
  ///
  /// - Throws: ``ExecutionError`` from a pass.
  public func takePair() throws(ExecutionError) {
    let isBareFirst = taken % 2 == 0
    let before = losses()
    var bareNs = isBareFirst ? try runBare() : 0
    let pass = try runTimed()
    if !isBareFirst { bareNs = try runBare() }
    let loss = PairLoss(from: before, to: losses(), ns: bareNs + pass.total)
    if !loss.isDisturbed { cleanTaken += 1 }
    guard thinning.keepsNext() else { return }
    bare.append(bareNs)
    timed.append(pass.total)
    steps += pass.steps
    lost.append(loss)
    if !loss.isDisturbed { clean.append(bareNs) }
    if let stay = thinning.halving() { select(stay) }
  }

  /// Times of bare passes of pairs that nothing disturbed, ns.
  public private(set) var clean: [Double] = []

  /// Keeps some pairs, by index in ascending order, and forgets the others: both passes of each, so
  /// that their numbers stay equal.
  public func keep(_ chosen: [Int]) {
    let share = lost.isEmpty ? 0 : lost.reduce(0) { $0 + $1.share } / Double(lost.count)
    disturbance = Disturbance(
      pairs: lost.count, disturbed: lost.count { $0.isDisturbed },
      kept: chosen.count { lost[$0].isDisturbed }, stolenShare: share)
    select(chosen)
  }

  private func select(_ chosen: [Int]) {
    let width = runner.stepCount
    steps = chosen.flatMap { steps[($0 * width)..<(($0 + 1) * width)] }
    bare = chosen.map { bare[$0] }
    timed = chosen.map { timed[$0] }
    lost = chosen.map { lost[$0] }
    clean = zip(bare, lost).filter { !$1.isDisturbed }.map(\.0)
  }

  /// How often a second other programs took a core from this one during the pairs that are there;
  /// nil where less than 0.1 s was measured, in which a single interruption would be many a second.
  public var interruptionsPerSecond: Double? {
    let seconds = (bare.reduce(0, +) + timed.reduce(0, +)) * 1e-9
    let switches = lost.reduce(0) { $0 + $1.switches }
    return seconds >= 0.1 ? Double(switches) / seconds : nil
  }

  private func runBare() throws(ExecutionError) -> Double {
    if isCold { try runner.flush(steps: 0..<runner.stepCount) }
    try dropWeights()
    let begin = Clock.now()
    try runner.run()
    return Double(Clock.now() - begin)
  }

  /// Drops the weights of the whole network, where passes are to find none.
  func dropWeights() throws(ExecutionError) {
    if dropsWeights { try runner.flushWeights(steps: 0..<runner.stepCount) }
  }

  /// A pass with a clock read at each boundary, ns: the whole and its steps.
  func runTimed() throws(ExecutionError) -> (total: Double, steps: [Double]) {
    if isCold { return try runTimedCold() }
    try dropWeights()
    let (stamps, marks) = (stamps, marks)
    var room = stamps.mutableSpan
    let begin = Clock.now()
    try runner.run(stamps: &room, marks: marks.span)
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
    let marks = marks
    let begin = Clock.now()
    try runner.run(marks: marks.span) { boundary in
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

  /// Half width of the 95 % interval of the median of the clean bare passes, over that median; nil
  /// where they give none.
  public var halfWidth: Double? {
    clean.isEmpty ? nil : TimeSummary(samples: clean).relativeHalfWidth
  }
}
