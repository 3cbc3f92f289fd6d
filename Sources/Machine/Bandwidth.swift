import CMachine
import Files
import Glibc
import Synchronization

/// Why a bandwidth could not be measured.
public enum BandwidthError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No team of threads.
  case team(ThreadTeamError)
  /// The kernel gave no memory for the buffer; how many bytes were asked for last.
  case noMemory(Int)

  /// What happened.
  public var description: String {
    switch self {
    case .team(let error): error.description
    case .noMemory(let bytes): "no memory for a buffer of \(bytes) bytes"
    }
  }
}

/// How fast the threads of a team read and copy, by the size of what they go through.
///
/// Every thread has a slice of its own, in order, with the widest loads of the CPU, and does nothing
/// else. Code that also writes gets another rate out of the same memory: a written line is read
/// first, unless stored around the caches, and written back later. Copies are measured for that.
public enum Bandwidth {
  /// One point of the curve.
  public struct Point: Hashable, Sendable {
    /// Working set over all threads, bytes.
    public var bytes: Int
    /// Bytes read a second over all threads.
    public var bytesPerSecond: Double
    /// Bytes read and written a second while one half of the set is copied into the other, over all
    /// threads; nil where that was not measured.
    public var copiedPerSecond: Double?
  }

  /// How thoroughly to measure.
  public struct Effort: Hashable, Sendable {
    /// Length of a window, seconds.
    var window: Double
    /// Windows after the first one.
    var windows: Int
    /// The same where one sweep takes longer than 2 ms.
    var sweeps: Int

    /// For roofs that are kept: 0.1 to 0.4 s for a curve.
    public static let thorough = Effort(window: 0.4e-3, windows: 6, sweeps: 2)
    /// Between the samples of a run: some 60 ms for a curve where memory delivers 40 GB/s.
    public static let quick = Effort(window: 0.15e-3, windows: 3, sweeps: 1)
  }

  /// The last buffer, kept because touching 256 MB takes longer than reading it ten times.
  private static let buffer = Mutex<BandwidthBuffer?>(nil)

  /// Bandwidth by working set, ascending, from 16 KiB a thread to well beyond the caches.
  ///
  /// 17 points at equal ratios; the last is max(256 MiB, 8 × the last-level cache), as far as a
  /// quarter of the free memory allows, or what `NTPROF_BANDWIDTH_MEMORY` says in MiB. Each is the best of
  /// several windows; copies are measured at every other point. The buffer stays for the next call until
  /// ``release()``.
  ///
  /// Caches are no steps: interpolate. All of it can change by a factor of two within seconds on a
  /// shared host that moves the virtual CPUs, so measure it again next to what you judge.
  ///
  /// - Parameters:
  ///   - threads: Size of the team.
  ///   - effort: How thoroughly.
  /// - Returns: The points.
  /// - Throws: ``BandwidthError``.
  public static func curve(
    threads: Int, effort: Effort = .thorough
  ) throws(BandwidthError) -> [Point] {
    try withBuffer(threads: threads) { (buffer) throws(BandwidthError) in
      let sizes = sliceSizes(threads: buffer.threads, largest: buffer.slice)
      var points: [Point] = []
      var rate = 20e9 * Double(buffer.threads)
      for (place, size) in sizes.enumerated() {
        rate = try buffer.bestRate(slice: size, guess: rate, effort)
        var point = Point(bytes: size * buffer.threads, bytesPerSecond: rate)
        if place % 2 == (sizes.count - 1) % 2 {
          let copy = try buffer.bestRate(.copy, slice: size, guess: rate / 2, effort)
          // Around the caches only where nothing of it stays in them.
          let streams = place + 4 > sizes.count
          let stream =
            streams ? try buffer.bestRate(.stream, slice: size, guess: copy, effort) : 0
          point.copiedPerSecond = max(copy, stream)
        }
        points.append(point)
      }
      return points
    }
  }

