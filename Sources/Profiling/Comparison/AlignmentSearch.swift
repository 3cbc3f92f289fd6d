/// Finds the matches of a ``LayerAlignment``.
///
/// Equal layers at both ends are matched first: no alignment is better without them. What is left
/// is solved by the dynamic program of Needleman and Wunsch (1970) while it is small. Beyond that,
/// layers that occur once on each side become fixed points, as in Bram Cohen's patience diff, and
/// the gaps between them are searched in the same way.
struct AlignmentSearch {
  /// A pair of indices.
  struct Match: Hashable, Sendable {
    var left: Int
    var right: Int
  }

  /// Cells that the dynamic program may fill: 4,000 layers against 4,000, 16 MB, 0.1 s.
  static let cellLimit = 16_000_000

  /// How far the last resort looks ahead.
  static let window = 64

  let left: [LayerSignature]
  let right: [LayerSignature]
  /// Matches in order, once ``run()`` is done.
  private(set) var matches: [Match] = []

  init(left: [LayerSignature], right: [LayerSignature]) {
    self.left = left
    self.right = right
  }

  /// Searches everything.
  mutating func run() {
    align(left.indices, right.indices, keys: Key.allCases[...])
    matches.sort { $0.left < $1.left }
  }

  /// What makes a layer a fixed point, most telling first.
  private enum Key: CaseIterable {
    case everything
    case name
    case structure

    func value(of layer: LayerSignature) -> Int64 {
      switch self {
      case .everything: Int64(layer.name) << 32 | Int64(layer.structure)
      case .name: Int64(layer.name)
      case .structure: Int64(layer.structure)
      }
    }
  }

  private mutating func align(_ a: Range<Int>, _ b: Range<Int>, keys: ArraySlice<Key>) {
    let (a, b) = trimEnds(a, b)
    if a.isEmpty || b.isEmpty { return }
    let (cells, overflow) = a.count.multipliedReportingOverflow(by: b.count)
    if !overflow, cells <= Self.cellLimit {
      alignExactly(a, b)
      return
    }
    guard let key = keys.first else {
      alignGreedily(a, b)
      return
    }
    var (i, j) = (a.lowerBound, b.lowerBound)
    for point in fixedPoints(a, b, key: key) {
      matches.append(point)
      align(i..<point.left, j..<point.right, keys: keys.dropFirst())
      (i, j) = (point.left + 1, point.right + 1)
    }
    align(i..<a.upperBound, j..<b.upperBound, keys: keys.dropFirst())
  }

  private mutating func trimEnds(_ a: Range<Int>, _ b: Range<Int>) -> (Range<Int>, Range<Int>) {
    var (a, b) = (a, b)
    while let i = a.first, let j = b.first, left[i] == right[j] {
      matches.append(Match(left: i, right: j))
      (a, b) = (i + 1..<a.upperBound, j + 1..<b.upperBound)
    }
    while let i = a.last, let j = b.last, left[i] == right[j] {
      matches.append(Match(left: i, right: j))
      (a, b) = (a.lowerBound..<i, b.lowerBound..<j)
    }
    return (a, b)
  }

  /// The best alignment by weight; ties go to the pair, then to the earlier layer.
  private mutating func alignExactly(_ a: Range<Int>, _ b: Range<Int>) {
    let width = b.count + 1
    var steps = [UInt8](repeating: 0, count: a.count * b.count)
    var below = [Int32](repeating: 0, count: width)
    var row = below
    for i in stride(from: a.count - 1, through: 0, by: -1) {
      row[b.count] = 0
      for j in stride(from: b.count - 1, through: 0, by: -1) {
        let weight = left[a.lowerBound + i].weight(with: right[b.lowerBound + j])
        let paired = weight > 0 ? below[j + 1] + weight : -1
        let skipped = Swift.max(below[j], row[j + 1])
        row[j] = Swift.max(paired, skipped)
        steps[i * b.count + j] = paired >= skipped ? 0 : (below[j] >= row[j + 1] ? 1 : 2)
      }
      swap(&row, &below)
    }
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      switch steps[i * b.count + j] {
      case 0:
        matches.append(Match(left: a.lowerBound + i, right: b.lowerBound + j))
        (i, j) = (i + 1, j + 1)
      case 1: i += 1
      default: j += 1
      }
    }
  }

  /// Layers whose key occurs once on each side, and of these the longest run in order.
  private func fixedPoints(_ a: Range<Int>, _ b: Range<Int>, key: Key) -> [Match] {
    let there = unique(right, b, key: key)
    let candidates = unique(left, a, key: key).compactMap { value, i in
      there[value].map { Match(left: i, right: $0) }
    }
    return longestRun(candidates.sorted { $0.left < $1.left })
  }

  private func unique(
    _ layers: [LayerSignature], _ range: Range<Int>, key: Key
  ) -> [Int64: Int] {
    var places: [Int64: Int] = [:]
    for i in range {
      let value = key.value(of: layers[i])
      places[value] = places[value] == nil ? i : -1
    }
    return places.filter { $0.value >= 0 }
  }

  /// The longest subsequence with ascending `right`, by patience sorting: O(n log n).
  private func longestRun(_ points: [Match]) -> [Match] {
    var tops: [Int] = []
    var previous = [Int](repeating: -1, count: points.count)
    for (place, point) in points.enumerated() {
      var (low, high) = (0, tops.count)
      while low < high {
        let middle = (low + high) / 2
        if points[tops[middle]].right < point.right { low = middle + 1 } else { high = middle }
      }
      if low > 0 { previous[place] = tops[low - 1] }
      if low == tops.count { tops.append(place) } else { tops[low] = place }
    }
    var run: [Match] = []
    var place = tops.last ?? -1
    while place >= 0 {
      run.append(points[place])
      place = previous[place]
    }
    return run.reversed()
  }

  /// The last resort for long stretches without fixed points: the heaviest pair within a window.
  private mutating func alignGreedily(_ a: Range<Int>, _ b: Range<Int>) {
    var j = b.lowerBound
    for i in a {
      var best: (weight: Int32, place: Int) = (0, j)
      for place in j..<Swift.min(j + Self.window, b.upperBound) {
        let weight = left[i].weight(with: right[place])
        if weight > best.weight { best = (weight, place) }
      }
      guard best.weight > 0 else { continue }
      matches.append(Match(left: i, right: best.place))
      j = best.place + 1
    }
  }
}
