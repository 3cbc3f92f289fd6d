/// Nodes by how many neighbours they have, for as long as these numbers only fall.
struct WidestNodes {
  /// Nodes that had so many neighbours, or more, when they were put here.
  private var buckets: [[Int]] = []
  /// The bucket that is being emptied: nothing is put into it, or above it, any more.
  private var sorted: Int?

  init(_ degrees: [Int]) {
    buckets = Array(repeating: [], count: (degrees.max() ?? 0) + 1)
    for (node, degree) in degrees.enumerated() { buckets[degree].append(node) }
  }

  /// Takes out the node with most neighbours, of several the first; `degree` is `nil` for one that
  /// needs not be returned.
  mutating func next(_ degree: (Int) -> Int?) -> Int? {
    while let top = buckets.indices.last {
      if sorted != top {
        buckets[top].sort(by: >)
        sorted = top
      }
      guard let node = buckets[top].popLast() else {
        buckets.removeLast()
        continue
      }
      guard let now = degree(node) else { continue }
      if now == top { return node }
      buckets[now].append(node)
    }
    return nil
  }
}
