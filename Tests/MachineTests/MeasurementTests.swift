import Testing

@testable import Machine

@Suite struct ClockTests {
  @Test func neverGoesBack() {
    var last = Clock.now()
    for _ in 0..<10_000 {
      let now = Clock.now()
      #expect(now >= last)
      last = now
    }
    #expect(last > 0)
  }

  @Test func aReadCostsSomething() {
    #expect(Clock.readCost() > 0)
  }
}

@Suite(.serialized) struct CalibrationTests {
  @Test(arguments: [1, 2])
  func theClockIsAClock(threads: Int) throws {
    let clock = try CoreClock.measure(threads: threads)
    #expect((1e8...2e10).contains(clock))
  }

  @Test func sizesGrowFromSixteenKibibytes() {
    let sizes = Bandwidth.sliceSizes(threads: 1, largest: 256 << 20)
    #expect(sizes.count == 17)
    #expect(sizes.first == 16 << 10)
    #expect(sizes.last == 256 << 20)
    #expect(sizes.allSatisfy { $0 % 512 == 0 })
    #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test(arguments: [
    (32, 65536, 256), (96, 65536, 768), (0, 65536, 256), (384, 65536, 1024), (32, 400, 100),
    (32, 0, 4),
  ])
  func theBufferGoesBeyondTheCachesWithinReason(cache: Int, available: Int, expected: Int) {
    let bytes = Bandwidth.bufferBytes(lastLevelCache: cache << 20, available: available << 20)
    #expect(bytes == expected << 20)
  }

  @Test(arguments: [1, 2])
  func bandwidthFallsFromCacheToMemory(threads: Int) throws {
    let curve = try Bandwidth.curve(threads: threads)
    defer { Bandwidth.release() }
    #expect(curve.count == 17)
    #expect(curve.first?.bytes == (16 << 10) * threads)
    #expect(zip(curve, curve.dropFirst()).allSatisfy { $0.bytes < $1.bytes })
    #expect(curve.allSatisfy { $0.bytesPerSecond > 0 })
    let memory = try Bandwidth.memory(threads: threads)
    #expect(memory > 0)
    let fastest = try #require(curve.map(\.bytesPerSecond).max())
    #expect(fastest > memory)
  }
}
