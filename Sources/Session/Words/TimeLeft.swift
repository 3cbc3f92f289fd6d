/// How long a run still takes, for a progress line.
package enum TimeLeft {
  /// `, 12 s left` or `, 3 min left`; empty while nothing can be said or less than a second is left.
  ///
  /// - Parameters:
  ///   - elapsed: Seconds since the beginning.
  ///   - done: Share of the work that is done, 0 to 1.
  /// - Returns: What follows the percentage in the line.
  package static func text(elapsed: Double, done: Double) -> String {
    guard done > 0.02, done < 1, elapsed > 0.5 else { return "" }
    let left = elapsed * (1 - done) / done
    switch left {
    case ..<1: return ""
    case ..<90: return ", \(Int(left.rounded(.up))) s left"
    case ..<5400: return ", \(Int((left / 60).rounded(.up))) min left"
    default: return ", \(Int((left / 3600).rounded(.up))) h left"
    }
  }
}
