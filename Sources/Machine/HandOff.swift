import CMachine
import Synchronization

/// How fast a cache line goes from one thread of the team to another.
///
/// What a team costs depends on where its threads lie: cores that share a last-level cache exchange a
/// line in some 60 ns, cores of different packages or core complexes in several hundred. In a virtual
/// machine the host decides that, may change it at any time, and nobody says so.
public enum HandOff {
  /// Exchanges of one window.
  private static let rounds: UInt64 = 200
  /// Windows a pair; the first two are dropped.
  private static let windows = 9
  /// Threads that are paired with the first one; more are spread over the team.
  private static let partners = 8
  /// When to give up on a thread that does not run, ns.
  private static let patience: UInt64 = 20_000_000

  /// Time until another thread sees what one has written, ns, between the first thread and the one
  /// that is farthest from it.
  ///
  /// A counter goes to and fro on a line of its own; the median of the windows counts, half of an
  /// exchange. 0.2 to 1 ms a pair, for at most 8 pairs; 20 ms where a thread does not run.
  ///
  /// - Parameter threads: Size of the team.
  /// - Returns: Nil for one thread, and where the team's threads do not run at the same time.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public static func measure(threads: Int) throws(ThreadTeamError) -> Double? {
    guard threads > 1 else { return nil }
    let chosen = partnersOf(team: threads)
    let line = 128
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: (chosen.count + 1) * line, alignment: line)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: (chosen.count + 1) * line)
    defer { memory.deallocate() }
    let counters = Counters(memory: memory, distance: line)
    let deadline = Clock.now() + patience
    let found = Mutex<[Double]>([])
    let size = try ThreadTeam.run(threads) { index in
      if index == 0 {
        for place in chosen.indices {
          let rates = exchange(counters[place], side: 0, deadline: deadline)
          guard rates.count == windows - 2 else { return }
          let median = rates.sorted()[rates.count / 2]
          found.withLock { $0.append(median) }
        }
      } else if let place = chosen.firstIndex(of: index) {
        _ = exchange(counters[place], side: 1, deadline: deadline)
      }
    }
    let times = found.withLock { $0 }
    return size == threads && times.count == chosen.count ? times.max() : nil
  }

  /// The threads that are paired with the first: all, or as many as ``partners``, evenly spread and
  /// with the last one among them.
  static func partnersOf(team threads: Int) -> [Int] {
    let others = threads - 1
    guard others > partners else { return Array(1..<max(threads, 1)) }
    return (1...partners).map { $0 * others / partners }
  }

  /// One side of all windows; the times of half an exchange, ns, without the first two.
  private static func exchange(
    _ counter: UnsafeMutablePointer<UInt64>, side: UInt64, deadline: UInt64
  ) -> [Double] {
    var times: [Double] = []
    for window in 0..<windows {
      let start = UInt64(window) * 2 * rounds
      let begin = Clock.now()
      guard cmachine_hand_off(counter, side, start, rounds, deadline) != 0 else { return [] }
      if window >= 2 { times.append(Double(Clock.now() - begin) / Double(2 * rounds)) }
    }
    return times
  }

  /// The counters of the pairs, each on lines of its own.
  private struct Counters: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
    let distance: Int

    subscript(place: Int) -> UnsafeMutablePointer<UInt64> {
      (memory + place * distance).assumingMemoryBound(to: UInt64.self)
    }
  }
}
