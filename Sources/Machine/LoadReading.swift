import Glibc

/// What the kernel's accounts say, at one moment, of time that this process wanted and did not get.
public struct LoadReading: Hashable, Sendable {
  /// The moment, ns (``Clock/now()``).
  public var time: UInt64
  /// How long threads of this process have stood in a run queue since they began, ns, summed; nil
  /// where the kernel keeps no such account.
  public var waited: UInt64?
  /// How long the calling thread has run, ns.
  public var callerRan: UInt64
  /// How long the hypervisor has kept each CPU for others, ns, by CPU.
  public var stolen: [Int: UInt64]

  /// Makes a reading.
  public init(
    time: UInt64, waited: UInt64?, callerRan: UInt64, stolen: [Int: UInt64] = [:]
  ) {
    self.time = time
    self.waited = waited
    self.callerRan = callerRan
    self.stolen = stolen
  }

  /// Reads `/proc/self/task/*/schedstat`, `/proc/stat` and the calling thread's CPU clock.
  ///
  /// About 0.1 ms and 20 µs a thread; the accounts of stolen time go by hundredths of a second.
  public static func now() -> LoadReading {
    var waited: UInt64?
    for task in ThreadTeam.taskIDs() {
      guard let line = TextFile.line("/proc/self/task/\(task)/schedstat"),
        let delay = Self.runDelay(line)
      else { continue }
      waited = (waited ?? 0) + delay
    }
    return LoadReading(
      time: Clock.now(), waited: waited,
      callerRan: Clock.threadTime(),
      stolen: Self.stolen(
        in: TextFile.read("/proc/stat") ?? "", ticksPerSecond: sysconf(Int32(_SC_CLK_TCK))))
  }

  /// The second number of a `schedstat`: time on a run queue, ns.
  static func runDelay(_ line: String) -> UInt64? {
    let numbers = line.split(separator: " ").map { UInt64($0) }
    return numbers.count == 3 ? numbers[1] : nil
  }

  /// The eighth number of each `cpuN` line of `/proc/stat`, in ns.
  static func stolen(in text: String, ticksPerSecond: Int) -> [Int: UInt64] {
    var found: [Int: UInt64] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
      let words = line.split(separator: " ")
      guard words.count > 8, let cpu = Int(words[0].dropFirst(3)), let ticks = UInt64(words[8])
      else { continue }
      found[cpu] = ticks * 1_000_000_000 / UInt64(max(1, ticksPerSecond))
    }
    return found
  }
}
