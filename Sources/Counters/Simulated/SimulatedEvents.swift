import Profiling

/// The events that callgrind simulates, by their names in records.
///
/// Reads and writes are data accesses; instruction fetches that miss are left out.
enum SimulatedEvents {
  /// A run of the child: which cache stands behind the first level.
  enum Level: Hashable, Sendable, CaseIterable {
    case last
    case second
  }

  /// One event: its run, and callgrind's name for it.
  struct Source: Hashable, Sendable {
    var name: String
    var level: Level
    var column: String
    /// Whether an empty cache makes a difference worth a value of its own.
    var dependsOnCache: Bool
  }

  static let all: [Source] = [
    Source(name: CounterEvents.instructions, level: .last, column: "Ir", dependsOnCache: false),
    Source(name: CounterEvents.l1dMisses, level: .last, column: "D1mr", dependsOnCache: true),
    Source(name: CounterEvents.l2Misses, level: .second, column: "DLmr", dependsOnCache: true),
    Source(name: CounterEvents.llcMisses, level: .last, column: "DLmr", dependsOnCache: true),
    Source(name: "l1d_write_misses", level: .last, column: "D1mw", dependsOnCache: true),
    Source(name: "l2_write_misses", level: .second, column: "DLmw", dependsOnCache: true),
    Source(name: "llc_write_misses", level: .last, column: "DLmw", dependsOnCache: true),
  ]

  /// What follows the name of an event that was counted in the state of the caches that the run
  /// did not ask for.
  static func otherSuffix(cold: Bool) -> String { cold ? "_warm" : "_cold" }

  /// The events of a list (all when it is empty), and those that cannot be simulated.
  ///
  /// - Throws: `CounterError` when none is left.
  static func choose(
    _ names: [String], caches: SimulatedCaches
  ) throws(CounterError) -> (chosen: [Source], skipped: [SkippedEvent]) {
    var skipped: [SkippedEvent] = []
    var chosen: [Source] = []
    let everything = names.isEmpty || names.contains("standard")
    let asked = names.filter { $0 != "standard" }
    let wanted = CounterEvents.chosen((everything ? all.map(\.name) : []) + asked)
    for name in wanted {
      if let event = all.first(where: { $0.name == name }) {
        if event.level == .last || caches.second != nil {
          chosen.append(event)
        } else if asked.contains(name) {
          skipped.append(SkippedEvent(name: name, reason: "the second level is the last one here"))
        }
      } else {
        skipped.append(SkippedEvent(name: name, reason: "callgrind does not simulate it"))
      }
    }
    guard !chosen.isEmpty else {
      throw CounterError(
        source: .simulated,
        reason: "callgrind simulates none of \(wanted.joined(separator: ", "))",
        remedy: "choose from \(all.map(\.name).joined(separator: ", "))")
    }
    return (chosen, skipped)
  }
}
