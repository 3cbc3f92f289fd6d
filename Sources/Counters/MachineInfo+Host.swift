import Machine
import PAPI
public import Profiling

extension CounterSources {
  /// What the record says of PAPI; no counters, and why, where not even cycles can be counted.
  ///
  /// - Returns: Version, number of counters, and why there are none.
  public static func papiInfo() -> MachineInfo.PAPI {
    let library: Library
    do { library = try Library.open() } catch {
      return MachineInfo.PAPI(version: "unknown", hardwareCounters: 0, reason: "\(error)")
    }
    do {
      // PAPI's number comes from its tables; whether there are such counters shows on opening one.
      _ = try PAPICounters(threads: 1, events: [CounterEvents.cycles])
      return MachineInfo.PAPI(
        version: library.version, hardwareCounters: library.hardwareCounters, reason: nil)
    } catch {
      return MachineInfo.PAPI(
        version: library.version, hardwareCounters: 0, reason: error.reason)
    }
  }

  /// What the record says of this machine; oneDNN and the roofs are the caller's to add.
  ///
  /// - Returns: The machine as this process may use it.
  public static func machineInfo() -> MachineInfo {
    let host = Host.read()
    var info = MachineInfo(
      cpu: host.cpu.name, vendor: host.cpu.vendor, cores: host.physicalCores,
      threads: host.logicalCPUs, isa: host.isa.rawValue,
      caches: host.caches.map { cache in
        MachineInfo.Cache(
          level: cache.level, kind: cache.kind, bytes: cache.bytes, ways: cache.ways,
          line: cache.line, sharedBy: cache.sharedBy)
      },
      memoryBytes: host.memoryBytes, kernel: host.kernel, governor: host.governor,
      virtualized: host.hypervisor != nil, papi: papiInfo(),
      microarchitecture: Microarchitecture.running.id)
    info.os = Host.operatingSystem
    info.environment = RuntimeEnvironment.read()
    return info
  }
}
