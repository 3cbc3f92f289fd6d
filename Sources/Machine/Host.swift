import CMachine

/// The machine this process runs on, as far as the process may use it.
public struct Host: Hashable, Sendable {
  /// What `/proc/cpuinfo` says.
  public var cpu: CPUDescription
  /// Numbers of the logical CPUs that the process may use.
  ///
  /// A thread that was bound by this program or by the OpenMP runtime has a narrower mask of its own.
  public var processors: [Int]
  /// Those of them on which the OpenMP runtime puts threads, as the environment told it; nil where
  /// it binds none.
  public var places: [Int]?
  /// Physical cores among them.
  public var physicalCores: Int
  /// The best vector ISA.
  public var isa: VectorISA
  /// Caches of the first CPU, by level.
  public var caches: [CacheLevel]
  /// Physical memory, or the control group's limit where that is less, bytes.
  public var memoryBytes: Int
  /// Memory that can be had without swapping, bytes, the control group's limit respected.
  public var memoryAvailableBytes: Int
  /// The limits of the control group.
  public var controlGroup: ControlGroup
  /// Kernel release, such as `6.1.0-18-amd64`.
  public var kernel: String
  /// Frequency governor of the first CPU, such as `performance`; nil where the kernel shows none.
  public var governor: String?
  /// The hypervisor's signature, such as `KVMKVMKVM`; nil on bare metal.
  public var hypervisor: String?

  /// Logical CPUs that the process may use.
  public var logicalCPUs: Int { processors.count }

  /// A sensible number of threads: the physical cores that they get, but no more than the quota pays
  /// for in full.
  public var defaultThreads: Int {
    let quota = controlGroup.cpuQuota.map { Int(min($0, 1e6)) } ?? Int.max
    let bound = places.map { cpu.physicalCores(of: $0) } ?? Int.max
    return max(1, min(physicalCores, bound, quota))
  }

  /// Whether it does not matter which CPUs a team gets: each is a core of its own, and all share one
  /// package and one last-level cache.
  public var isUniform: Bool {
    let packages = Set(processors.map { cpu.cores[$0]?.package ?? -1 })
    let last = caches.filter { $0.kind != "instruction" }.max { $0.level < $1.level }
    return packages.count <= 1 && physicalCores >= logicalCPUs
      && (last?.sharedBy ?? logicalCPUs) >= logicalCPUs
  }

  /// Why so many threads cannot all run at once; nil when they can.
  public func overload(of threads: Int) -> String? {
    if threads > logicalCPUs {
      return "\(threads) threads share \(logicalCPUs) logical core\(logicalCPUs == 1 ? "" : "s")"
    }
    if let places, threads > places.count {
      return "\(threads) threads are bound to \(places.count) of \(logicalCPUs) logical cores"
    }
    guard let quota = controlGroup.cpuQuota, Double(threads) > quota else { return nil }
    let granted = (quota * 100).rounded() / 100
    return "\(threads) threads share the time of \(granted) CPUs that the control group grants"
  }

  /// Capacity of the outermost data cache, bytes; 0 when unknown.
  public var lastLevelCacheBytes: Int { caches.lastLevelBytes }

  /// Looks at the machine; what cannot be read is `unknown`, nil or 0.
  ///
  /// Reads `/proc/{cpuinfo,meminfo,self/status,self/cgroup}` and
  /// `/sys/devices/system/cpu/cpu0`; the instruction set and the hypervisor come from `cpuid`.
  public static func read() -> Host {
    let cpu = CPUDescription(cpuinfo: TextFile.read("/proc/cpuinfo") ?? "")
    let status = StatusFields(TextFile.read("/proc/self/status") ?? "")
    // A bound thread's own mask is not what the process may use.
    let allowed = Affinity.beforeBinding ?? status["Cpus_allowed_list"].map(CPUList.parse) ?? []
    let processors = allowed.isEmpty ? cpu.cores.keys.sorted() : allowed
    let memory = StatusFields(TextFile.read("/proc/meminfo") ?? "")
    let group = ControlGroup.read()
    let total = memory.bytes("MemTotal") ?? 0
    let available = memory.bytes("MemAvailable") ?? memory.bytes("MemFree") ?? 0
    return Host(
      cpu: cpu, processors: processors, places: OpenMPPlaces.current?.processors,
      physicalCores: max(1, cpu.physicalCores(of: processors)),
      isa: .best, caches: CacheLevel.readAll(),
      memoryBytes: min(total, group.memoryLimit ?? total),
      memoryAvailableBytes: min(available, group.memoryLeft ?? available), controlGroup: group,
      kernel: TextFile.line("/proc/sys/kernel/osrelease") ?? "unknown",
      governor: TextFile.line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
      hypervisor: hypervisorSignature())
  }

  private static func hypervisorSignature() -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 13) { signature in
      guard let base = signature.baseAddress, cmachine_hypervisor(base) != 0 else { return nil }
      let name = String(cString: base)
      return name.isEmpty ? "unknown" : name
    }
  }
}

extension Host {
  /// Name and version of the operating system, such as `Debian GNU/Linux 12 (bookworm)`; nil where it
  /// does not say.
  ///
  /// The corresponding file is `/etc/os-release`, by its `PRETTY_NAME` (os-release(5)).
  public static var operatingSystem: String? {
    TextFile.read("/etc/os-release").flatMap(operatingSystem(of:))
  }

  /// The `PRETTY_NAME` of an `os-release`; nil where it has none.
  static func operatingSystem(of text: String) -> String? {
    let key = "PRETTY_NAME="
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else {
      return nil
    }
    let value = line.dropFirst(key.count).filter { $0 != "\"" && $0 != "'" && $0 != "\\" }
    return value.isEmpty ? nil : value
  }

  /// Whether the kernel's lock-up watchdog holds a hardware counter.
  ///
  /// The corresponding file is `/proc/sys/kernel/nmi_watchdog`.
  public static var hasCounterWatchdog: Bool {
    TextFile.line("/proc/sys/kernel/nmi_watchdog").flatMap { Int($0) } == 1
  }

  /// How much of performance events the kernel allows to everybody; nil where it has none.
  ///
  /// Up to 2, a process may count its own user code. The corresponding file is
  /// `/proc/sys/kernel/perf_event_paranoid`.
  public static var perfEventParanoid: Int? {
    TextFile.line("/proc/sys/kernel/perf_event_paranoid").flatMap { Int($0) }
  }
}
