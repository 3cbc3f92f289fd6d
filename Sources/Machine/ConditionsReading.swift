import Glibc

/// What the kernel's accounts say, at one moment, of what the machine is set to and does.
public struct ConditionsReading: Sendable {
  /// The moment, ns (``Clock/now()``).
  public var time: UInt64
  /// The load average of the last minute.
  public var load: Double?
  /// Governors of the CPUs that the process may use, each once.
  public var governors: [String]
  /// Mean clock of those CPUs, Hz.
  public var clockHz: Double?
  /// Time that those CPUs were busy, ns, summed.
  public var busyNs: UInt64?
  /// Time that the hypervisor kept them, ns, summed.
  public var stolenNs: UInt64?
  /// Time that this process and children that have ended took, ns.
  public var ownNs: UInt64
  /// Time that the control group's quota stopped its processes, ns.
  public var throttledNs: UInt64?
  /// How often those CPUs' cores were slowed down because of heat.
  public var thermalThrottles: Int?

  /// Reads them: some 0.2 ms.
  public static func now() -> ConditionsReading {
    let host = Host.read()
    let accounts = Self.accounts(
      in: TextFile.read("/proc/stat") ?? "", cpus: host.processors,
      ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)))
    let folders = host.processors.map { "/sys/devices/system/cpu/cpu\($0)" }
    let clocks = folders.compactMap { folder in
      TextFile.line("\(folder)/cpufreq/scaling_cur_freq").flatMap { Double($0) }
    }
    let heats = folders.compactMap { folder in
      TextFile.line("\(folder)/thermal_throttle/core_throttle_count").flatMap { Int($0) }
    }
    return ConditionsReading(
      time: Clock.now(),
      load: TextFile.line("/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) },
      governors: Set(folders.compactMap { TextFile.line("\($0)/cpufreq/scaling_governor") })
        .sorted(),
      clockHz: clocks.isEmpty ? nil : clocks.reduce(0, +) / Double(clocks.count) * 1000,
      busyNs: accounts?.busy, stolenNs: accounts?.stolen, ownNs: Usage.processorNs(),
      throttledNs: host.controlGroup.throttledNs,
      thermalThrottles: heats.isEmpty ? nil : heats.reduce(0, &+))
  }

  /// Busy and stolen time of some CPUs in `/proc/stat`, ns.
  ///
  /// Its columns are user, nice, system, idle, iowait, irq, softirq and steal.
  static func accounts(
    in text: String, cpus: [Int], ticksPerSecond: Int
  ) -> (busy: UInt64, stolen: UInt64)? {
    let wanted = Set(cpus)
    let tick = 1_000_000_000 / UInt64(max(1, ticksPerSecond))
    var (busy, stolen, found): (UInt64, UInt64, Bool) = (0, 0, false)
    for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
      let words = line.split(separator: " ")
      guard words.count > 8, let cpu = Int(words[0].dropFirst(3)), wanted.contains(cpu) else {
        continue
      }
      let ticks = words[1...8].map { UInt64($0) ?? 0 }
      busy &+= (ticks[0] &+ ticks[1] &+ ticks[2] &+ ticks[5] &+ ticks[6]) &* tick
      stolen &+= ticks[7] &* tick
      found = true
    }
    return found ? (busy, stolen) : nil
  }
}

extension Host {
  /// NUMA nodes that the process's CPUs belong to; nil where the kernel shows none.
  public var numaNodes: Int? { Self.numaNodes(of: processors) }

  /// NUMA nodes that some CPUs belong to; nil where the kernel shows none.
  ///
  /// The corresponding files are `/sys/devices/system/node/node*/cpulist`.
  public static func numaNodes(of cpus: [Int]) -> Int? {
    let list = TextFile.line("/sys/devices/system/node/online").map(CPUList.parse) ?? []
    let own = Set(cpus)
    let nodes = list.count { node in
      let cpus = TextFile.line("/sys/devices/system/node/node\(node)/cpulist").map(CPUList.parse)
      return cpus?.contains(where: own.contains) ?? false
    }
    return nodes > 0 ? nodes : nil
  }

  /// When the kernel gives out huge pages: `always`, `madvise` or `never`; nil where it has none.
  ///
  /// The corresponding file is `/sys/kernel/mm/transparent_hugepage/enabled`.
  public static var hugePages: String? {
    TextFile.line("/sys/kernel/mm/transparent_hugepage/enabled")?
      .split(separator: " ").first { $0.hasPrefix("[") }.map { String($0.dropFirst().dropLast()) }
  }
}

extension Usage {
  /// Time that this process and its ended children ran, ns.
  ///
  /// The corresponding C function is `getrusage`.
  public static func processorNs() -> UInt64 {
    [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(0) { sum, who in
      var usage = rusage()
      getrusage(__rusage_who_t(who.rawValue), &usage)
      let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
      let micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
      return sum + UInt64(seconds) * 1_000_000_000 + UInt64(micros) * 1000
    }
  }

  /// Memory of this process in huge pages, bytes; nil where the kernel does not say.
  ///
  /// The corresponding field is `AnonHugePages` of `/proc/self/smaps_rollup`.
  public static func hugePageBytes() -> Int? {
    StatusFields(TextFile.read("/proc/self/smaps_rollup") ?? "").bytes("AnonHugePages")
  }
}