  /// Read bandwidth of memory just now, bytes a second over all threads.
  ///
  /// The best of up to three sweeps over the largest working set of ``curve(threads:)``: 15 to
  /// 20 ms for 256 MB at 40 GB/s, and the first time what it takes to get and touch the buffer.
  /// It leaves the caches full of its own data.
  ///
  /// - Parameter threads: Size of the team.
  /// - Returns: Bytes a second.
  /// - Throws: ``BandwidthError``.
  public static func memory(threads: Int) throws(BandwidthError) -> Double {
    try withBuffer(threads: threads) { (buffer) throws(BandwidthError) in
      let begin = Clock.now()
      var best = try buffer.rate(slice: buffer.slice, passes: 1)
      for _ in 0..<2 where Clock.now() - begin < 12_000_000 {
        best = max(best, try buffer.rate(slice: buffer.slice, passes: 1))
      }
      return best
    }
  }

  /// What memory gives to caches that were emptied before: bytes read a second, and bytes read and
  /// written a second by a copy.
  ///
  /// Sets of 2 MiB a thread, flushed before each try, of which the best counts: what a layer finds that
  /// runs with cold caches. It is another rate than that of ``memory(threads:)``: nothing of what is
  /// written needs to be written back meanwhile. About 5 ms.
  ///
  /// - Parameter threads: Size of the team.
  /// - Returns: The two rates.
  /// - Throws: ``BandwidthError``.
  public static func firstTouch(threads: Int) throws(BandwidthError) -> (read: Double, copy: Double)
  {
    try withBuffer(threads: threads) { (buffer) throws(BandwidthError) in
      let slice = min(2 << 20, buffer.slice)
      let copies = [
        try buffer.firstTouchRate(.copy, slice: slice),
        try buffer.firstTouchRate(.stream, slice: slice),
      ]
      return (try buffer.firstTouchRate(.read, slice: slice), max(copies[0], copies[1]))
    }
  }

  /// Gives the buffer back, so that it does not count as memory of what is measured.
  public static func release() {
    buffer.withLock { $0 = nil }
  }

  /// Bytes a thread reads at each point: 17 sizes at equal ratios, whole multiples of 512.
  static func sliceSizes(threads: Int, largest: Int, count: Int = 17) -> [Int] {
    let smallest = 16 << 10
    guard largest > smallest, count > 1 else { return [min(smallest, largest)] }
    let ratio = Double(largest) / Double(smallest)
    return (0..<count).map { index in
      if index == count - 1 { return largest }
      let size = Double(smallest) * pow(ratio, Double(index) / Double(count - 1))
      return Int(size) / 512 * 512
    }
  }

  /// How much memory the buffer will take on a machine, bytes, as long as it is not released.
  public static func bufferBytes(on host: Host) -> Int {
    bufferBytes(
      lastLevelCache: host.lastLevelCacheBytes, available: host.memoryAvailableBytes,
      asked: bytes(mebibytes: Environment.variable("NTPROF_BANDWIDTH_MEMORY")))
  }

  /// The size of the whole buffer: what was asked for, but not so little that a cache holds it, else beyond the
  /// caches; within reason and memory.
  static func bufferBytes(lastLevelCache: Int, available: Int, asked: Int? = nil) -> Int {
    let wanted =
      asked.map { max($0, 2 * lastLevelCache) }
      ?? max(256 << 20, min(8 * lastLevelCache, max(1 << 30, 2 * lastLevelCache)))
    return max(4 << 20, min(wanted, available / 4))
  }

  /// The bytes of a number of MiB; nil of what is none, or more than a TiB.
  static func bytes(mebibytes text: String?) -> Int? {
    guard let count = text.flatMap({ Int($0) }), (1...1 << 20).contains(count) else { return nil }
    return count << 20
  }

  private static func withBuffer<T: Sendable>(
    threads: Int, _ body: (BandwidthBuffer) throws(BandwidthError) -> T
  ) throws(BandwidthError) -> T {
    let threads = max(1, threads)
    return try buffer.withLock { (buffer) throws(BandwidthError) in
      if let buffer, buffer.threads == threads { return try body(buffer) }
      buffer = nil
      let made = try BandwidthBuffer(bytes: bufferBytes(on: Host.read()), threads: threads)
      buffer = made
      return try body(made)
    }
  }
}
