/// What the machine was set to and did besides, before and after a run and in between.
///
/// What cannot be read here is absent.
public struct RunConditions: Codable, Hashable, Sendable {
  /// One moment.
  public struct Moment: Codable, Hashable, Sendable {
    /// Processes that run or want to, of the whole machine, averaged over a minute.
    public var load: Double?
    /// Frequency governor of the CPUs that the run may use; several are joined by commas.
    public var governor: String?
    /// Clock of those CPUs as the kernel sees it, Hz, the mean.
    public var clockHz: Double?

    /// Describes a moment.
    public init(load: Double? = nil, governor: String? = nil, clockHz: Double? = nil) {
      self.load = load
      self.governor = governor
      self.clockHz = clockHz
    }
  }

  /// Before the warm-up.
  public var before: Moment
  /// After the last pass.
  public var after: Moment
  /// What lies between them, seconds.
  public var seconds: Double
  /// How many of the run's CPUs other processes kept busy, on average.
  public var otherCpus: Double?
  /// Share of those CPUs' time that the hypervisor kept, 0 to 1.
  public var stolenShare: Double?
  /// How long the control group's quota stopped the run, ns.
  public var throttledNs: Double?
  /// How often a core of the run was slowed down because of its heat.
  public var thermalThrottles: Int?
  /// CPUs' worth of time that the control group grants; absent without a quota.
  public var cpuQuota: Double?
  /// NUMA nodes that the run's CPUs belong to.
  public var numaNodes: Int?
  /// When the kernel gives out huge pages: `always`, `madvise` or `never`.
  public var hugePages: String?
  /// Memory of the run in huge pages when it ended, bytes.
  public var hugePageBytes: Int?

  /// Describes a run of which nothing but its length is known.
  public init(before: Moment, after: Moment, seconds: Double) {
    self.before = before
    self.after = after
    self.seconds = seconds
  }
}

extension RunConditions {
  /// Share of the run that the quota stopped it, from which on times are not the machine's.
  public static let throttledFrom = 0.01

  /// CPUs that other programs keep busy, from which on times are not the machine's.
  public static let busyFrom = 0.25

  /// Share of the CPUs' time that the hypervisor keeps, from which on times are not the machine's.
  public static let stolenFrom = 0.01

  /// Whether the hypervisor kept the CPUs for others so long that times show it.
  public var isStolen: Bool { (stolenShare ?? 0) >= Self.stolenFrom }

  /// The frequency governor: both where it changed meanwhile; nil where the kernel shows none.
  public var governor: String? {
    guard let first = before.governor, let last = after.governor, first != last else {
      return before.governor ?? after.governor
    }
    return "\(first), then \(last)"
  }

  /// Share of the run that the control group's quota stopped it, 0 to 1; nil where none is known.
  public var throttledShare: Double? {
    throttledNs.map { seconds > 0 ? Swift.min($0 * 1e-9 / seconds, 1) : 0 }
  }

  /// The conditions of several processes in a row: the first's before, the last's after, and of what
  /// disturbs the sum or the mean.
  static func merging(_ parts: [RunConditions]) -> RunConditions? {
    guard let first = parts.first, let last = parts.last else { return nil }
    var merged = last
    merged.before = first.before
    merged.seconds = parts.reduce(0) { $0 + $1.seconds }
    func mean(_ value: KeyPath<RunConditions, Double?>) -> Double? {
      let known = parts.compactMap { part in part[keyPath: value].map { ($0, part.seconds) } }
      let seconds = known.reduce(0) { $0 + $1.1 }
      return seconds > 0 ? known.reduce(0) { $0 + $1.0 * $1.1 } / seconds : nil
    }
    merged.otherCpus = mean(\.otherCpus)
    merged.stolenShare = mean(\.stolenShare)
    let stops = parts.compactMap(\.throttledNs)
    merged.throttledNs = stops.isEmpty ? nil : stops.reduce(0, +)
    let heats = parts.compactMap(\.thermalThrottles)
    merged.thermalThrottles = heats.isEmpty ? nil : heats.reduce(0) { Swift.max($0, $0 &+ $1) }
    merged.hugePageBytes = parts.compactMap(\.hugePageBytes).max()
    return merged
  }

  /// In what the conditions of two runs differ so that their times do, in words.
  static func differences(_ baseline: RunConditions?, _ candidate: RunConditions?) -> [String] {
    // Records of older versions do not say.
    guard let baseline, let candidate else { return [] }
    var list: [String] = []
    func compare(_ name: String, _ value: (RunConditions) -> String?) {
      guard let before = value(baseline), let after = value(candidate), before != after else {
        return
      }
      list.append("\(name): \(before) against \(after)")
    }
    compare("CPU quota") { conditions in conditions.cpuQuota.map { "\($0) CPUs" } ?? "none" }
    compare("NUMA nodes") { $0.numaNodes.map(String.init) }
    compare("huge pages") { $0.hugePages }
    compare("stopped by its quota") { conditions in
      conditions.throttledShare.map { $0 >= throttledFrom ? "yes" : "no" }
    }
    compare("slowed down by heat") { conditions in
      conditions.thermalThrottles.map { $0 > 0 ? "yes" : "no" }
    }
    /// Said where one side has much and the other next to none: all have some, and passes that it disturbed are left out.
    func compare(
      _ name: String, _ value: (RunConditions) -> Double?, none: Double, much: Double,
      _ words: (Double) -> String
    ) {
      guard let before = value(baseline), let after = value(candidate),
        min(before, after) < none, max(before, after) >= much
      else { return }
      list.append("\(name): \(words(before)) against \(words(after))")
    }
    compare("other programs", \.otherCpus, none: busyFrom, much: 1) { cpus in
      "\((cpus * 100).rounded() / 100) CPUs"
    }
    compare("kept by the hypervisor", \.stolenShare, none: stolenFrom, much: 0.1) { share in
      "\((share * 1000).rounded() / 10) %"
    }
    return list
  }
}
