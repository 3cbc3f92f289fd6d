/// How much of a team's time others took while something was measured.
public struct TeamLoad: Hashable, Sendable {
  /// From this share on, what was measured is not the machine's best.
  ///
  /// Rates are the best of many short windows, which a few interruptions leave alone; a compiler on
  /// every core takes half.
  public static let disturbedFrom = 0.1

  /// Share of the team's time, 0 to 1, that its threads were ready to run and did not, or that the
  /// hypervisor kept their CPU.
  public let share: Double

  /// Whether what was measured meanwhile can be believed.
  public var isCalm: Bool { share < Self.disturbedFrom }

  /// Makes a load.
  public init(share: Double) { self.share = share }

  /// The load between two readings.
  ///
  /// Where the kernel keeps no account of run queues, the calling thread speaks for all: it works or
  /// spins all the time, so what it did not run, it waited.
  ///
  /// - Parameters:
  ///   - begin: The first reading.
  ///   - end: The second one.
  ///   - threads: Size of the team.
  ///   - cpus: The CPUs that it may use.
  public init(from begin: LoadReading, to end: LoadReading, threads: Int, cpus: [Int]) {
    guard end.time > begin.time else {
      share = 0
      return
    }
    func passed(_ first: UInt64, _ last: UInt64) -> Double {
      last > first ? Double(last - first) : 0
    }
    let wall = passed(begin.time, end.time)
    let waited: Double
    if let first = begin.waited, let last = end.waited {
      waited = passed(first, last) / (wall * Double(max(1, threads)))
    } else {
      waited = 1 - min(1, passed(begin.callerRan, end.callerRan) / wall)
    }
    let stolen = cpus.map { passed(begin.stolen[$0] ?? 0, end.stolen[$0] ?? 0) / wall }.max() ?? 0
    share = min(1, waited + stolen)
  }

  /// Measures something when nobody disturbs: once more if the first time was not calm.
  ///
  /// - Parameters:
  ///   - threads: Size of the team that measures.
  ///   - attempts: How often at most.
  ///   - reading: What the kernel's accounts say.
  ///   - body: Measures.
  /// - Returns: What the calmest attempt measured, and how calm it was.
  /// - Throws: What `body` throws.
  public static func calmest<Value, Failure: Error>(
    threads: Int, attempts: Int = 2, reading: () -> LoadReading = LoadReading.now,
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> (value: Value, load: TeamLoad) {
    let cpus = Host.read().processors
    func attempt() throws(Failure) -> (value: Value, load: TeamLoad) {
      let begin = reading()
      let value = try body()
      let load = TeamLoad(from: begin, to: reading(), threads: threads, cpus: cpus)
      return (value, load)
    }
    var best = try attempt()
    for _ in 1..<max(1, attempts) where !best.load.isCalm {
      let next = try attempt()
      if next.load.share < best.load.share { best = next }
    }
    return best
  }
}
