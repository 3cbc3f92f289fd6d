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
  /// Processes a side, when the samples are medians of whole processes.
  public var processes: Int?
  /// The whole network; absent when a side was not measured.
  public var endToEnd: Difference?
  /// One row a pair of layers, in order.
  public var layers: [LayerDifference]

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
      totals = record.totals
      outputDigest = record.endToEnd?.outputDigest
    }
  }

  /// Compares two records.
  ///
  /// - Parameters:
  ///   - baseline: What is compared against.
  ///   - candidate: What is compared.
  ///   - paired: Whether the i-th samples of both were taken side by side (interleaved runs). Pairs
  ///     need equal counts; times whose counts differ are compared as independent samples. Records
  ///     of whole processes are compared as such, whatever this says.
  public init(baseline: RunRecord, candidate: RunRecord, paired: Bool = false) {
    var drafts = [DraftDiff(baseline: baseline, candidate: candidate, paired: paired)]
    DraftDiff.conclude(&drafts)
    self = drafts[0].diff
  }

  /// The parts that need no conclusion.
  fileprivate init(baseline: RunRecord, candidate: RunRecord, sampling: Sampling) {
    schema = Diff.schemaName
    self.baseline = Side(baseline)
    self.candidate = Side(candidate)
    paired = sampling == .pairs
    processes =
      sampling == .processes
      ? [baseline, candidate].compactMap(\.options.processes).min() : nil
    comparable = Comparability(baseline: baseline, candidate: candidate)
    layers = []
  }
}

/// What a sample of a time is, and so which test is right.
public enum Sampling: Hashable, Sendable {
  /// A pass; both sides' passes are independent.
  case passes
  /// A pass; the i-th passes of both sides were taken side by side.
  case pairs
  /// The median of a whole process.
  case processes
}

/// A diff whose probabilities are not corrected yet.
struct DraftDiff {
  /// The diff.
  private(set) var diff: Diff
  private let whole: Evidence
  private var rows: [Evidence] = []

  init(baseline: RunRecord, candidate: RunRecord, paired: Bool) {
    let processes = baseline.options.processes != nil && candidate.options.processes != nil
    let sampling: Sampling = processes ? .processes : paired ? .pairs : .passes
    var estimator = DifferenceEstimator()
    diff = Diff(baseline: baseline, candidate: candidate, sampling: sampling)
    let (before, after) = (baseline.endToEnd?.time, candidate.endToEnd?.time)
    whole = Evidence(baseline: before, candidate: after, sampling: sampling)
    if let before, let after {
      diff.endToEnd = Difference(
        baseline: before, candidate: after, sampling: sampling, estimator: &estimator)
    }
    let alignment = LayerAlignment(baseline: baseline.layers, candidate: candidate.layers)
    for pair in alignment.pairs {
      let left = pair.baseline.map { baseline.layers[$0] }
      let right = pair.candidate.map { candidate.layers[$0] }
      rows.append(Evidence(baseline: left?.time, candidate: right?.time, sampling: sampling))
      diff.layers.append(
        LayerDifference(
          baseline: left, candidate: right, change: pair.change, sampling: sampling,
          estimator: &estimator))
    }
  }

  /// Corrects the probabilities of all diffs together, and concludes: whole networks are one family
  /// of tests, layers another.
  static func conclude(_ drafts: inout [DraftDiff]) {
    let wholes = drafts.indices.filter { drafts[$0].diff.endToEnd?.p != nil }
    let adjusted = Holm.adjust(wholes.compactMap { drafts[$0].diff.endToEnd?.p })
    for (index, p) in zip(wholes, adjusted) { drafts[index].diff.endToEnd?.pAdjusted = p }
    let tested = drafts.indices.flatMap { draft in
      drafts[draft].diff.layers.indices
        .filter { drafts[draft].diff.layers[$0].difference.p != nil }.map { (draft, $0) }
    }
    let corrected = Holm.adjust(tested.compactMap { drafts[$0].diff.layers[$1].difference.p })
    for ((draft, row), p) in zip(tested, corrected) {
      drafts[draft].diff.layers[row].difference.pAdjusted = p
    }
    for index in drafts.indices {
      let evidence = drafts[index]
      drafts[index].diff.endToEnd?.decide(evidence.whole, tests: Swift.max(wholes.count, 1))
      for row in evidence.rows.indices {
        drafts[index].diff.layers[row].conclude(
          evidence.rows[row], tests: Swift.max(tested.count, 1))
      }
    }
  }
}
