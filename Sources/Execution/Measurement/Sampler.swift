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
  private let runner: any PassRunner
  private let marks: UnsafeMutableBufferPointer<Bool>
  private let stamps: UnsafeMutableBufferPointer<UInt64>
  /// The steps to flush at each boundary; nil at most, and everywhere with warm caches.
  private let cold: [Range<Int>?]
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
  /// How often other programs took a core from this one during the timed passes.
  public private(set) var interruptions = 0
  /// Step times of timed passes, ns: row-major, one row a pass; NaN where not instrumented.
  public private(set) var steps: [Double] = []
  /// What passes that counted events gave.
  public private(set) var counts = CountedSamples()
  /// Whether reading the counters took system calls.
  public private(set) var readsBySystemCall = true
  /// Why counting stopped early, if it did.
  public private(set) var counterFailure: CounterError?

  /// Prepares to sample a network.
  ///
  /// - Parameters:
  ///   - runner: The network.
  ///   - instrumented: Whether each step is; one element a step.
  ///   - coldLayers: The steps of each layer, where layers are to begin with cold caches; those
  ///     without instruments are left alone.
  public init(runner: any PassRunner, instrumented: [Bool], coldLayers: [Range<Int>]? = nil) {
    self.runner = runner
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
  /// - Throws: ``ExecutionError`` from a pass.
  public func takePair() throws(ExecutionError) {
    let isBareFirst = bare.count % 2 == 0
    if isBareFirst { try takeBare() }
    let before = Usage.involuntarySwitches()
    try takeTimed()
    interruptions += Usage.involuntarySwitches() - before
    if !isBareFirst { try takeBare() }
  }

  /// How often a second other programs took a core from this one; nil where less than 0.1 s was
  /// timed, in which a single interruption would be many a second.
  public var interruptionsPerSecond: Double? {
    let seconds = timed.reduce(0, +) * 1e-9
    return seconds >= 0.1 ? Double(interruptions) / seconds : nil
  }

  private func takeBare() throws(ExecutionError) {
    if isCold { try runner.flush(steps: 0..<runner.stepCount) }
    let begin = Clock.now()
    try runner.run()
    bare.append(Double(Clock.now() - begin))
  }

  private func takeTimed() throws(ExecutionError) {
    if isCold { return try takeTimedCold() }
    let begin = Clock.now()
    try runner.run(stamps: stamps, marks: UnsafeBufferPointer(marks))
    let end = Clock.now()
    timed.append(Double(end - begin))
    for step in 0..<runner.stepCount {
      steps.append(
        instrumented[step] ? Double(stamps[step + 1] &- stamps[step]) : .nan)
    }
  }

  /// A timed pass with caches emptied before each layer, which is timed and taken off.
  private func takeTimedCold() throws(ExecutionError) {
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
    let end = Clock.now()
    if let failure { throw failure }
    timed.append(Double(end - begin - flushed))
    for step in 0..<runner.stepCount {
      steps.append(instrumented[step] ? clock.difference(step: step, column: 0) : .nan)
    }
  }

  /// Half width of the 95 % interval of the bare median, over that median.
  public var halfWidth: Double? { TimeSummary(samples: bare).relativeHalfWidth }

  /// Counts every group of a source in passes of their own.
  ///
  /// A failing source ends the counting and is kept in ``counterFailure``; times stand.
  ///
  /// - Throws: ``ExecutionError`` from a pass.
  public func count(
    _ source: any CounterSource, passes: Int, isCancelled: () -> Bool
  ) throws(ExecutionError) {
    readsBySystemCall = source.readsBySystemCall
    for (index, names) in source.groups.enumerated() {
      counts.begin(group: names)
      do throws(CounterError) { try source.start(group: index) } catch {
        counterFailure = error
        return
      }
      let pass = CountedPass(source: source, events: names.count, steps: runner.stepCount)
      var result: Result<Void, ExecutionError> = .success(())
      for _ in 0..<passes where !isCancelled() && pass.failure == nil {
        pass.reset()
        let begin = Clock.now()
        do throws(ExecutionError) {
          try runner.run(marks: UnsafeBufferPointer(marks)) { boundary in
            guard let steps = cold[boundary] else { return pass.visit(boundary, flush: nil) }
            pass.visit(boundary) { () throws(ExecutionError) in try self.runner.flush(steps: steps)
            }
          }
          if let failure = pass.flushFailure { throw failure }
        } catch {
          result = .failure(error)
          break
        }
        counts.passes.append(Double(Clock.now() - begin))
        if pass.failure == nil { counts.keep(names, pass, instrumented: instrumented) }
      }
      var failed = pass.failure
      do throws(CounterError) { try source.stop() } catch { failed = failed ?? error }
      try result.get()
      if let failed {
        counterFailure = failed
        return
      }
    }
  }
}
