import Machine
import Profiling

/// The names that records use for events, whatever the source.
public enum CounterEvents {
  /// Core cycles.
  public static let cycles = CommonEvent.cycles
  /// Instructions retired.
  public static let instructions = CommonEvent.instructions
  /// Data reads that missed the first-level cache.
  public static let l1dMisses = CommonEvent.l1dMisses
  /// Data reads that missed the second-level cache.
  public static let l2Misses = CommonEvent.l2Misses
  /// Reads that missed the last-level cache.
  public static let llcMisses = CommonEvent.llcMisses

  /// What is counted on every CPU unless `--events` says otherwise.
  public static let standard = CommonEvent.standard

  /// The names without repetitions, in order; the standard ones when there are none.
  static func chosen(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return (names.isEmpty ? standard : names).filter { seen.insert($0).inserted }
  }
}

extension Microarchitecture {
  /// The catalogue's entry for the CPU this runs on.
  static let running: Microarchitecture = {
    let cpu = Host.read().cpu
    return EventCatalogue.entry(vendor: cpu.vendor, family: cpu.family, model: cpu.model)
  }()

  /// General counters that are left: the kernel's watchdog holds one where it runs.
  ///
  /// On Intel it holds the fixed counter for cycles, and cycles then need a general one.
  var freeCounters: Int { max(1, generalCounters - (Host.hasCounterWatchdog ? 1 : 0)) }
}

/// What is asked for, and what of it this CPU does not have.
struct WantedEvents {
  /// Sets of events that belong together.
  var selection: EventSelection
  /// Whether events were asked for by name.
  private let explicit: Bool

  /// Expands names by the catalogue; the default set when there are none.
  init(_ names: [String], on cpu: Microarchitecture) {
    selection = EventSelection(names, on: cpu)
    explicit = !names.isEmpty
  }

  /// Sets that the CPU does not have.
  var absent: [SkippedEvent] {
    selection.absent.map { SkippedEvent(name: $0.name, reason: $0.reason) }
  }

  /// The sets without the events that cannot be counted.
  func sets(of usable: some Collection<String>) -> [[String]] {
    selection.sets.map { $0.filter(usable.contains) }.filter { !$0.isEmpty }
  }

  /// What of the skipped events is worth telling: top-down, when nobody asked for it, is not.
  func worthTelling(_ skipped: [SkippedEvent]) -> [SkippedEvent] {
    explicit ? skipped : skipped.filter { CounterEvents.standard.contains($0.name) }
  }

  /// Events that fit no group.
  static func unplaced(_ names: [String]) -> [SkippedEvent] {
    names.map {
      SkippedEvent(
        name: $0, reason: "no counter of this CPU is free for it beside cycles and instructions")
    }
  }
}

/// An event that was asked for and cannot be counted here; left out, never reported as 0.
public struct SkippedEvent: Hashable, Sendable {
  /// The name asked for.
  public let name: String
  /// Why not, in the library's or the kernel's words.
  public let reason: String

  /// An event and the reason.
  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}
