/// Places buffers that live for a while so that those alive at the same time do not overlap.
enum Arena {
  /// What is to be placed: alive from step `first` to step `last`, both included.
  struct Interval {
    var size: Int
    var first: Int
    var last: Int
  }

  /// Offsets of the intervals and the size of the whole: largest first, each at the lowest place
  /// that is free all its life.
  ///
  /// - Complexity: O(n log n + Σ lifetime · buffers alive at once).
  static func place(_ intervals: [Interval], steps: Int) -> (offsets: [Int], size: Int) {
    var offsets = [Int](repeating: 0, count: intervals.count)
    var alive = [[Int]](repeating: [], count: max(1, steps))
    var seen = [Int](repeating: -1, count: intervals.count)
    var total = 0
    let order = intervals.indices.sorted {
      (intervals[$1].size, $0) < (intervals[$0].size, $1)
    }
    for index in order {
      let interval = intervals[index]
      let size = aligned(interval.size)
      let life = max(0, interval.first)...max(0, min(interval.last, alive.count - 1))
      var taken: [(begin: Int, end: Int)] = []
      for step in life {
        for other in alive[step] where seen[other] != index {
          seen[other] = index
          taken.append((offsets[other], offsets[other] + aligned(intervals[other].size)))
        }
      }
      taken.sort { $0.begin < $1.begin }
      var offset = 0
      for other in taken {
        if offset + size <= other.begin { break }
        offset = max(offset, other.end)
      }
      offsets[index] = offset
      total = max(total, offset + size)
      for step in life { alive[step].append(index) }
    }
    return (offsets, total)
  }

  /// A size rounded up to cache lines.
  static func aligned(_ size: Int) -> Int { (size + 63) / 64 * 64 }
}
