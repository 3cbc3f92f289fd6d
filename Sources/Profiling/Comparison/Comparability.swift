/// Whether the times of two records may be compared.
public struct Comparability: Codable, Hashable, Sendable {
  /// How far.
  public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// Same machine, library and options: what differs is the topology.
    case comparable
    /// An option differs: right if that is what was to be compared.
    case caution
    /// Machine or library differ: the difference is not the topology's.
    case notComparable = "not-comparable"
  }

  /// How far they may.
  public var verdict: Verdict
  /// Why not fully, in words; empty for `comparable`.
  public var reasons: [String]

  /// Makes a verdict.
  public init(verdict: Verdict, reasons: [String]) {
    self.verdict = verdict
    self.reasons = reasons
  }

  /// Compares where and how two records were made.
  public init(baseline: RunRecord, candidate: RunRecord) {
    let machine =
      Self.chip(baseline.machine, candidate.machine) + Self.library(baseline, candidate)
    let system =
      Self.governors(baseline, candidate)
      + Self.differences([("kernel", baseline.machine.kernel, candidate.machine.kernel)])
      + Self.clocks(baseline.machine, candidate.machine)
    reasons =
      Self.origins(baseline, candidate) + machine + Self.options(baseline, candidate) + system
      + Self.surroundings(baseline, candidate) + Self.plans(baseline, candidate)
      + Self.interruptions([("the baseline", baseline), ("the candidate", candidate)])
    verdict = machine.isEmpty ? (reasons.isEmpty ? .comparable : .caution) : .notComparable
  }

  /// What besides their machines two records differ in: who measured, library, options, surroundings;
  /// `letters` are what the two are called.
  static func besidesMachines(
    _ baseline: RunRecord, _ candidate: RunRecord, letters: [String]
  ) -> [String] {
    // Which instruction set the library takes is the machine's, unless somebody capped it.
    origins(baseline, candidate) + versions(baseline, candidate) + engines(baseline, candidate)
      + options(baseline, candidate)
      + differences([
        ("ISA capped at", baseline.options.isa ?? "none", candidate.options.isa ?? "none"),
        ("layers", baseline.options.layers, candidate.options.layers),
      ])
      + surroundings(baseline, candidate)
      + interruptions(Array(zip(letters, [baseline, candidate])))
  }

  private static func origins(_ baseline: RunRecord, _ candidate: RunRecord) -> [String] {
    differences([("measured by", program(baseline), program(candidate))])
  }

  private static func chip(_ before: MachineInfo, _ after: MachineInfo) -> [String] {
    differences([("CPU", before.cpu, after.cpu), ("vector ISA", isa(before), isa(after))])
  }

  /// Engines that differ are what was to be compared: so are their libraries.
  private static func library(_ baseline: RunRecord, _ candidate: RunRecord) -> [String] {
    guard baseline.options.engine == candidate.options.engine else { return [] }
    let (before, after) = (baseline.machine, candidate.machine)
    return differences([
      ("oneDNN", before.onednn?.version, after.onednn?.version),
      ("oneDNN's ISA", before.onednn?.isa, after.onednn?.isa),
      ("oneDNN's runtime", before.onednn?.runtime, after.onednn?.runtime),
      (baseline.options.engine ?? "engine", before.engine?.version, after.engine?.version),
    ])
  }

  /// The same without its ISA.
  private static func versions(_ baseline: RunRecord, _ candidate: RunRecord) -> [String] {
    var (before, after) = (baseline, candidate)
    before.machine.onednn?.isa = ""
    after.machine.onednn?.isa = ""
    return library(before, after)
  }

  private static func engines(_ baseline: RunRecord, _ candidate: RunRecord) -> [String] {
    differences([
      ("engine", baseline.options.engine ?? "onednn", candidate.options.engine ?? "onednn")
    ])
  }

  private static func options(_ baseline: RunRecord, _ candidate: RunRecord) -> [String] {
    let (before, after) = (baseline.options, candidate.options)
    let isOneEngine = before.engine == after.engine
    return differences([
      ("threads", before.teamSize.map { String($0) }, after.teamSize.map { String($0) }),
      ("batch", String(before.batch), String(after.batch)),
      ("precision", before.precision.rawValue, after.precision.rawValue),
      ("fusion", onOff(before.fusion), onOff(after.fusion)),
      ("tuning", isOneEngine ? before.tuning : "", isOneEngine ? after.tuning : ""),
      ("algorithms that round otherwise", refused(before.exact), refused(after.exact)),
      ("caches", before.cache, after.cache),
    ])
  }

  private static func interruptions(_ records: [(String, RunRecord)]) -> [String] {
    records.compactMap { name, record in record.interrupted ? "\(name) was interrupted" : nil }
  }

  /// The governor of the run's CPUs as it was meanwhile; in records that do not say, the machine's.
  private static func governors(_ baseline: RunRecord, _ candidate: RunRecord) -> [String] {
    let meanwhile = [baseline, candidate].map { $0.conditions?.governor }
    guard let before = meanwhile[0], let after = meanwhile[1] else {
      return differences([
        ("frequency governor", baseline.machine.governor, candidate.machine.governor)
      ])
    }
    return differences([("frequency governor", before, after)])
  }

  /// Core clocks further apart than that are said: they alone make such a difference.
  static let clockTolerance = 0.03

  /// The clock under load, and how far apart the threads were.
  private static func clocks(_ baseline: MachineInfo, _ candidate: MachineInfo) -> [String] {
    var list: [String] = []
    if let before = baseline.rooflines?.clockHz, before > 0,
      let after = candidate.rooflines?.clockHz,
      (after / before - 1).magnitude > clockTolerance
    {
      let hertz = [before, after].map { "\(Int(rounding: $0 / 1e6)) MHz" }
      list.append("core clock: \(hertz[0]) against \(hertz[1])")
    }
    let handOffs = [baseline, candidate].map { $0.rooflines?.handOff }
    if let before = handOffs[0], let after = handOffs[1],
      !RoofMemory.isSamePlacement(before, after)
    {
      list.append(
        "hand-off between threads: \(Int(rounding: before)) ns against \(Int(rounding: after)) ns "
          + "(the host placed the CPUs elsewhere)")
    }
    return list
  }

  /// What else no option says and yet changes times: placement, environment, and what a sample is.
  private static func surroundings(_ baseline: RunRecord, _ candidate: RunRecord) -> [String] {
    var list: [String] = []
    // Records of older versions do not say.
    if let before = baseline.options.pinning?.by, let after = candidate.options.pinning?.by,
      before != after
    {
      list.append("threads placed by: \(before.rawValue) against \(after.rawValue)")
    }
    if let before = baseline.machine.environment, let after = candidate.machine.environment {
      for name in Set(before.keys).union(after.keys).sorted() where before[name] != after[name] {
        list.append("\(name): \(before[name] ?? "unset") against \(after[name] ?? "unset")")
      }
    }
    list += RunConditions.differences(baseline.conditions, candidate.conditions)
    let processes = [baseline, candidate].map { $0.options.processes != nil }
    if processes[0] != processes[1] {
      let words = processes.map { $0 ? "whole processes" : "passes of one process" }
      list.append("samples: \(words[0]) against \(words[1])")
    }
    return list
  }

  /// Layers of one network that ran otherwise although the options are the same: what is remembered
  /// of searches, and what a budget allows for, changes from run to run.
  private static func plans(_ baseline: RunRecord, _ candidate: RunRecord) -> [String] {
    let (before, after) = (baseline.topology, candidate.topology)
    guard before.sha256 == after.sha256, before.parameters == after.parameters,
      baseline.options.tuning == candidate.options.tuning,
      baseline.options.precision == candidate.options.precision,
      baseline.options.batch == candidate.options.batch,
      baseline.options.fusion == candidate.options.fusion,
      baseline.options.teamSize == candidate.options.teamSize,
      baseline.machine.onednn == candidate.machine.onednn
    else { return [] }
    let different = RunRecord.differentPlans(baseline, candidate)
    guard let first = different.first else { return [] }
    let rest = different.count > 1 ? "\(different.count) layers run otherwise, as " : ""
    return ["plans: \(rest)\(first.layer): \(first.words)"]
  }

  private static func refused(_ exact: Bool?) -> String { exact == true ? "refused" : "allowed" }

  private static func differences(_ facts: [(String, String?, String?)]) -> [String] {
    facts.compactMap { name, before, after in
      guard before != after else { return nil }
      return "\(name): \(before ?? "unknown") against \(after ?? "unknown")"
    }
  }

  private static func isa(_ machine: MachineInfo) -> String? {
    machine.isa.isEmpty ? nil : machine.isa
  }

  /// What measured a record.
  private static func program(_ record: RunRecord) -> String {
    record.origin.map { [$0.program, $0.version].compactMap(\.self).joined(separator: " ") }
      ?? "ntprof"
  }

  private static func onOff(_ flag: Bool) -> String { flag ? "on" : "off" }
}
