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
    let machine = Self.differences([
      ("CPU", baseline.machine.cpu, candidate.machine.cpu),
      ("vector ISA", baseline.machine.isa, candidate.machine.isa),
      ("oneDNN", baseline.machine.onednn?.version, candidate.machine.onednn?.version),
      ("oneDNN's ISA", baseline.machine.onednn?.isa, candidate.machine.onednn?.isa),
      ("oneDNN's runtime", baseline.machine.onednn?.runtime, candidate.machine.onednn?.runtime),
    ])
    let (before, after) = (baseline.options, candidate.options)
    let options = Self.differences([
      ("threads", String(before.threads), String(after.threads)),
      ("batch", String(before.batch), String(after.batch)),
      ("precision", before.precision, after.precision),
      ("fusion", Self.onOff(before.fusion), Self.onOff(after.fusion)),
      ("tuning", before.tuning, after.tuning),
      ("caches", before.cache, after.cache),
      ("frequency governor", baseline.machine.governor, candidate.machine.governor),
      ("kernel", baseline.machine.kernel, candidate.machine.kernel),
    ])
    let runs = [("baseline", baseline), ("candidate", candidate)].compactMap { name, record in
      record.interrupted ? "the \(name) was interrupted" : nil
    }
    reasons = machine + options + runs
    verdict = machine.isEmpty ? (reasons.isEmpty ? .comparable : .caution) : .notComparable
  }

  private static func differences(_ facts: [(String, String?, String?)]) -> [String] {
    facts.compactMap { name, before, after in
      guard before != after else { return nil }
      return "\(name): \(before ?? "unknown") against \(after ?? "unknown")"
    }
  }

  private static func onOff(_ flag: Bool) -> String { flag ? "on" : "off" }
}
