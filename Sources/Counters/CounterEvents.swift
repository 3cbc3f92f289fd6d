/// The names that records use for events, whatever the source.
public enum CounterEvents {
  /// Core cycles.
  public static let cycles = "cycles"
  /// Instructions retired.
  public static let instructions = "instructions"
  /// Data reads that missed the first-level cache.
  public static let l1dMisses = "l1d_misses"
  /// Data reads that missed the second-level cache.
  public static let l2Misses = "l2_misses"
  /// Reads that missed the last-level cache.
  public static let llcMisses = "llc_misses"

  /// What is counted unless `--events` says otherwise.
  public static let standard = [cycles, instructions, l1dMisses, l2Misses, llcMisses]

  /// Present in every group where they exist: their drift from group to group tells whether the
  /// passes did the same work.
  static let crossCheck = [cycles, instructions]

  /// Splits names into groups of at most `size`, each beginning with the cross-check events.
  static func groups(of names: [String], size: Int) -> [[String]] {
    let common = crossCheck.filter(names.contains)
    let others = names.filter { !common.contains($0) }
    let room = max(1, size - common.count)
    guard !others.isEmpty else { return common.isEmpty ? [] : [common] }
    return stride(from: 0, to: others.count, by: room).map { begin in
      common + others[begin..<min(begin + room, others.count)]
    }
  }

  /// The names without repetitions, in order; the standard ones when there are none.
  static func chosen(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return (names.isEmpty ? standard : names).filter { seen.insert($0).inserted }
  }
}

/// An event that was asked for and cannot be counted here; left out, never reported as 0.
public struct SkippedEvent: Hashable, Sendable {
  /// The name asked for.
  public let name: String
  /// Why not, in the library's or the kernel's words.
  public let reason: String
}
