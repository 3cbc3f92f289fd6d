/// A value on both sides of a comparison.
public struct Sides<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  /// The baseline's; absent for an added layer.
  public var baseline: Value?
  /// The candidate's; absent for a removed layer.
  public var candidate: Value?

  /// Makes a pair of which both are present.
  public init(baseline: Value, candidate: Value) {
    self.baseline = baseline
    self.candidate = candidate
  }

  /// Makes a pair; nil when both are absent.
  public init?(_ baseline: Value?, _ candidate: Value?) {
    if baseline == nil, candidate == nil { return nil }
    self.baseline = baseline
    self.candidate = candidate
  }

  /// Whether both are present and differ.
  public var differ: Bool { baseline != nil && candidate != nil && baseline != candidate }
}

/// One row of a diff: a layer on both sides, or on one.
///
/// In JSON the fields of ``difference`` stand beside the others.
public struct LayerDifference: Hashable, Sendable {
  /// The baseline's layer; absent when it was added.
  public var baseline: String?
  /// The candidate's layer; absent when it was removed.
  public var candidate: String?
  /// How the two relate.
  public var change: LayerChange
  /// The candidate's kind, or the baseline's when it was removed.
  public var kind: String
  /// The times.
  public var difference: Difference
  /// Shares of the timed pass.
  public var share: Sides<Double>?
  /// Names of what the layer reads, on its own side; absent where the records do not say.
  public var inputs: Sides<[String]>?
  /// Output shapes.
  public var outputShape: Sides<Dims>?
  /// Analytic operations.
  public var flops: Sides<Int>?
  /// Compulsory bytes.
  public var bytes: Sides<Int>?
  /// What holds it back.
  public var bound: Sides<Bound.Class>?
  /// Implementations of the primitive that takes longest.
  public var implementation: Sides<String>?
  /// Precisions.
  public var precision: Sides<PrecisionName>?
  /// Why the times may differ, in words; absent when nothing about the layer did.
  public var explanation: String?

  /// The name to print: the candidate's, or the baseline's when it was removed.
  public var name: String { candidate ?? baseline ?? "" }

  /// Compares two rows; ``conclude(processes:tests:)`` follows when all are corrected.
  init(
    baseline: LayerRecord?, candidate: LayerRecord?, change: LayerChange, method: DiffMethod,
    paired: Bool, runs: Sides<RunSpread>?, estimator: inout DifferenceEstimator
  ) {
    self.baseline = baseline?.name
    self.candidate = candidate?.name
    self.change = change
    kind = candidate?.kind ?? baseline?.kind ?? ""
    difference = Difference(
      baseline: baseline.flatMap {
        Difference.Side($0.time, $0.processSpread ?? .standardOfLayers, runs?.baseline)
      },
      candidate: candidate.flatMap {
        Difference.Side($0.time, $0.processSpread ?? .standardOfLayers, runs?.candidate)
      },
      method: method, paired: paired, estimator: &estimator)
    share = Sides(baseline?.share, candidate?.share)
    inputs = Sides(baseline?.inputs, candidate?.inputs)
    let shapes = [baseline, candidate].map {
      $0.flatMap { $0.outputShape.isEmpty ? nil : $0.outputShape }
    }
    outputShape = Sides(shapes[0], shapes[1])
    let sized = [baseline, candidate].map { $0?.costsUnknown == true ? nil : $0 }
    flops = Sides(sized[0]?.flops, sized[1]?.flops)
    bytes = Sides(sized[0]?.bytes.total, sized[1]?.bytes.total)
    bound = Sides(baseline?.bound?.class, candidate?.bound?.class)
    implementation = Sides(
      baseline?.mainPrimitive?.implementation, candidate?.mainPrimitive?.implementation)
    precision = Sides(baseline?.precision, candidate?.precision)
  }

  /// Sets the verdict and the explanation.
  mutating func conclude(processes: Int, tests: Int, inTurn: Bool) {
    switch change {
    case .added: difference.verdict = .added
    case .removed: difference.verdict = .removed
    default: difference.decide(processes: processes, tests: tests, inTurn: inTurn)
    }
    explanation = ChangeExplanation.text(for: self)
  }
}

extension LayerRecord {
  /// The primitive that takes longest, reorders last; nil without primitives.
  public var mainPrimitive: PrimitiveRecord? {
    let candidates =
      primitives.contains { $0.kind != "reorder" }
      ? primitives.filter { $0.kind != "reorder" } : primitives
    // Of equal ones the first: `max` would take the last.
    return candidates.reduce(nil) { best, next in
      guard let best else { return next }
      return (next.time?.median ?? 0) > (best.time?.median ?? 0) ? next : best
    }
  }
}

extension LayerDifference: Codable {
  private enum CodingKeys: String, CodingKey {
    case baseline, candidate, change, kind, share, inputs, outputShape, flops, bytes, bound
    case implementation, precision, explanation
  }

  /// Reads the row and, from the same object, its difference.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    baseline = try values.decodeIfPresent(String.self, forKey: .baseline)
    candidate = try values.decodeIfPresent(String.self, forKey: .candidate)
    change = try values.decode(LayerChange.self, forKey: .change)
    kind = try values.decode(String.self, forKey: .kind)
    difference = try Difference(from: decoder)
    share = try values.decodeIfPresent(Sides<Double>.self, forKey: .share)
    inputs = try values.decodeIfPresent(Sides<[String]>.self, forKey: .inputs)
    outputShape = try values.decodeIfPresent(Sides<Dims>.self, forKey: .outputShape)
    flops = try values.decodeIfPresent(Sides<Int>.self, forKey: .flops)
    bytes = try values.decodeIfPresent(Sides<Int>.self, forKey: .bytes)
    bound = try values.decodeIfPresent(Sides<Bound.Class>.self, forKey: .bound)
    implementation = try values.decodeIfPresent(Sides<String>.self, forKey: .implementation)
    precision = try values.decodeIfPresent(Sides<PrecisionName>.self, forKey: .precision)
    explanation = try values.decodeIfPresent(String.self, forKey: .explanation)
  }

  /// Writes the row with its difference in one object.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(baseline, forKey: .baseline)
    try values.encodeIfPresent(candidate, forKey: .candidate)
    try values.encode(change, forKey: .change)
    try values.encode(kind, forKey: .kind)
    try difference.encode(to: encoder)
    try values.encodeIfPresent(share, forKey: .share)
    try values.encodeIfPresent(inputs, forKey: .inputs)
    try values.encodeIfPresent(outputShape, forKey: .outputShape)
    try values.encodeIfPresent(flops, forKey: .flops)
    try values.encodeIfPresent(bytes, forKey: .bytes)
    try values.encodeIfPresent(bound, forKey: .bound)
    try values.encodeIfPresent(implementation, forKey: .implementation)
    try values.encodeIfPresent(precision, forKey: .precision)
    try values.encodeIfPresent(explanation, forKey: .explanation)
  }
}
