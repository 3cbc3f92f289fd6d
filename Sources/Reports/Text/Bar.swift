internal import Profiling

/// A horizontal bar of block characters, an eighth of a column fine.
enum Bar {
  private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// The bar of `value` where `largest` fills all columns.
  static func text(_ value: Double, of largest: Double, columns: Int) -> String {
    guard largest > 0, value > 0 else { return "" }
    let total = Int(rounding: Swift.min(value / largest, 1) * Double(columns * 8))
    return String(repeating: "█", count: total / 8) + eighths[total % 8]
  }
}

/// Words for a segment.
enum SegmentText {
  /// `fc1 … fc3 (3)`, or the names when there are at most two.
  static func layers(_ segment: SegmentRecord) -> String {
    guard segment.layers.count > 2, let first = segment.layers.first,
      let last = segment.layers.last
    else { return segment.layers.joined(separator: ", ") }
    return "\(first) … \(last) (\(segment.layers.count))"
  }
}
