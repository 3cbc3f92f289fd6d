/// What the elements of a value must lie between because somebody looks rows up by them.
///
/// Bounds are inclusive whole numbers, one pair an element: a network may look up different tables by
/// different parts of one input.
struct IndexDemand: Hashable, Sendable {
  /// Bounds of an element that nobody looks anything up by.
  private static let free = (low: Int.min, high: Int.max)

  private(set) var low: [Int]
  private(set) var high: [Int]

  /// No demands on so many elements.
  init(count: Int) {
    low = Array(repeating: IndexDemand.free.low, count: count)
    high = Array(repeating: IndexDemand.free.high, count: count)
  }

  /// The same bounds for so many elements.
  init(count: Int, low: Int, high: Int) {
    self.low = Array(repeating: low, count: count)
    self.high = Array(repeating: high, count: count)
  }

  /// Whether nothing is demanded of an element.
  func isFree(_ element: Int) -> Bool {
    low[element] == IndexDemand.free.low && high[element] == IndexDemand.free.high
  }

  /// Whether something is demanded of any element.
  var isAny: Bool { low.indices.contains { !isFree($0) } }

  /// Whether an element can meet what is demanded of it.
  var isPossible: Bool { zip(low, high).allSatisfy { $0 <= $1 } }

  /// Narrows the bounds of an element; nothing where they are free.
  mutating func narrow(_ element: Int, _ low: Int, _ high: Int) {
    self.low[element] = max(self.low[element], low)
    self.high[element] = min(self.high[element], high)
  }

  /// Narrows by all demands on another form of the same elements.
  mutating func narrow(by other: IndexDemand) {
    for element in low.indices { narrow(element, other.low[element], other.high[element]) }
  }

  /// The demands with each element's bounds changed, free ones left alone.
  func mapped(_ change: (_ low: Int, _ high: Int) -> (low: Int, high: Int)) -> IndexDemand {
    var result = self
    for element in low.indices where !isFree(element) {
      (result.low[element], result.high[element]) = change(low[element], high[element])
    }
    return result
  }

  /// The bounds that meet all demands at once; free where there are none.
  var strictest: (low: Int, high: Int) { (low.max() ?? .min, high.min() ?? .max) }
}
