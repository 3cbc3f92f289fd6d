/// Several candidates against one baseline: one JSON document of schema `ntprof.comparison/1`.
///
/// A pure function of the records. Probabilities are corrected over all candidates together: the
/// whole networks are one family of tests, all layers of all candidates another.
public struct Comparison: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.comparison/1"

  /// ``schemaName``.
  public var schema: String
  /// One `ntprof.diff/1` a candidate, in the order given; all have the same baseline.
  public var diffs: [Diff]

  /// Compares records; `paired` as in ``Diff/init(baseline:candidate:paired:)``.
  public init(baseline: RunRecord, candidates: [RunRecord], paired: Bool = false) {
    var drafts = candidates.map {
      DraftDiff(baseline: baseline, candidate: $0, paired: paired)
    }
    DraftDiff.conclude(&drafts)
    schema = Comparison.schemaName
    diffs = drafts.map(\.diff)
  }

  /// A short name of a candidate that tells it from the others: its letter, B for the first, and the
  /// params that the baseline has not or has otherwise, or else the topology's name.
  public func label(of index: Int) -> String {
    let diff = diffs[index]
    let own = diff.candidate.topology.parameters
      .filter { diff.baseline.topology.parameters[$0.key] != $0.value }
      .sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    if let engine = diff.candidate.options.engine, diff.baseline.options.engine != engine {
      return "\(Self.letter(index + 1)) (\(engine))"
    }
    let isSame = diff.candidate.topology.name == diff.baseline.topology.name
    return
      "\(Self.letter(index + 1)) (\(isSame && !own.isEmpty ? own : diff.candidate.topology.name))"
  }

  /// The letter of a side: A is the baseline.
  public static func letter(_ index: Int) -> String {
    index < 26 ? String(UnicodeScalar(UInt8(65 + index))) : "C\(index)"
  }
}

extension RecordCoding {
  /// Reads a comparison of several candidates.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeComparison(_ bytes: [UInt8]) throws(RecordError) -> Comparison {
    try decode(Comparison.self, from: bytes, schema: Comparison.schemaName)
  }
}
