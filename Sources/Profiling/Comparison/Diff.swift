/// The comparison of two records: one JSON document of schema `ntprof.diff/1`.
///
/// A pure function of the records; `docs/record.md` documents the JSON form.
public struct Diff: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.diff/1"

  /// ``schemaName``.
  public var schema: String
  /// What is compared against.
  public var baseline: Side
  /// What is compared.
  public var candidate: Side
  /// Whether the times may be compared, and why not.
  public var comparable: Comparability
  /// Whether samples were taken in pairs, side by side.
  public var paired: Bool
  /// Processes a side, when both have enough for rank tests over them.
  public var processes: Int?
  /// How differences were estimated; absent in documents of older versions.
  public var method: DiffMethod?
  /// The whole network; absent when a side was not measured.
  public var endToEnd: Difference?
  /// One row a pair of layers, in order.
  public var layers: [LayerDifference]
  /// One row a segment that both sides have; absent in documents of older versions.
  public var segments: [SegmentDifference]?
  /// Whether the candidate is within a gate; absent where none was asked for.
  public var gate: Gate?

  /// One of the two records, without its rows.
  public struct Side: Codable, Hashable, Sendable {
    /// When the run began.
    public var created: String
    /// What was measured.
    public var topology: TopologyInfo
    /// How.
    public var options: RunOptions
    /// CPU model.
    public var cpu: String
    /// The library that ran it.
    public var onednn: MachineInfo.OneDNN?
    /// The engine that ran it instead; absent for ntprof's own.
    public var engine: MachineInfo.Engine?
    /// How far its outputs are from ntprof's own; absent for those.
    public var outputError: OutputError?
    /// What its nodes and the time between them have of the pass; absent for ntprof's own.
    public var nodes: NodeTimes?
    /// Analytic sums.
    public var totals: Totals
    /// Network outputs' digest, if any.
    public var outputDigest: String?

    /// Takes the head of a record.
    public init(_ record: RunRecord) {
      created = record.created
      topology = record.topology
      options = record.options
      cpu = record.machine.cpu
      onednn = record.machine.onednn
      engine = record.machine.engine
      outputError = record.endToEnd?.outputError
      nodes = record.unattributed?.nodes
      totals = record.totals
      outputDigest = record.endToEnd?.outputDigest
    }
  }

  /// Compares two records.
  ///
  /// - Parameters:
  ///   - baseline: What is compared against.
  ///   - candidate: What is compared.
  ///   - paired: Whether the i-th passes of both were taken side by side (interleaved runs), so
  ///     that what slowed both for a while cancels. Of whole processes it says nothing.
  public init(baseline: RunRecord, candidate: RunRecord, paired: Bool = false) {
    var drafts = [DraftDiff(baseline: baseline, candidate: candidate, paired: paired)]
    DraftDiff.conclude(&drafts)
    self = drafts[0].diff
  }

  /// The parts that need no conclusion.
  fileprivate init(baseline: RunRecord, candidate: RunRecord, method: DiffMethod, paired: Bool) {
    schema = Diff.schemaName
    self.baseline = Side(baseline)
    self.candidate = Side(candidate)
    self.method = method
    self.paired = paired && method.isOfPasses
    processes =
      method.hasProcesses
      ? [method.processes.baseline, method.processes.candidate].compactMap(\.self).min() : nil
    comparable = Comparability(baseline: baseline, candidate: candidate)
    layers = []
  }
}

/// A segment on both sides.
public struct SegmentDifference: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// The times.
  public var difference: Difference
}

extension SegmentDifference: Codable {
  private enum CodingKeys: String, CodingKey { case name }

  /// Reads the row and, from the same object, its difference.
  public init(from decoder: any Decoder) throws {
    name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
    difference = try Difference(from: decoder)
  }

  /// Writes the row with its difference in one object.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try difference.encode(to: encoder)
  }
}

/// A diff whose probabilities are not corrected yet.
struct DraftDiff {
  /// The diff.
  private(set) var diff: Diff
  /// Processes on the side that has fewer.
  private let processes: Int

