/// What costs time around the work: calls, other programs, uneven threads, a slower clock.
enum LaunchHindrances {
  static let rules: [@Sendable (HindranceInput) -> Hindrance?] = [
    launch, disturbed, imbalance, clock,
  ]

  /// `launch`: what the calls of its primitives take.
  ///
  /// A call takes as long as the quickest primitive of the run among layers whose work, by their
  /// roofs, is done within the dispatch (`call_ns`), and at least as long as the dispatch. Where a
  /// primitive of the record is a run of commands (a split recurrent layer), the calls are those, and
  /// a call is the dispatch: nothing waits between them.
  static func launch(_ input: HindranceInput) -> Hindrance? {
    let primitives = Double(Swift.max(input.layer.primitives.count, 1))
    let dispatch = Roofline.dispatchNs(threads: input.threads)
    let commands = (input.dispatchNs / dispatch).rounded()
    let calls = Swift.max(commands, primitives)
    let each = commands > primitives ? dispatch : Swift.max(input.floorNs ?? 0, dispatch)
    var evidence: Evidence = [.callNs: each, .calls: calls]
    if input.computeNs > 0 {
      let flops = Double(input.layer.flops) * input.executedShare
      evidence[.threadFlops] = flops / Double(input.threads)
    }
    return input.reason(.launch, takes: each * calls, evidence)
  }

  /// `disturbed`: the passes that nothing disturbed (10th percentile) reach the target.
  static func disturbed(_ input: HindranceInput) -> Hindrance? {
    guard let quiet = input.layer.time?.undisturbed, quiet > input.dispatchNs,
      input.roofNs / (quiet - input.dispatchNs) >= Hindrances.target
    else { return nil }
    var evidence: Evidence = [.undisturbedNs: quiet]
    evidence[.interruptionsPerSecond] = input.roofs[.interruptionsPerSecond]
    return Hindrance(.disturbed, share: 1 - quiet / input.timeNs, evidence: evidence)
  }

  /// `imbalance`: counted by thread, uneven work leaves a part of the team's time unused.
  static func imbalance(_ input: HindranceInput) -> Hindrance? {
    guard let imbalance = input.layer.metrics[.threadImbalance], input.threads > 1 else {
      return nil
    }
    // Of the capacity left unused, 1 is all but one thread.
    let threads = Double(input.threads)
    return input.reason(
      .imbalance, takes: imbalance * (threads - 1) / threads * input.timeNs,
      [.threadImbalance: imbalance, .threads: threads])
  }

  /// `clock`: cycles by time are 5 % and more below the calibration's clock.
  ///
  /// Counted cycles only: estimated ones are time × clock.
  static func clock(_ input: HindranceInput) -> Hindrance? {
    guard let counters = input.layer.counters, [.papi, .perf].contains(counters.source),
      let calibrated = input.record.machine.rooflines?.clockHz, calibrated > 0
    else { return nil }
    let busiest = counters.threads?.compactMap { $0[CommonEvent.cycles] }.max()
    let alone = input.threads == 1 ? counters.events[CommonEvent.cycles]?.value : nil
    guard let cycles = busiest ?? alone, cycles > 0 else { return nil }
    let clock = cycles / input.timeNs * 1e9
    guard clock < 0.95 * calibrated else { return nil }
    return Hindrance(
      .clock, share: 1 - clock / calibrated,
      evidence: [.clockHz: clock, .calibratedHz: calibrated])
  }
}
