import Profiling

/// What counting says of some steps.
extension Measurement {
  /// Events of some steps: counted ones, else cycles estimated from the median time.
  ///
  /// Both are sums over the threads of the team: one that waits spins, and its cycles count.
  func counters(over chosen: [Int], time: TimeSummary) -> CounterRecord? {
    if counterSource == .none { return nil }
    if counterSource == .estimated || sampler.counts.events.isEmpty {
      guard let clock = rooflines?.clockHz else { return nil }
      let cycles = (time.median * 1e-9 * clock * Double(threads)).rounded()
      return CounterRecord(source: .estimated, events: ["cycles": .init(value: cycles)])
    }
    var events: [String: CounterRecord.Event] = [:]
    for (name, flat) in sampler.counts.events {
      let values = sums(of: flat, over: chosen).sorted()
      guard let low = values.first, let high = values.last else { continue }
      let median = Percentiles.median(of: values)
      events[name] = .init(value: median, spread: median > 0 ? (high - low) / median : nil)
    }
    return CounterRecord(
      source: counterSource, events: events, threads: threads(over: chosen))
  }

  /// Events of some steps by thread: medians over the passes; nil where threads are not told apart.
  private func threads(over chosen: [Int]) -> [[String: Double]]? {
    guard !sampler.counts.threads.isEmpty else { return nil }
    return sampler.counts.threads.map { events in
      events.compactMapValues { flat in
        let values = sums(of: flat, over: chosen)
        return values.isEmpty ? nil : Percentiles.median(of: values)
      }
    }
  }

  /// How much longer some steps took in passes that counted, without the reads around them, than in
  /// timed passes taken in turn with those: the Hodges-Lehmann ratio less one, since the times of
  /// some layers have two modes, between which a median of few passes jumps.
  ///
  /// Of at most ``comparedPasses`` passes of either kind, evenly spaced: there are n·m differences.
  func countedInflation(over chosen: [Int]) -> Double? {
    func some(_ flat: [Double]) -> [Double] {
      let values = sums(of: flat, over: chosen)
      let step = max((values.count + Self.comparedPasses - 1) / Self.comparedPasses, 1)
      return stride(from: 0, to: values.count, by: step).map { values[$0] }
    }
    return PercentDifference.hodgesLehmann(
      baseline: some(sampler.counts.referenceSteps), candidate: some(sampler.counts.steps)
    ).map { $0.percent / 100 }
  }

  private static let comparedPasses = 64

  /// FLOP of what ran for some steps, whose direct algorithms take `flops`; nil where that ran.
  func algorithmFlops(_ flops: Int, over chosen: [Int]) -> Double? {
    let other = chosen.compactMap { algorithmWork[$0] }
    return other.isEmpty
      ? nil : Double(other.reduce(flops) { $0 - $1.direct + $1.executed })
  }

  /// How far cycles or instructions of some steps drift from group to group of events.
  func drift(over chosen: [Int]) -> Double? {
    CommonEvent.crossCheck.compactMap { name -> Double? in
      var rows = sums(of: sampler.counts.events[name] ?? [], over: chosen)[...]
      var medians: [Double] = []
      for group in sampler.counts.groups where group.events.contains(name) && group.passes > 0 {
        medians.append(Percentiles.median(of: rows.prefix(group.passes).sorted()))
        rows = rows.dropFirst(group.passes)
      }
      return CounterChecks.drift(of: medians)
    }.max()
  }

  /// Instructions over all threads below which counted values are not to be relied on.
  var instructionFloor: Double {
    Double(threads)
      * (sampler.readsBySystemCall
        ? CounterChecks.floorWithSystemCall : CounterChecks.floorWithoutSystemCall)
  }
}