  init(baseline: RunRecord, candidate: RunRecord, paired: Bool) {
    let method = DiffMethod(baseline: baseline, candidate: candidate)
    processes = Swift.min(method.processes.baseline ?? 1, method.processes.candidate ?? 1)
    var estimator = DifferenceEstimator()
    diff = Diff(baseline: baseline, candidate: candidate, method: method, paired: paired)
    func whole(_ record: RunRecord) -> Difference.Side? {
      Difference.Side(record.endToEnd?.time, record.endToEnd?.processSpread ?? .standard)
    }
    if let before = whole(baseline), let after = whole(candidate) {
      diff.endToEnd = Difference(
        baseline: before, candidate: after, method: method, paired: paired, estimator: &estimator)
    }
    let runs = Sides(
      baseline.endToEnd?.processSpread?.runs, candidate.endToEnd?.processSpread?.runs)
    let alignment = LayerAlignment(baseline: baseline.layers, candidate: candidate.layers)
    for pair in alignment.pairs {
      diff.layers.append(
        LayerDifference(
          baseline: pair.baseline.map { baseline.layers[$0] },
          candidate: pair.candidate.map { candidate.layers[$0] }, change: pair.change,
          method: method, paired: paired, runs: runs, estimator: &estimator))
    }
    diff.segments = baseline.segments.compactMap { segment in
      guard let other = candidate.segments.first(where: { $0.name == segment.name }),
        let before = Difference.Side(segment.time, .standardOfLayers, runs?.baseline),
        let after = Difference.Side(other.time, .standardOfLayers, runs?.candidate)
      else { return nil }
      return SegmentDifference(
        name: segment.name,
        difference: Difference(
          baseline: before, candidate: after, method: method, paired: paired,
          estimator: &estimator))
    }
  }

  /// Corrects the probabilities of all diffs together, and concludes: whole networks are one family
  /// of tests, segments another, layers a third.
  static func conclude(_ drafts: inout [DraftDiff]) {
    let wholes = correct(
      &drafts, count: { $0.endToEnd == nil ? 0 : 1 }, read: { diff, _ in diff.endToEnd },
      write: { diff, _, p in diff.endToEnd?.pAdjusted = p })
    let segments = correct(
      &drafts, count: { $0.segments?.count ?? 0 }, read: { $0.segments?[$1].difference },
      write: { diff, row, p in diff.segments?[row].difference.pAdjusted = p })
    let layers = correct(
      &drafts, count: { $0.layers.count }, read: { $0.layers[$1].difference },
      write: { diff, row, p in diff.layers[row].difference.pAdjusted = p })
    for index in drafts.indices {
      let processes = drafts[index].processes
      let inTurn = drafts[index].diff.method?.interval != .runSpread
      drafts[index].diff.endToEnd?.decide(
        processes: processes, tests: wholes, inTurn: inTurn)
      for row in drafts[index].diff.segments?.indices ?? 0..<0 {
        drafts[index].diff.segments?[row].difference.decide(
          processes: processes, tests: segments, inTurn: inTurn)
      }
      for row in drafts[index].diff.layers.indices {
        drafts[index].diff.layers[row].conclude(
          processes: processes, tests: layers, inTurn: inTurn)
      }
    }
  }

  /// Corrects one family of tests over all drafts; how many there were, 1 at least.
  private static func correct(
    _ drafts: inout [DraftDiff], count: (Diff) -> Int, read: (Diff, Int) -> Difference?,
    write: (inout Diff, Int, Double) -> Void
  ) -> Int {
    let places = drafts.indices.flatMap { draft in
      (0..<count(drafts[draft].diff)).map { (draft, $0) }
    }
    let tested = places.compactMap { draft, row in
      read(drafts[draft].diff, row)?.p.map { (draft, row, $0) }
    }
    for ((draft, row, _), p) in zip(tested, Holm.adjust(tested.map { $0.2 })) {
      write(&drafts[draft].diff, row, p)
    }
    return Swift.max(tested.count, 1)
  }
}
