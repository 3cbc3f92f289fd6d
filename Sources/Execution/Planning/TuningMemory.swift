/// One implementation that a search timed, and how to ask oneDNN for it again.
public struct TunedImplementation: Codable, Hashable, Sendable {
  /// Index of the way of asking that makes it.
  let variant: Int
  /// oneDNN's name.
  let implementation: String
  /// The algorithm, where there is a choice.
  let algorithm: String?
  /// Memory formats of source, weights and result, in oneDNN's letters.
  let formats: [String]
  /// Best time, ns; `nil` for reference loops, which are not run.
  let time: Double?
  /// Largest difference from the direct algorithm's result as a share of its largest magnitude;
  /// `nil` where nothing is rounded differently.
  var error: Double?

  /// The memory format of the source.
  var source: String { formats[0] }
  /// The memory format of the result.
  var result: String { formats[2] }
  /// Whether two entries are the same code on the same formats.
  func isSame(as other: TunedImplementation) -> Bool {
    implementation == other.implementation && algorithm == other.algorithm
      && formats == other.formats
  }
}

/// What searches found, by what was searched for; worth keeping between runs on one machine.
///
/// The keys name operation, shapes, post-ops, threads and the state of the cache, but not machine
/// or library: one memory belongs to one of each.
public final class TuningMemory {
  /// Implementations that were timed, oneDNN's order.
  public private(set) var found: [String: [TunedImplementation]]
  /// Times of reorders, ns.
  public private(set) var reorders: [String: Double]
  /// Whether something was added since it was made.
  public private(set) var isChanged = false

  /// A memory that starts with what an earlier one held.
  public init(
    found: [String: [TunedImplementation]] = [:], reorders: [String: Double] = [:]
  ) {
    self.found = found
    self.reorders = reorders
  }

  func remember(_ entries: [TunedImplementation], for key: String) {
    found[key] = entries
    isChanged = true
  }

  /// What cannot be done has no time and is not kept: JSON has no infinity, and asking is cheap.
  func remember(reorder time: Double, for key: String) {
    guard time.isFinite else { return }
    reorders[key] = time
    isChanged = true
  }
}
