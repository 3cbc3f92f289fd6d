/// Places buffers that live for a while so that those alive at the same time do not overlap.
enum Arena {
  /// What is to be placed: alive from step `first` to step `last`, both included.
  struct Interval {
    var size: Int
    var first: Int
    var last: Int
  }

  /// Offsets of the intervals and the size of the whole.
  ///
  /// What lives to the end is stacked from the bottom in the order of birth, so that at each step
  /// the stack is one piece from 0 on. The others lie above as much of it as is there in their life:
  /// largest first, each at the lowest place that is free all its life.
  ///
  /// - Complexity: O(n log n + Σ lifetime · buffers alive at once), both of those that die before
  ///   the end: a network of a great many outputs, or one that keeps all its values, is no dearer.
  static func place(_ intervals: [Interval], steps: Int) -> (offsets: [Int], size: Int) {
    var offsets = [Int](repeating: 0, count: intervals.count)
    var alive = [[Int]](repeating: [], count: max(1, steps))
    var seen = [Int](repeating: -1, count: intervals.count)
    let floor = stack(intervals, steps: alive.count, into: &offsets)
    var total = floor.last ?? 0
    let order = intervals.indices.filter {
      intervals[$0].size > 0 && intervals[$0].last < alive.count - 1
    }.sorted { (intervals[$1].size, $0) < (intervals[$0].size, $1) }
    for index in order {
      let interval = intervals[index]
      let size = aligned(interval.size)
      let life = max(0, interval.first)...max(0, interval.last)
      var taken: [(begin: Int, end: Int)] = []
      for step in life {
        for other in alive[step] where seen[other] != index {
          seen[other] = index
          taken.append((offsets[other], offsets[other] + aligned(intervals[other].size)))
        }
      }
      taken.sort { $0.begin < $1.begin }
      var offset = floor[life.upperBound]
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

  /// Stacks what lives to the end; returns the height of the stack at each step.
  private static func stack(
    _ intervals: [Interval], steps: Int, into offsets: inout [Int]
  ) -> [Int] {
    let lasting = intervals.indices.filter { intervals[$0].last >= steps - 1 }.sorted {
      (intervals[$0].first, $0) < (intervals[$1].first, $1)
    }
    var floor = [Int](repeating: 0, count: steps)
    var height = 0
    for index in lasting {
      offsets[index] = height
      height += aligned(intervals[index].size)
      floor[max(0, min(intervals[index].first, steps - 1))] = height
    }
    for step in floor.indices.dropFirst() { floor[step] = max(floor[step], floor[step - 1]) }
    return floor
  }

  /// A size rounded up to cache lines.
  static func aligned(_ size: Int) -> Int { (size + 63) / 64 * 64 }
}
