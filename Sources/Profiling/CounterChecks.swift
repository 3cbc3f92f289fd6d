/// What the counted values of a record give reason to doubt.
public enum CounterChecks {
  /// Instructions a thread below which the counter reads around a layer dominate its values, where
  /// a read takes no system call.
  ///
  /// Measured by others with `rdpmc` on Zen 4 and two Intel cores: reliable above about 12,000.
  public static let floorWithoutSystemCall = 12_000.0
  /// The same where a read is a system call, which costs about eight times the cycles
  /// (`PAPI_read`: 118-145 with `rdpmc`, 750-1030 with `read`, Weaver).
  public static let floorWithSystemCall = 100_000.0

  /// How far the medians of an event in several groups lie apart: (max − min) / min.
  ///
  /// - Parameter medians: One a group.
  /// - Returns: Nil with fewer than two groups or a median that is not positive.
  public static func drift(of medians: [Double]) -> Double? {
    guard medians.count > 1, let low = medians.min(), let high = medians.max(), low > 0 else {
      return nil
    }
    return (high - low) / low
  }

  /// Warnings `counter-drift`, `below-counter-floor` and `waiting-threads`, from the metrics of the layers.
  public static func warnings(for record: RunRecord) -> [Warning] {
    var list: [Warning] = []
    let drifting = record.layers.filter {
      ($0.metrics[.counterDrift] ?? 0) > TopDown.suspectDrift
    }
    let worst = drifting.max {
      ($0.metrics[.counterDrift] ?? 0) < ($1.metrics[.counterDrift] ?? 0)
    }
    if let worst, let drift = worst.metrics[.counterDrift] {
      list.append(
        Warning(
          code: "counter-drift",
          message: "cycles or instructions differ by more than 5 % between groups of events in "
            + names(drifting.map(\.name))
            + " (\(worst.name): \((drift * 1000).rounded() / 10) %)",
          remedy: "quieten the machine or ask for fewer events; relate only events of one group"))
    }
    let small = record.layers.filter { $0.metrics[.belowCounterFloor] == 1 }
    if !small.isEmpty {
      list.append(
        Warning(
          code: "below-counter-floor",
          message: "too few instructions for reliable counts in " + names(small.map(\.name)),
          remedy: "look at their segment, or raise --batch; their times are not affected"))
    }
    let waiting = record.layers.filter { ($0.metrics[.waitingThreads] ?? 0) > 0 }
    if !waiting.isEmpty {
      list.append(
        Warning(
          code: "waiting-threads",
          message: "threads without work spun in " + names(waiting.map(\.name))
            + ": their cycles and instructions are those of a waiting loop",
          remedy: "OMP_WAIT_POLICY=passive shows the work alone; fewer --threads may be as fast"))
    }
    return list
  }

  private static func names(_ all: [String]) -> String {
    let shown = all.prefix(5).joined(separator: ", ")
    return all.count > 5 ? "\(shown) and \(all.count - 5) more layers" : shown
  }
}
