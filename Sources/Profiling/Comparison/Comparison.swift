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
}

extension RecordCoding {
  /// Reads a comparison of several candidates.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeComparison(_ bytes: [UInt8]) throws(RecordError) -> Comparison {
    try decode(Comparison.self, from: bytes, schema: Comparison.schemaName)
  }
}
