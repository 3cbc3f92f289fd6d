import CMachine
import Glibc

/// Memory that a team reads, one slice a thread, each touched first by its own thread.
final class BandwidthBuffer: Sendable {
  /// Size of the team.
  let threads: Int
  /// Bytes of one slice, a multiple of 4096.
  let slice: Int

  /// The memory; only ever read after `init`.
  private nonisolated(unsafe) let base: UnsafeMutableRawPointer
  private let distance: Int
  private let isa = cmachine_isa()

  /// Gets memory for a team; half as much, down to 4 MiB, where the kernel refuses.
  init(bytes: Int, threads: Int) throws(BandwidthError) {
    self.threads = threads
    let huge = 2 << 20
    var slice = max(32 << 10, bytes / threads / 4096 * 4096)
    while true {
      // Slices begin on boundaries of huge pages, so that no page belongs to two threads.
      let distance = (slice + huge - 1) / huge * huge
      let length = distance * threads + huge
      let memory = mmap(
        nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      if let memory, memory != MAP_FAILED {
        self.base = memory
        self.distance = distance
        break
      }
      if slice * threads <= 4 << 20 || slice <= 32 << 10 { throw .noMemory(length) }
      slice = max(32 << 10, slice / 2 / 4096 * 4096)
    }
    self.slice = slice
    madvise(base, distance * threads + huge, MADV_HUGEPAGE)
    do {
      try ThreadTeam.run(threads) { index in
        let own = self.start(of: index)
        for page in stride(from: 0, to: self.slice, by: 4096) {
          own.storeBytes(of: 1, toByteOffset: page, as: UInt8.self)
        }
      }
    } catch { throw .team(error) }
  }

  deinit { munmap(base, distance * threads + (2 << 20)) }

  /// The best rate of several windows of about 0.4 ms, or a few sweeps when one takes longer.
  ///
  /// `guess` is what the rate may be; the windows are sized by it.
  func bestRate(slice: Int, guess: Double) throws(BandwidthError) -> Double {
    func passes(at rate: Double) -> Int {
      max(1, min(1 << 16, Int(0.4e-3 * rate / Double(slice * threads))))
    }
    var best = try rate(slice: slice, passes: passes(at: guess))
    let count = passes(at: best)
    let time = Double(slice * threads * count) / best
    for _ in 0..<(time > 2e-3 ? 3 : 6) { best = max(best, try rate(slice: slice, passes: count)) }
    return best
  }

  /// Bytes a second over all threads while each reads `slice` bytes of its own `passes` times.
  func rate(slice: Int, passes: Int) throws(BandwidthError) -> Double {
    let begin = Clock.now()
    do {
      try ThreadTeam.run(threads) { index in
        cmachine_read(self.start(of: index), slice, passes, self.isa)
      }
    } catch { throw .team(error) }
    let time = Double(max(1, Clock.now() - begin)) / 1e9
    return Double(slice) * Double(threads) * Double(passes) / time
  }

  private func start(of index: Int) -> UnsafeMutableRawPointer {
    base.alignedUp(toMultipleOf: 2 << 20) + index * distance
  }
}
