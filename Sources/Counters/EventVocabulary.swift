import Machine
public import Profiling

/// The names that `--events` can mean something by, on this CPU or another.
public enum EventVocabulary {
  /// Sets, record names, the kernel's, callgrind's, and those of every CPU in the catalogue.
  public static var all: [String] { names.sorted() }

  private static let names: Set<String> = {
    var names = Set(EventSelection.setNames + CounterEvents.standard)
    names.formUnion(PerfEvents.table.keys)
    names.formUnion(SoftwareCounters.events.map(\.name))
    names.formUnion(SimulatedEvents.all.map(\.name))
    for entry in EventCatalogue.all { names.formUnion(entry.events.map(\.name)) }
    return names
  }()

  /// Whether a name can be an event somewhere: a known one, PAPI's or libpfm's by its form, or `rHEX`.
  public static func knows(_ name: String) -> Bool {
    if names.contains(name) || name.hasPrefix("PAPI_") || name.contains(":") { return true }
    return name.first == "r" && name.count > 1 && UInt64(name.dropFirst(), radix: 16) != nil
  }
}

extension CounterSources {
  /// Why events that were asked for cannot be counted at all by what was selected; nil where one at
  /// least can.
  ///
  /// - Parameters:
  ///   - events: As given with `--events`.
  ///   - selected: What ``select(_:events:threads:)`` chose for them.
  /// - Returns: The reasons, and what to do.
  public static func refusal(
    of events: [String], by selected: SelectedSource
  ) -> CounterError? {
    let skipped = Dictionary(selected.skipped.map { ($0.name, $0.reason) }) { first, _ in first }
    guard !events.isEmpty, selected.name != .none, events.allSatisfy({ skipped[$0] != nil })
    else { return nil }
    let reasons = events.map { "\($0): \(skipped[$0] ?? "")" }
    let simulated = SimulatedEvents.all.map(\.name)
    let remedy =
      events.contains(where: simulated.contains)
      ? "--counters simulated counts \(events.filter(simulated.contains).joined(separator: ", ")) "
        + "under callgrind"
      : "ntprof machine says which sources count here and why others do not"
    return CounterError(
      source: selected.name, reason: reasons.joined(separator: "; "), remedy: remedy)
  }
}
