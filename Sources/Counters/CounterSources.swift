import Machine
public import Profiling

/// A counter source that was chosen, and why not another.
public struct SelectedSource {
  /// The source; nil when events are simulated or estimated, or nothing is counted.
  public let source: (any CounterSource)?
  /// What the record calls it.
  public let name: CounterSourceName
  /// Events that were asked for and are left out, with the reasons.
  public let skipped: [SkippedEvent]
  /// The sources that were preferred and do not work here.
  public let reasons: [SourceAvailability]
}

/// The list of all counter sources, and the choice among them.
public enum CounterSources {
  /// One entry a source, best first.
  public static let all: [Entry] = [
    Entry(name: .papi, automatic: true) { (threads, events) throws(CounterError) in
      let source = try PAPICounters(threads: threads, events: events)
      return (source, source.skipped)
    },
    Entry(name: .perf, automatic: true) { (threads, events) throws(CounterError) in
      let source = try PerfCounters(threads: threads, events: events)
      return (source, source.skipped)
    },
    Entry(name: .software, automatic: false) { (threads, events) throws(CounterError) in
      let source = try SoftwareCounters(threads: threads, events: events)
      return (source, source.skipped)
    },
    Entry(name: .simulated, automatic: false) { (_, events) throws(CounterError) in
      // Nothing counts in this process: ``Simulation`` runs after the timing.
      _ = try Valgrind.find()
      let caches = try SimulatedCaches(Host.read().caches)
      return (nil, try SimulatedEvents.choose(events, caches: caches).skipped)
    },
    Entry(name: .estimated, automatic: true) { (_, events) in
      (nil, EstimatedCycles.skipped(events))
    },
  ]

  /// A source by name: whether `auto` may take it, and how to make it.
  public struct Entry: Sendable {
    /// Makes a source for a team's threads and events, with the events that it leaves out.
    ///
    /// No events are its standard ones; no source is one that counts nothing in this process.
    public typealias Make =
      @Sendable (_ threads: Int, _ events: [String]) throws(CounterError) -> (
        (any CounterSource)?, [SkippedEvent]
      )

    let name: CounterSourceName
    let automatic: Bool
    let make: Make

    /// A source that is made by `make`; with `automatic`, `auto` takes it where those before it fail.
    public init(name: CounterSourceName, automatic: Bool, make: @escaping Make) {
      self.name = name
      self.automatic = automatic
      self.make = make
    }
  }

  /// What `--counters` may be.
  public static let choices = names(of: all)

  private static func names(of entries: [Entry]) -> [String] {
    ["auto"] + entries.map(\.name.rawValue) + ["none"]
  }

  /// Which sources work here, and why the others do not.
  ///
  /// Opens and closes the events of each on the calling thread; no thread is created.
  ///
  /// - Parameter entries: The sources.
  /// - Returns: One entry a source, best first.
  public static func availability(of entries: [Entry] = all) -> [SourceAvailability] {
    var found: [SourceAvailability] = []
    for entry in entries {
      do {
        _ = try entry.make(1, [])
        found.append(SourceAvailability(name: entry.name.rawValue, available: true))
      } catch { found.append(unavailable(error)) }
    }
    return found
  }

  /// Makes the source of a choice, on the thread that will run the network, before it does.
  ///
  /// `auto` takes PAPI, else the kernel's hardware events, else estimated cycles. Software events
  /// come on demand only, by the source's name or their own: they do not say what a layer costs.
  ///
  /// - Parameters:
  ///   - choice: A source's name, `auto` or `none`.
  ///   - events: What to count; the source's standard events when empty.
  ///   - threads: Size of the team.
  ///   - entries: The sources to choose from, best first.
  /// - Returns: The source.
  /// - Throws: `CounterError` when a source that was demanded by name does not work here.
  public static func select(
    _ choice: String, events: [String] = [], threads: Int, from entries: [Entry] = all
  ) throws(CounterError) -> SelectedSource {
    if choice == "none" {
      return SelectedSource(source: nil, name: .none, skipped: [], reasons: [])
    }
    if let entry = entries.first(where: { $0.name.rawValue == choice }) {
      let (source, skipped) = try entry.make(threads, events)
      return SelectedSource(source: source, name: entry.name, skipped: skipped, reasons: [])
    }
    guard choice == "auto" else {
      throw CounterError(
        source: .none, reason: "no counter source is called '\(choice)'",
        remedy: "choose from \(names(of: entries).joined(separator: ", "))")
    }
    var reasons: [SourceAvailability] = []
    let software = SoftwareCounters.events.map(\.name)
    let isSoftware = !events.isEmpty && events.allSatisfy(software.contains)
    for entry in entries where isSoftware ? entry.name == .software : entry.automatic {
      do {
        let (source, skipped) = try entry.make(threads, events)
        return SelectedSource(
          source: source, name: entry.name, skipped: skipped, reasons: reasons)
      } catch { reasons.append(unavailable(error)) }
    }
    return SelectedSource(source: nil, name: .none, skipped: [], reasons: reasons)
  }

  private static func unavailable(_ error: CounterError) -> SourceAvailability {
    SourceAvailability(
      name: error.source.rawValue, available: false, reason: error.reason, remedy: error.remedy)
  }
}
