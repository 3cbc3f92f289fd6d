import Glibc

/// Time that this process wanted and did not get, cheap enough to be read around every pass.
///
/// The files of the kernel's accounts stay open: some µs a thread. Stolen time of a virtual machine
/// goes by hundredths of a second, so that account is read no more often. Threads that begin after
/// this object was made are not seen.
public final class StolenTime {
  /// What the accounts say, since some moment in the past.
  public struct Reading: Hashable, Sendable {
    /// Time in which threads stood in a run queue or the hypervisor kept a CPU, ns; nil where the
    /// kernel keeps no account of run queues.
    public var lostNs: UInt64?
    /// How often threads had to leave a CPU.
    public var switches: Int

    /// Makes a reading.
    public init(lostNs: UInt64?, switches: Int) {
      self.lostNs = lostNs
      self.switches = switches
    }
  }

  private static let interval: UInt64 = 10_000_000

  private let waits: [Int32]
  private let statistics: Int32
  private let cpus: [Int]
  private let ticksPerSecond: Int
  private var stolen: UInt64 = 0
  private var stolenAt: UInt64 = 0

  /// Opens the accounts of the process's threads as they are now, on the CPUs that it may use.
  public convenience init() { self.init(cpus: Host.read().processors) }

  /// Opens the accounts of the process's threads as they are now.
  ///
  /// - Parameter cpus: The CPUs that it may use.
  public init(cpus: [Int]) {
    waits = ThreadTeam.taskIDs()
      .map { open("/proc/self/task/\($0)/schedstat", O_RDONLY | O_CLOEXEC) }.filter { $0 >= 0 }
    statistics = open("/proc/stat", O_RDONLY | O_CLOEXEC)
    self.cpus = cpus
    ticksPerSecond = sysconf(Int32(_SC_CLK_TCK))
  }

  deinit {
    for descriptor in waits { close(descriptor) }
    if statistics >= 0 { close(statistics) }
  }

  /// Reads them.
  public func read() -> Reading {
    var waited: UInt64?
    for descriptor in waits {
      // Three numbers of at most 20 digits.
      guard let line = text(of: descriptor, capacity: 80), let delay = LoadReading.runDelay(line)
      else { continue }
      waited = (waited ?? 0) + delay
    }
    let now = Clock.now()
    if statistics >= 0, now - stolenAt >= Self.interval {
      let found = LoadReading.stolen(
        in: text(of: statistics, capacity: 65_536) ?? "", ticksPerSecond: ticksPerSecond)
      stolen = cpus.reduce(0) { $0 + (found[$1] ?? 0) }
      stolenAt = now
    }
    return Reading(lostNs: waited.map { $0 + stolen }, switches: Usage.involuntarySwitches())
  }

  private func text(of descriptor: Int32, capacity: Int) -> String? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
      let count = pread(descriptor, buffer.baseAddress, capacity, 0)
      guard count > 0 else { return nil }
      let line = buffer.prefix(count)
      return String(
        decoding: line.last == UInt8(ascii: "\n") ? line.dropLast() : line, as: UTF8.self)
    }
  }
}
