package import Profiling

/// What is to be said of the conditions of a run, each with a remedy.
package struct ConditionWarnings {
  /// What the machine did besides.
  package var conditions: RunConditions
  /// Threads of the team.
  package var threads: Int
  /// CPUs that the process may use.
  package var cpus: Int
  /// NUMA nodes of the CPUs that the team's threads may use; nil where the kernel shows none.
  package var nodes: Int?
  /// Bytes of the network's weights and values; 0 where they are not known.
  package var bytes = 0
  /// Whether it is said already that threads waited for a core.
  package var isDisturbed = false

  /// Names what is judged.
  package init(_ conditions: RunConditions, threads: Int, cpus: Int) {
    self.conditions = conditions
    self.threads = threads
    self.cpus = cpus
  }

  /// From so many bytes on, a network has more small pages than a core's second-level TLB has entries,
  /// many times over.
  package static let hugePagesFrom = 64 << 20

  /// All of them.
  package var list: [Warning] {
    [throttled, heated, shared, stolen, governor, spread, smallPages].compactMap(\.self)
  }

  private var throttled: Warning? {
    guard let share = conditions.throttledShare, share >= RunConditions.throttledFrom else {
      return nil
    }
    return Warning(
      code: "throttled",
      message: "the control group's quota stopped the run for \(percent(share)) of its time",
      remedy: "raise the quota, or use no more --threads than it pays for")
  }

  private var heated: Warning? {
    guard let heats = conditions.thermalThrottles, heats > 0 else { return nil }
    return Warning(
      code: "thermal-throttling",
      message: "cores were slowed down \(heats) time\(heats == 1 ? "" : "s") because of heat",
      remedy: "let the machine cool, or measure shorter runs with pauses between them")
  }

  /// CPUs that others may keep busy before a thread of the team waits for one.
  private var room: Double { Double(cpus - threads) + RunConditions.busyFrom }

  private var wanted: String { "\(threads) thread\(threads == 1 ? "" : "s") wanted theirs" }

  private var shared: Warning? {
    let busy: String
    if let others = conditions.otherCpus {
      guard others > room else { return nil }
      busy = "other programs kept \(tenths(others)) of \(cpus) CPUs busy meanwhile"
    } else if let load = conditions.before.load, load > room {
      // The average of a minute holds what this program did before, so it counts where nothing else does.
      busy = "the load was \(tenths(load)) on \(cpus) CPUs before the run"
    } else {
      return nil
    }
    return Warning(
      code: "no-quiet-machine", message: "\(busy), and \(wanted)",
      remedy: "stop other programs, or use fewer --threads")
  }

  /// That a virtual machine's CPUs were given to others; where threads are known to have waited, the
  /// hypervisor is named there.
  private var stolen: Warning? {
    guard let share = conditions.stolenShare, conditions.isStolen, !isDisturbed else { return nil }
    return Warning(
      code: "no-whole-cpus",
      message: "the hypervisor kept \(percent(share)) of the CPUs' time for its other guests",
      remedy: Self.ownMachine)
  }

  /// What to do where a hypervisor gives the CPUs to others.
  package static let ownMachine =
    "measure when the host is quieter, or on a machine or CPUs of one's own"

  private var governor: Warning? {
    let governors = [conditions.before.governor, conditions.after.governor].compactMap(\.self)
    guard let slow = governors.first(where: { ["powersave", "conservative"].contains($0) }) else {
      return nil
    }
    return Warning(
      code: "no-performance-governor",
      message: "the frequency governor is '\(slow)': the clock follows the load",
      remedy: "cpupower frequency-set -g performance holds it while something is measured")
  }

  private var spread: Warning? {
    guard threads > 1, let nodes, nodes > 1 else { return nil }
    return Warning(
      code: "no-single-node",
      message: "\(threads) threads may run on \(nodes) NUMA nodes: weights lie in the memory of "
        + "one, and the others read them from afar",
      remedy: "numactl --cpunodebind=0 --membind=0 ntprof … keeps a run on one node")
  }

  private var smallPages: Warning? {
    guard conditions.hugePages == "never", bytes >= Self.hugePagesFrom else { return nil }
    return Warning(
      code: "no-huge-pages",
      message: "the kernel gives no huge pages: \(bytes >> 20) MiB lie in small ones, and reading "
        + "them waits for translations of addresses",
      remedy: "as root: echo madvise >/sys/kernel/mm/transparent_hugepage/enabled")
  }

  private func percent(_ share: Double) -> String { "\(tenths(share * 100)) %" }

  private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
