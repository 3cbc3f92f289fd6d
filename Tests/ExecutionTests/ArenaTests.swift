import Testing

@testable import Execution
@testable import Measuring

/// Buffers that are alive at the same time never overlap, and those that are not share memory.
@Suite struct ArenaTests {
  private func overlaps(_ intervals: [Arena.Interval], _ offsets: [Int], steps: Int) -> Int {
    var count = 0
    for a in intervals.indices {
      for b in 0..<a where intervals[a].size > 0 && intervals[b].size > 0 {
        let (x, y) = (intervals[a], intervals[b])
        let together =
          max(x.first, y.first) <= min(x.last, y.last, steps - 1)
        let apart =
          offsets[a] + x.size <= offsets[b] || offsets[b] + y.size <= offsets[a]
        if together && !apart { count += 1 }
      }
    }
    return count
  }

  @Test(arguments: 0..<40)
  func nothingAliveOverlaps(seed: Int) {
    var random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func next(_ bound: Int) -> Int {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Int(random % UInt64(bound))
    }
    let steps = 1 + next(40)
    let intervals = (0..<60).map { _ in
      let first = next(steps)
      let last = next(4) == 0 ? Int.max : min(steps - 1, first + next(6))
      return Arena.Interval(size: next(8) == 0 ? 0 : 1 + next(5000), first: first, last: last)
    }
    let (offsets, size) = Arena.place(intervals, steps: steps)
    #expect(overlaps(intervals, offsets, steps: steps) == 0)
    let end = zip(offsets, intervals).map { $0 + $1.size }.max() ?? 0
    #expect(offsets.allSatisfy { $0 >= 0 && $0 % 64 == 0 } && size >= end)
  }

  @Test func aChainNeedsTwoBuffersAndItsInput() {
    let steps = 1000
    var intervals = [Arena.Interval(size: 64, first: 0, last: .max)]
    for step in 0..<steps {
      let last = step == steps - 1 ? Int.max : step + 1
      intervals.append(Arena.Interval(size: 640, first: step, last: last))
    }
    #expect(Arena.place(intervals, steps: steps).size == 64 + 2 * 640)
  }

  /// Tens of thousands of outputs are stacked, not searched a place for: pairs would take minutes.
  @Test(.timeLimit(.minutes(5))) func manyOutputsAreStacked() {
    let count = 30_000
    let intervals = (0..<count).flatMap {
      [Arena.Interval(size: 64, first: $0, last: .max), .init(size: 64, first: $0, last: $0)]
    }
    let (offsets, size) = Arena.place(intervals, steps: count)
    #expect((0..<count).allSatisfy { offsets[2 * $0] == 64 * $0 })
    // The short-lived ones lie above what is there by then, where later outputs will be.
    #expect((0..<count - 1).allSatisfy { offsets[2 * $0 + 1] == 64 * ($0 + 1) })
    #expect(size == 64 * (count + 1))
  }
}
