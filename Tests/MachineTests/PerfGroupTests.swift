import Glibc
import Testing

@testable import Machine

/// Groups of the kernel's own events, where it allows any.
@Suite(.serialized) struct PerfGroupTests {
  static let faults = PerfEvent.software("page-faults", 2)
  static let isAllowed =
    (try? PerfCounter(faults, inherit: false, userOnly: true)) != nil

  /// Touches that many fresh pages.
  private func touch(_ pages: Int) throws {
    let bytes = pages * 4096
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    let base = try #require(memory != MAP_FAILED ? memory : nil)
    madvise(base, bytes, MADV_NOHUGEPAGE)
    for page in 0..<pages { base.storeBytes(of: 1, toByteOffset: page * 4096, as: UInt8.self) }
    munmap(base, bytes)
  }

  @Test(.enabled(if: isAllowed), arguments: [true, false])
  func countsTheSameTogetherAndOneByOne(together: Bool) throws {
    let group = try PerfGroup(
      [.software("task-clock", 1), Self.faults], userOnly: true, together: together)
    #expect(group.isTogether == together)
    let values = UnsafeMutableBufferPointer<Int64>.allocate(capacity: 2)
    values.initialize(repeating: 0)
    defer { values.deallocate() }
    try group.start()
    var least = Int64.max
    for _ in 0..<5 {
      _ = try group.read(into: values)
      let before = values[1]
      try touch(500)
      let times = try group.read(into: values)
      least = min(least, values[1] - before)
      #expect(times.missing == 0)
    }
    #expect(least == 500)
    #expect(values[0] > 0)
    try group.stop()
    _ = try group.read(into: values)
    let stopped = values[1]
    try touch(10)
    _ = try group.read(into: values)
    #expect(values[1] == stopped)
  }

  @Test(.enabled(if: isAllowed)) func oneEventThatIsRefusedIsNamed() {
    let error = #expect(throws: PerfError.self) {
      try PerfGroup([Self.faults, .software("nonsense", 999)], userOnly: true)
    }
    #expect(error?.event == "nonsense")
  }
}

@Suite(.serialized) struct CacheFlushTests {
  @Test(arguments: [1, 2])
  func contentsStayAsTheyAre(threads: Int) throws {
    let flush = try CacheFlush(threads: threads)
    let bytes = [UInt8]((0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    bytes.withUnsafeBytes { all in
      // Empty, smaller than a line, across a boundary, and everything.
      flush.flush([
        UnsafeRawBufferPointer(start: nil, count: 0), UnsafeRawBufferPointer(rebasing: all[3..<4]),
        UnsafeRawBufferPointer(rebasing: all[60..<70]), all,
      ])
    }
    #expect(bytes.indices.allSatisfy { bytes[$0] == UInt8(truncatingIfNeeded: $0 &* 7) })
  }

  /// The best of many reads of 256 KiB, which fits any second-level cache: from memory it takes
  /// longer than from there, on any machine and under any load that leaves one try undisturbed.
  @Test(arguments: [1, 2])
  func nothingIsLeftInTheCaches(threads: Int) throws {
    let flush = try CacheFlush(threads: threads)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 1)
    defer { memory.deallocate() }
    func best(_ prepare: () -> Void) -> UInt64 {
      var best = UInt64.max
      for _ in 0..<200 {
        prepare()
        let begin = Clock.now()
        for offset in stride(from: 0, to: memory.count, by: 4096) {
          // One line a page, in an order no prefetcher follows.
          let place = offset * 37 % memory.count
          precondition(memory[place] == 1)
        }
        best = min(best, Clock.now() - begin)
      }
      return best
    }
    let warm = best {}
    let cold = best { flush.flush([UnsafeRawBufferPointer(memory)]) }
    #expect(cold > warm)
  }
}
