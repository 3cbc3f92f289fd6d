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
  ///     need equal counts; times whose counts differ are compared as independent samples.
  public init(baseline: RunRecord, candidate: RunRecord, paired: Bool = false) {
    var estimator = DifferenceEstimator()
    schema = Diff.schemaName
    self.baseline = Side(baseline)
    self.candidate = Side(candidate)
    self.paired = paired
    comparable = Comparability(baseline: baseline, candidate: candidate)
    if let before = baseline.endToEnd?.time, let after = candidate.endToEnd?.time {
      var whole = Difference(
        baseline: before, candidate: after, paired: paired, estimator: &estimator)
      whole.pAdjusted = whole.p
      whole.decide()
      endToEnd = whole
    }
    let alignment = LayerAlignment(baseline: baseline.layers, candidate: candidate.layers)
    layers = alignment.pairs.map { pair in
      LayerDifference(
        baseline: pair.baseline.map { baseline.layers[$0] },
        candidate: pair.candidate.map { candidate.layers[$0] }, change: pair.change,
        paired: paired, estimator: &estimator)
    }
    correct()
  }

  /// Corrects the layers' probabilities for their number, and concludes.
  private mutating func correct() {
    let tested = layers.indices.filter { layers[$0].difference.p != nil }
    let adjusted = Holm.adjust(tested.compactMap { layers[$0].difference.p })
    for (index, p) in zip(tested, adjusted) { layers[index].difference.pAdjusted = p }
    for index in layers.indices { layers[index].conclude() }
  }
}
