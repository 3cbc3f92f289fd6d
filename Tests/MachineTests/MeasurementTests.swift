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

  @Test func theBufferIsAsLargeAsAskedWithinMemory() {
    func bytes(_ asked: String?) -> Int {
      Bandwidth.bufferBytes(
        lastLevelCache: 32 << 20, available: 1 << 30, asked: Bandwidth.bytes(mebibytes: asked))
    }
    #expect(bytes("64") == 64 << 20 && bytes("80") == 80 << 20 && bytes("1000000") == 256 << 20)
    // What a cache holds would be stored as the bandwidth of memory.
    #expect(bytes("1") == 64 << 20)
    for none in [nil, "", "x", "0", "-1", "1.5", "1048577", "99999999999999999999"] {
      #expect(Bandwidth.bytes(mebibytes: none) == nil, "\(none ?? "")")
    }
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
  @Test func copiesAreMeasuredAtEveryOtherPoint() throws {
    let curve = try Bandwidth.curve(threads: 1, effort: .quick)
    defer { Bandwidth.release() }
    #expect(curve.enumerated().allSatisfy { ($1.copiedPerSecond != nil) == ($0 % 2 == 0) })
    #expect(curve.compactMap(\.copiedPerSecond).allSatisfy { $0 > 0 })
    let cold = try Bandwidth.firstTouch(threads: 1)
    let cached = try #require(curve.map(\.bytesPerSecond).max())
    #expect(cold.read > 0 && cold.copy > 0 && cold.read < cached)
  }

  /// Clock × lanes × 2 × units: one or two units a core, whatever the clock is.
  @Test func registersReachAWholeNumberOfUnits() throws {
    guard VectorISA.best >= .avx2 else { return }
    let rate = try #require(try RegisterRate.measure(threads: 1, isa: .avx2))
    let units = rate / (try CoreClock.measure(threads: 1) * 8 * 2)
    #expect((0.3...3.2).contains(units))
    #expect(try RegisterRate.measure(threads: 1, isa: .sse41) == nil)
  }
}

@Suite(.serialized) struct HandOffTests {
  @Test func aTeamOfOneHandsNothingOn() throws {
    #expect(try HandOff.measure(threads: 1) == nil)
  }

  @Test(.enabled(if: Host.read().logicalCPUs >= 2))
  func aLineTakesItsTime() throws {
    // Nil where other programs keep the second thread from running.
    guard let time = try HandOff.measure(threads: 2) else { return }
    #expect((1...100_000).contains(time))
  }

  @Test func partnersAreSpreadOverTheTeam() {
    #expect(HandOff.partnersOf(team: 2) == [1])
    #expect(HandOff.partnersOf(team: 9) == Array(1...8))
    #expect(HandOff.partnersOf(team: 64) == [7, 15, 23, 31, 39, 47, 55, 63])
  }
}
