extension CounterRecord {
  /// The events of several layers together: those that all of them have.
  ///
  /// - Parameter records: One a layer, of one source.
  /// - Returns: Their sums; nil when there are none, or sources differ.
  public static func sum(of records: [CounterRecord]) -> CounterRecord? {
    guard let first = records.first, records.allSatisfy({ $0.source == first.source }) else {
      return nil
    }
    var events: [String: Event] = [:]
    for name in first.events.keys {
      let values = records.compactMap { $0.events[name]?.value }
      if values.count == records.count { events[name] = Event(value: values.reduce(0, +)) }
    }
    let matches = records.compactMap(\.implementationMatches)
    let simulated = records.compactMap(\.simulatedImplementations)
    return CounterRecord(
      source: first.source,
      implementationMatches: matches.isEmpty ? nil : matches.allSatisfy { $0 },
      simulatedImplementations: simulated.isEmpty ? nil : simulated.flatMap { $0 }, events: events)
  }
}
