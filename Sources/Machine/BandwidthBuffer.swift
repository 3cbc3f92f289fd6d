import CMachine
import Glibc

/// Memory that a team reads and copies, one slice a thread, each touched first by its own thread.
final class BandwidthBuffer: Sendable {
  /// Size of the team.
  let threads: Int
  /// Bytes of one slice, a multiple of 4096.
  let slice: Int

  /// The memory; every thread has a slice of its own.
  private nonisolated(unsafe) let base: UnsafeMutableRawPointer
  private let distance: Int
  private let isa = cmachine_isa()
  private let flushes = cmachine_flushes_unordered()

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

  /// What every thread does with its slice.
  enum Access {
    /// Reads all of it.
    case read
    /// Copies one half into the other.
    case copy
    /// Copies around the caches.
    case stream
  }

  /// The best rate of several windows, or a few sweeps when one takes longer.
  ///
  /// `guess` is what the rate may be; the windows are sized by it.
  func bestRate(
    _ access: Access = .read, slice: Int, guess: Double, _ effort: Bandwidth.Effort
  ) throws(BandwidthError) -> Double {
    func passes(at rate: Double) -> Int {
      max(1, min(1 << 16, Int(effort.window * rate / Double(slice * threads))))
    }
    var best = try rate(access, slice: slice, passes: passes(at: guess))
    let count = passes(at: best)
    let time = Double(slice * threads * count) / best
    for _ in 0..<(time > 2e-3 ? effort.sweeps : effort.windows) {
      best = max(best, try rate(access, slice: slice, passes: count))
    }
    return best
  }

  /// Bytes a second over all threads while each goes through `slice` bytes of its own `passes` times;
  /// of a copy, bytes read and bytes written.
  func rate(_ access: Access = .read, slice: Int, passes: Int) throws(BandwidthError) -> Double {
    let begin = Clock.now()
    do {
      try ThreadTeam.run(threads) { index in
        let own = self.start(of: index)
        let half = slice / 512 * 256
        switch access {
        case .read: cmachine_read(own, slice, passes, self.isa)
        case .copy: cmachine_copy(own, own + half, half, passes, 0, self.isa)
        case .stream: cmachine_copy(own, own + half, half, passes, 1, self.isa)
        }
      }
    } catch { throw .team(error) }
    let time = Double(max(1, Clock.now() - begin)) / 1e9
    return Double(slice) * Double(threads) * Double(passes) / time
  }

  /// The best rate of several first touches: of `slice` bytes a thread that are in no cache.
  func firstTouchRate(_ access: Access, slice: Int) throws(BandwidthError) -> Double {
    var best = 0.0
    for _ in 0..<8 {
      do {
        try ThreadTeam.run(threads) { index in
          cmachine_flush(self.start(of: index), slice, self.flushes)
        }
      } catch { throw .team(error) }
      best = max(best, try rate(access, slice: slice, passes: 1))
    }
    return best
  }

  private func start(of index: Int) -> UnsafeMutableRawPointer {
    base.alignedUp(toMultipleOf: 2 << 20) + index * distance
  }
}
