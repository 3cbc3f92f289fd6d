public import Profiling
import Machine

extension Sampler {
  /// Counts every group of a source in passes of their own.
  ///
  /// Timed passes are taken in turn with them, as many as one group has, so that what counting costs
  /// is not mixed with how the machine changed since the times were taken.
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
      var reads: (events: [Double], threads: [Double])?
      if source.countsItsReads, runner.stepCount > 0 {
        // Right behind a pass, when all threads are awake as they are between steps.
        counts.keep(reference: try runTimed())
        reads = pass.readCosts(101)
      }
      var result: Result<Void, ExecutionError> = .success(())
      for number in 0..<passes where !isCancelled() && pass.failure == nil {
        do throws(ExecutionError) {
          let hasReference = number % source.groups.count == index
          if hasReference && number % 2 == 0 { counts.keep(reference: try runTimed()) }
          let total = try run(pass)
          counts.passes.append(total)
          if pass.failure == nil {
            counts.keep(names, pass, instrumented: instrumented, reads: reads)
          }
          if hasReference && number % 2 == 1 { counts.keep(reference: try runTimed()) }
        } catch {
          result = .failure(error)
          break
        }
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

  /// Counts one pass; the time of it all, ns.
  private func run(_ pass: CountedPass) throws(ExecutionError) -> Double {
    pass.reset()
    try dropWeights()
    let marks = marks
    let begin = Clock.now()
    try runner.run(marks: marks.span) { boundary in
      guard let steps = cold[boundary] else { return pass.visit(boundary, flush: nil) }
      pass.visit(boundary) { () throws(ExecutionError) in try self.runner.flush(steps: steps) }
    }
    if let failure = pass.flushFailure { throw failure }
    return Double(Clock.now() - begin)
  }
}
