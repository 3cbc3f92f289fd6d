import Machine
import PAPI
public import Profiling

extension CounterSources {
  /// What the record says of PAPI; the reason is PAPI's own when it has no counters.
  ///
  /// - Returns: Version, number of counters, and why there are none.
  public static func papiInfo() -> MachineInfo.PAPI {
    do {
      let library = try Library.open()
      let counters = library.hardwareCounters
      let reason = library.cpu.map(\.disabledReason) ?? "built without perf_event"
      return MachineInfo.PAPI(
        version: library.version, hardwareCounters: counters, reason: reason)
    } catch {
      return MachineInfo.PAPI(version: "unknown", hardwareCounters: 0, reason: "\(error)")
    }
  }

  /// What the record says of this machine; oneDNN and the roofs are the caller's to add.
  ///
  /// - Returns: The machine as this process may use it.
  public static func machineInfo() -> MachineInfo {
    let host = Host.read()
    return MachineInfo(
      cpu: host.cpu.name, vendor: host.cpu.vendor, cores: host.physicalCores,
      threads: host.logicalCPUs, isa: host.isa.rawValue,
      caches: host.caches.map { cache in
        MachineInfo.Cache(
          level: cache.level, kind: cache.kind, bytes: cache.bytes, ways: cache.ways,
          line: cache.line, sharedBy: cache.sharedBy)
      },
      memoryBytes: host.memoryBytes, kernel: host.kernel, governor: host.governor,
      virtualized: host.hypervisor != nil, papi: papiInfo())
  }
}
