import Machine
package import Profiling

/// What the machine does besides a run, from before its warm-up to after its last pass.
package struct Conditions {
  private let host: Host
  private let begin: ConditionsReading

  /// Begins.
  package init() {
    host = Host.read()
    begin = ConditionsReading.now()
  }

  /// What it did until now.
  package func now() -> RunConditions {
    let end = ConditionsReading.now()
    let seconds = Double(end.time - begin.time) * 1e-9
    var found = RunConditions(
      before: Self.moment(begin), after: Self.moment(end), seconds: seconds)
    func passed(_ first: UInt64?, _ last: UInt64?) -> Double? {
      guard let first, let last else { return nil }
      return last > first ? Double(last - first) : 0
    }
    if let busy = passed(begin.busyNs, end.busyNs), let own = passed(begin.ownNs, end.ownNs),
      seconds > 0
    {
      // The accounts go by hundredths of a second, and the run's own by less.
      found.otherCpus = max(0, (busy - own) * 1e-9 / seconds)
    }
    if let stolen = passed(begin.stolenNs, end.stolenNs), seconds > 0 {
      found.stolenShare = min(1, stolen * 1e-9 / seconds / Double(max(1, host.logicalCPUs)))
    }
    found.throttledNs = passed(begin.throttledNs, end.throttledNs)
    if let first = begin.thermalThrottles, let last = end.thermalThrottles {
      found.thermalThrottles = max(0, last - first)
    }
    found.cpuQuota = host.controlGroup.cpuQuota
    found.numaNodes = host.numaNodes
    found.hugePages = Host.hugePages
    found.hugePageBytes = Usage.hugePageBytes()
    return found
  }

  private static func moment(_ reading: ConditionsReading) -> RunConditions.Moment {
    .init(
      load: reading.load,
      governor: reading.governors.isEmpty ? nil : reading.governors.joined(separator: ","),
      clockHz: reading.clockHz)
  }

  /// What is to be said of them, each with a remedy.
  package static func warnings(for conditions: RunConditions, threads: Int, cpus: Int) -> [Warning]
  {
    var list: [Warning] = []
    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
    if let share = conditions.throttledShare, share >= RunConditions.throttledFrom {
      list.append(
        Warning(
          code: "throttled",
          message: "the control group's quota stopped the run for \(percent(share)) of its time",
          remedy: "raise the quota, or use no more --threads than it pays for"))
    }
    if let heats = conditions.thermalThrottles, heats > 0 {
      list.append(
        Warning(
          code: "thermal-throttling",
          message: "cores were slowed down \(heats) time\(heats == 1 ? "" : "s") because of heat",
          remedy: "let the machine cool, or measure shorter runs with pauses between them"))
    }
    if let others = conditions.otherCpus, others > Double(cpus - threads) + 0.25 {
      list.append(
        Warning(
          code: "no-quiet-machine",
          message:
            "other programs kept \((others * 10).rounded() / 10) of \(cpus) CPUs busy meanwhile, and "
            + "\(threads) thread\(threads == 1 ? "" : "s") wanted theirs",
          remedy: "stop other programs, or use fewer --threads"))
    }
    let governors = [conditions.before.governor, conditions.after.governor].compactMap(\.self)
    if let slow = governors.first(where: { ["powersave", "conservative"].contains($0) }) {
      list.append(
        Warning(
          code: "no-performance-governor",
          message: "the frequency governor is '\(slow)': the clock follows the load",
          remedy: "cpupower frequency-set -g performance holds it while something is measured"))
    }
    return list
  }
}
