internal import Profiling

/// Where and how a run was made, as terms and values.
struct EnvironmentFacts {
  let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  /// The machine and its roofs.
  func machine() -> [(String, String?)] {
    let machine = record.machine
    let caches = machine.caches.map { cache in
      let kind = cache.kind == "unified" ? "" : " \(cache.kind)"
      return "L\(cache.level)\(kind) \(Figures.binaryBytes(cache.bytes))"
    }
    let roofs = machine.rooflines
    return [
      ("Measured by", Headline(record).origin), ("CPU", machine.cpu),
      (
        "Cores",
        machine.cores.map { cores in
          "\(cores)" + (machine.threads.map { " (\($0) logical)" } ?? "")
        }
      ),
      ("Best vector ISA", machine.isa),
      ("Caches", caches.isEmpty ? nil : caches.joined(separator: ", ")),
      ("Memory", machine.memoryBytes.map { Figures.binaryBytes($0) }),
      ("Engine", machine.engine.map { EngineText.version($0) }),
      ("Engine's settings", machine.engine.map { EngineText.settings($0) }),
      ("Engine's nodes", Headline(record).nodes),
      ("oneDNN", machine.onednn.map { "\($0.version), \($0.isa), \($0.runtime)" }),
      ("PAPI", machine.papi.map(Self.papi)),
      ("Arithmetic peak", roofs.map(Self.peaks)),
      ("Memory bandwidth", roofs?.bandwidth.last.map { "\(Figures.short($0.gbs)) GB/s, reading" }),
      ("Clock under load", roofs.map { "\(Figures.fixed($0.clockHz / 1e9, 2)) GHz" }),
      ("Kernel", machine.kernel), ("Governor", machine.governor),
      ("Environment", machine.environment.flatMap(Self.environment)),
      ("Meanwhile", record.conditions.flatMap(Self.conditions)),
      ("Virtualized", machine.virtualized.map { $0 ? "yes" : "no" }),
    ]
  }

  /// The options and what they cost.
  func run() -> [(String, String?)] {
    let options = record.options
    return [
      ("Topology", record.topology.source), ("SHA-256", String(record.topology.sha256.prefix(16))),
      ("Batch", String(options.batch)), ("Threads", Headline.threads(options)),
      ("Threads pinned", options.pinning?.summary), ("Precision", options.precision.rawValue),
      ("Passes", options.iterations.map { "\($0), after \(options.warmup ?? 0) to warm up" }),
      ("Caches", options.cache), ("Fusion", options.fusion ? "on" : "off"),
      ("Tuning", Headline(record).tuning ?? options.tuning),
      ("Rounding", Headline(record).rounding), ("ISA capped at", options.isa),
      ("Layers", options.layers),
      ("Counters", options.counters), ("Seed", options.seed.map { String($0) }),
      ("Overhead", headlineOverhead),
      ("Outputs", record.endToEnd?.outputError.map { EngineText.outputs($0) }),
      ("Output digest", record.endToEnd?.outputDigest.map { String($0.prefix(16)) }),
    ]
  }

  private var headlineOverhead: String? { Headline(record).overhead }

  private static func environment(_ variables: [String: String]) -> String? {
    variables.isEmpty
      ? nil : variables.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
  }

  private static func conditions(_ conditions: RunConditions) -> String? {
    func share(_ value: Double) -> String { "\(Figures.percent(value)) %" }
    let facts = [
      conditions.before.load.map { before in
        let after = conditions.after.load.map { " to \(Figures.fixed($0, 2))" } ?? ""
        return "load \(Figures.fixed(before, 2))\(after)"
      },
      conditions.otherCpus.map { "other programs on \(Figures.fixed($0, 2)) CPUs" },
      conditions.stolenShare.flatMap { $0 > 0 ? "the hypervisor kept \(share($0))" : nil },
      conditions.throttledShare.flatMap { $0 > 0 ? "stopped by the quota for \(share($0))" : nil },
      conditions.thermalThrottles.flatMap { $0 > 0 ? "slowed down by heat \($0) times" : nil },
      conditions.cpuQuota.map { "quota \(Figures.fixed($0, 2)) CPUs" },
      conditions.numaNodes.flatMap { $0 > 1 ? "\($0) NUMA nodes" : nil },
      conditions.hugePages.map { setting in
        let used = conditions.hugePageBytes.map { ", \(Figures.binaryBytes($0))" } ?? ""
        return "huge pages: \(setting)\(used)"
      },
    ].compactMap(\.self)
    return facts.isEmpty ? nil : facts.joined(separator: "; ")
  }

  private static func papi(_ papi: MachineInfo.PAPI) -> String {
    let reason = papi.reason.map { ": \($0)" } ?? ""
    return "\(papi.version), \(papi.hardwareCounters) hardware counters\(reason)"
  }

  private static func peaks(_ roofs: Rooflines) -> String {
    let peaks = [
      ("f32", roofs.peakFlops.f32), ("bf16", roofs.peakFlops.bf16), ("int8", roofs.peakFlops.int8),
    ]
    return peaks.compactMap { name, peak in
      peak.map { "\(name) \(Figures.prefixed($0))FLOP/s" }
    }.joined(separator: ", ") + " on \(roofs.threads) \(roofs.threads == 1 ? "thread" : "threads")"
  }
}
