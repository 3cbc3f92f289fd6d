internal import RealModule

/// What a layer of a record does, with what is fused into it: enough to hold it against any roofs.
struct LayerWork {
  /// The algorithm that ran.
  let isWinograd: Bool
  /// Whether plain loops ran, which no instruction set makes faster: host kernels, and reference code of the
  /// library.
  let isScalar: Bool
  /// The primitive that took most of the time.
  let implementation: String
  let kind: String
  let precision: PrecisionName
  /// Its median time, ns.
  let timeNs: Double
  /// What it would take by the direct algorithm, as far as a search tried that; nil where it did not.
  let directNs: Double?
  /// Primitives and what else was handed to the team.
  let steps: Double
  private let flops: Double
  private let directFlops: Double
  private let input: RooflineInput

  /// Gathers a timed layer's work; nil of one without a time above 0.
  ///
  /// - Parameters:
  ///   - layer: Its row.
  ///   - fused: Rows of the layers that are computed in its primitives.
  ///   - record: The record they stand in.
  ///   - footprint: All weights and outputs of the network, bytes.
  init?(_ layer: LayerRecord, fused: [LayerRecord], in record: RunRecord, footprint: Double) {
    guard let time = layer.time?.median, time > 0, time.isFinite else { return nil }
    timeNs = time
    kind = layer.kind
    precision = layer.precision
    let main = layer.mainPrimitive
    implementation = main?.implementation ?? ""
    isWinograd = main?.algorithm?.contains("winograd") == true || implementation.contains("wino")
    let direct = main?.alternatives.filter {
      $0.fault == nil && !$0.implementation.contains("wino")
        && $0.algorithm?.contains("winograd") != true
    }.compactMap(\.time).filter { $0 > 0 }.min()
    directNs = direct.map { $0 + Swift.max(time - (main?.time?.median ?? time), 0) }
    isScalar =
      main?.kind == "host" || (implementation.hasPrefix("ref") && main?.kind != "rnn")
    func evidence(_ name: EvidenceName) -> Double? { layer.plainEvidence(name) }
    let rows = [layer] + fused
    directFlops = rows.reduce(0) { $0 + Double($1.flops) }
    if let compute = evidence(.computeNs), let peak = evidence(.peakGflops), peak > 0 {
      flops = compute * peak
    } else {
      flops = directFlops
    }
    let counted = rows.reduce(0) { $0 + Double($1.bytes.weights) }
    let resident =
      evidence(.workingSetBytes)
      ?? counted + Double(layer.bytes.input + (fused.last ?? layer).bytes.output)
    let weights = Swift.min(counted, resident)
    let activations = resident - weights
    let reread = Swift.max((evidence(.trafficBytes) ?? resident) - resident, 0)
    let team = record.options.teamSize ?? 1
    steps = Swift.max(
      ((evidence(.dispatchNs) ?? 0) / Roofline.dispatchNs(threads: team)).rounded(), 1)
    input = RooflineInput(
      flops: 0, peakFlopsPerSecond: 1, weightBytes: weights,
      rereads: reread > 0
        ? [.init(bytes: reread, setBytes: Self.rereadSet(of: reread, layer))] : [],
      activationBytes: activations,
      writtenBytes: Swift.min(Double((fused.last ?? layer).bytes.output), activations),
      networkFootprintBytes: footprint, timeNs: 0, threads: 1, lastLevelCacheBytes: 0,
      bandwidth: [],
      cold: record.options.cache == "cold")
  }

  /// The weights of the states of one direction, from what is read again of them: a recurrent layer reads them
  /// at every step after the first.
  ///
  /// Whether there are two directions is seen by the state's weights, gates × hidden² a direction, against the
  /// outputs.
  private static func rereadSet(of reread: Double, _ layer: LayerRecord) -> Double {
    let steps = layer.inputShapes.first?.sizes.first.map(Double.init) ?? 2
    let all = reread / Swift.max(steps - 1, 1)
    let gatesOf: [String: Double] = ["lstm": 4, "gru": 3, "rnn": 1]
    let gates = gatesOf[layer.kind] ?? 4
    guard let hidden = layer.outputShape.sizes.last.map(Double.init), hidden > 0 else { return all }
    let ratio = all / (gates * hidden * hidden * 4)
    return (0.75..<1.5).contains(ratio) ? all : all / 2
  }

  /// What roofs allow it.
  ///
  /// - Parameters:
  ///   - roofs: The roofs of a team.
  ///   - reference: Roofs of the side on which it was measured: plain loops keep what they reached there,
  ///     but for clock and threads.
  ///   - isDirect: Whether the direct algorithm runs whatever ran.
  /// - Returns: Nil without a peak or a curve.
  func times(on roofs: Rooflines, like reference: Rooflines, isDirect: Bool = false) -> RoofTimes? {
    var input = input
    input.flops = isDirect && isWinograd ? Swift.max(flops, directFlops) : flops
    input.bandwidth = roofs.bandwidth
    input.memory = roofs.memory(cold: input.cold)
    let peak = roofs.peakFlops.rate(of: precision)
    if isScalar, roofs != reference {
      let ratio =
        roofs.clockHz * Double(roofs.threads) / (reference.clockHz * Double(reference.threads))
      input.peakFlopsPerSecond =
        reference.peakFlops.rate(of: precision) * (ratio > 0 && ratio.isFinite ? ratio : 1)
    } else {
      input.peakFlopsPerSecond = peak
    }
    guard peak > 0, !roofs.bandwidth.isEmpty else { return nil }
    let found = Roofline.prediction(input)
    return RoofTimes(
      memory: found?.memoryNs ?? 0, compute: found?.computeNs ?? 0,
      dispatch: steps * Roofline.dispatchNs(threads: roofs.threads))
  }
}

/// What the roofs of a machine allow a layer.
struct RoofTimes: Hashable {
  /// Time of its bytes, ns.
  var memory: Double
  /// Time of its operations, ns.
  var compute: Double
  /// What handing it to the team takes, ns.
  var dispatch: Double

  /// How sharply the nearer of two roofs decides: the exponent of the norm by which the two times are
  /// joined.
  ///
  /// Infinity would be the roofline itself, 1 no overlap of bytes and arithmetic.
  static let sharpness = 4.0

  /// The least time, ns: both roofs and the hand-over.
  ///
  /// Near the ridge neither roof is reached: bytes and arithmetic overlap in part.
  var ns: Double {
    let far = Swift.min(memory, compute)
    let near = Swift.max(memory, compute)
    guard near > 0 else { return Swift.max(dispatch, 1) }
    return near * Double.root(1 + Double.pow(far / near, Self.sharpness), 4) + dispatch
  }

  /// What holds it back by these numbers alone.
  var limit: Bound.Class {
    let near = Swift.max(memory, compute)
    if dispatch > near { return .latency }
    if memory > Roofline.threshold * compute { return .memory }
    return compute > Roofline.threshold * memory ? .core : .balanced
  }
}

extension RunRecord {
  /// The work of its timed layers by their index, against whose time roofs can be held.
  var works: [Int: LayerWork] {
    let fused = Dictionary(
      grouping: layers.filter { $0.fusedInto != nil }, by: { $0.fusedInto ?? "" })
    let footprint = layers.reduce(0) { $0 + Double($1.bytes.weights + $1.bytes.output) }
    var found: [Int: LayerWork] = [:]
    for (index, layer) in layers.enumerated() where layer.costsUnknown != true {
      found[index] = LayerWork(
        layer, fused: fused[layer.name] ?? [], in: self, footprint: footprint)
    }
    return found
  }
}
