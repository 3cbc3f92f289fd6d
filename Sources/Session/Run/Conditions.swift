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
}
