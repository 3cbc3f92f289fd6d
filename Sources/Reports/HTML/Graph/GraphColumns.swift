/// A long network cut into columns that fit a screen or a sheet of paper.
///
/// A cut goes where the fewest values cross it, so that blocks stay whole.
enum GraphColumns {
  /// Layers of a network that is drawn in one piece, from left to right.
  static let shortest = 9
  /// Layers a column has at least, at best, on a screen and at most.
  private static let sizes = (least: 8, best: 12, screen: 14, most: 20)

  /// Ranges of the nodes, one a column, in order.
  ///
  /// - Complexity: O(edges · most).
  static func cut(_ nodes: [GraphNode]) -> [Range<Int>] {
    guard nodes.count > shortest else { return nodes.isEmpty ? [] : [0..<nodes.count] }
    let crossings = crossings(nodes)
    var columns: [Range<Int>] = []
    var start = 0
    while nodes.count - start > sizes.screen, nodes.count - start >= 2 * sizes.least {
      // A rest too short for a column of its own is not left behind.
      let last = Swift.min(start + sizes.most, nodes.count - sizes.least)
      let ends = (start + sizes.least)...last
      let end =
        ends.min { left, right in
          (crossings[left], (left - start - sizes.best).magnitude)
            < (crossings[right], (right - start - sizes.best).magnitude)
        } ?? last
      // What would fit a column stays whole unless a single value crosses the cut.
      if nodes.count - start <= sizes.most, crossings[end] > 1 { break }
      columns.append(start..<end)
      start = end
    }
    return columns + [start..<nodes.count]
  }

  /// At each place, the values made before it that are read at it or after.
  private static func crossings(_ nodes: [GraphNode]) -> [Int] {
    let places = Dictionary(
      nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var lastReader: [Int: Int] = [:]
    for (place, node) in nodes.enumerated() {
      for name in node.reads { if let from = places[name] { lastReader[from] = place } }
    }
    var changes = [Int](repeating: 0, count: nodes.count + 1)
    for (from, to) in lastReader where to > from {
      changes[from + 1] += 1
      changes[Swift.min(to + 1, nodes.count)] -= 1
    }
    var count = 0
    return changes.map { change in
      count += change
      return count
    }
  }
}
