import Synchronization
import Testing

@testable import Machine

@Suite struct ThreadTeamTests {
  @Test(arguments: [1, 2])
  func runsEveryIndexOnce(count: Int) throws {
    for _ in 0..<100 {
      let seen = Mutex<[Int]>([])
      try ThreadTeam.run(count) { index in seen.withLock { $0.append(index) } }
      #expect(seen.withLock { $0.sorted() } == Array(0..<count))
    }
  }

  @Test func aJobRunsAgainAndAgain() throws {
    let sum = Atomic<Int>(0)
    let counted = Mutex<[Int]>([0, 0, 0])
    let job = try TeamJob(threads: 3) { index in counted.withLock { $0[index] += 1 } }
    for _ in 0..<50 { sum.add(job.run(), ordering: .relaxed) }
    #expect(counted.withLock { $0 } == [50, 50, 50])
    #expect((50...150).contains(sum.load(ordering: .relaxed)))
    #expect(job.threads == 3)
  }

  @Test func indexZeroIsTheCaller() throws {
    let caller = ThreadTeam.currentTaskID()
    let zero = Atomic<Int32>(0)
    try ThreadTeam.run(2) { index in
      if index == 0 { zero.store(ThreadTeam.currentTaskID(), ordering: .relaxed) }
    }
    #expect(zero.load(ordering: .relaxed) == caller)
  }

  @Test func theTeamIsTheSameEachTime() throws {
    let rounds = try (0..<3).map { _ in
      let members = Mutex<Set<Int32>>([])
      let size = try ThreadTeam.run(2) { _ in
        members.withLock { _ = $0.insert(ThreadTeam.currentTaskID()) }
      }
      let found = members.withLock { $0 }
      #expect(found.count == size)
      return found
    }
    #expect(Set(rounds).count == 1)
    #expect(rounds[0].isSubset(of: ThreadTeam.taskIDs()))
  }

  @Test func theCountIsTheCallers() throws {
    let before = try ThreadTeam.count()
    try ThreadTeam.setCount(2)
    #expect(try ThreadTeam.count() == 2)
    try ThreadTeam.setCount(0)
    #expect(try ThreadTeam.count() == 1)
    try ThreadTeam.setCount(before)
  }

  @Test func listsThisThread() {
    #expect(ThreadTeam.taskIDs().contains(ThreadTeam.currentTaskID()))
  }
}

@Suite struct FloatingPointModeTests {
  /// Halves the smallest normal number, out of the optimizer's sight.
  static func halved() -> Float {
    let operands = Mutex<[Float]>([Float.leastNormalMagnitude, 0.5])
    return operands.withLock { $0[0] * $0[1] }
  }

  /// Adds a denormal number to zero: not zero unless operands are flushed.
  static func denormalOperand() -> Float {
    let operands = Mutex<[Float]>([Float.leastNonzeroMagnitude, 0x1p100])
    return operands.withLock { $0[0] * $0[1] }
  }

  @Test(arguments: [1, 2])
  func flushesOnEveryThread(threads: Int) throws {
    let before = try FloatingPointMode.isFlushToZero(threads: threads)
    defer { try? FloatingPointMode.setFlushToZero(before, threads: threads) }

    for flush in [true, false] {
      try FloatingPointMode.setFlushToZero(flush, threads: threads)
      #expect(try FloatingPointMode.isFlushToZero(threads: threads) == flush)
      let zeros = Atomic<Int>(0)
      try ThreadTeam.run(threads) { _ in
        // Compared as bits: a flushing comparison calls every denormal zero.
        if Self.halved().bitPattern == 0, Self.denormalOperand().bitPattern == 0 {
          zeros.add(1, ordering: .relaxed)
        }
      }
      #expect(zeros.load(ordering: .relaxed) == (flush ? threads : 0))
    }
  }
}
