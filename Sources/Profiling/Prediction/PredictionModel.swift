internal import RealModule

/// How much of its roofs a layer keeps on the target, learnt from records of other networks.
///
/// A *loss* is ln(time / roofs): 0 at the roofs. Two ways lead to a layer's loss on the target: the one that it
/// has at the source, moved by what layers of its class were seen to move by (pairs of a network's records on
/// both sides); and what layers of its kind have on the target at all. Each has a spread, and they are
/// joined by the inverse of their variances.
struct PredictionModel {
  /// What is thought of a layer where nothing was seen.
  struct Prior {
    /// Spread of a layer's loss on the target about that at the source.
    var layer: Double
    /// Spread of whole networks about the sums of their layers.
    var network: Double
  }

  /// A layer that was measured on the target.
  struct Sample {
    var classes: [String]
    var kindClasses: [String]
    /// Loss at the source; nil where it was measured on the target alone.
    var source: Double?
    var target: Double
    var timeNs: Double
    var roofNs: Double
    var network: Int
  }

  /// The loss of a layer on the target.
  struct Loss {
    var mean: Double
    /// Spread of the class's mean, which all its layers share.
    var shared: Double
    /// Spread of a layer by itself.
    var own: Double
    /// What the class's mean is shared by.
    var sharedBy: String
    /// Where it comes from.
    var method: Prediction.Method
  }

  private let moves: PooledMeans
  private let kinds: PooledMeans
  private let hasPairs: Bool
  private let hasSamples: Bool
  /// Networks that were measured on both sides.
  let networks: Int
  /// Layers that were measured on both sides.
  let pairs: Int
  /// Layers that were measured on the target.
  let samples: Int
  /// Spread of whole networks.
  private(set) var networkSpread: Double
  /// Geometric mean of the factor by which networks are off that the rest of the records predicts, less 1, percent;
  /// nil with fewer than three of them.
  private(set) var errorPercent: Double?

  /// What is thought of the loss of any layer on any machine, without a pair or a source.
  static let anyLoss = (mean: 0.4, spread: 0.6)

  /// Learns; where nothing was seen, the prior stands.
  ///
  /// Pairs count where they predict each other's networks better than these are predicted without any: few, of
  /// other kinds of networks, or disturbed ones teach less than the source's own loss tells.
  init(_ samples: [Sample], prior: Prior) {
    self.init(fitting: samples, prior)
    let names = Set(samples.filter { $0.source != nil }.map(\.network)).sorted()
    guard names.count > 1 else { return }
    // Each network as the others predict it.
    func errors(_ isSeen: (Sample) -> Bool) -> [Double] {
      names.compactMap { left -> Double? in
        let own = samples.filter { $0.network == left && $0.source != nil }
        let model = PredictionModel(
          fitting: samples.filter { $0.network != left && isSeen($0) }, prior)
        let predicted = own.reduce(0) { sum, layer in
          sum + layer.roofNs
            * Double.exp(
              model.loss(source: layer.source ?? 0, layer.classes, layer.kindClasses).mean)
        }
        let measured = own.reduce(0) { $0 + $1.timeNs }
        return predicted > 0 && measured > 0 ? Double.log(predicted / measured) : nil
      }
    }
    func mean(_ errors: [Double]) -> Double {
      errors.reduce(0) { $0 + $1.magnitude } / Double(errors.count)
    }
    var found = errors { _ in true }
    let isEnough = found.count >= 3
    if isEnough {
      let without = errors { $0.source == nil }
      if mean(without) < mean(found) {
        self = PredictionModel(
          fitting: samples.filter { $0.source == nil }, prior, counting: samples)
        found = without
      }
    }
    let squares = found.reduce(0) { $0 + $1 * $1 }
    networkSpread =
      ((PooledMeans.degrees * prior.network * prior.network + squares)
      / (PooledMeans.degrees + Double(found.count))).squareRoot()
    if isEnough { errorPercent = Double.expMinusOne(mean(found)) * 100 }
  }

  /// Learns from some samples; says that it saw all of those that are counted.
  private init(fitting samples: [Sample], _ prior: Prior, counting seen: [Sample]? = nil) {
    let pairs = samples.filter { $0.source != nil }
    // Long layers say more than short ones, whose times have several modes.
    var longest: [Int: Double] = [:]
    for one in samples { longest[one.network] = Swift.max(longest[one.network] ?? 0, one.timeNs) }
    func weight(_ one: Sample) -> Double {
      let most = longest[one.network] ?? 0
      return most > 0 ? (one.timeNs / most).squareRoot() : 0
    }
    moves = PooledMeans(
      pairs.map {
        .init(classes: $0.classes, value: $0.target - ($0.source ?? 0), weight: weight($0))
      }, prior: (0, prior.layer))
    kinds = PooledMeans(
      samples.map { .init(classes: $0.kindClasses, value: $0.target, weight: weight($0)) },
      prior: Self.anyLoss)
    hasPairs = !pairs.isEmpty
    hasSamples = !samples.isEmpty
    let seen = seen ?? samples
    let seenPairs = seen.filter { $0.source != nil }
    networks = Set(seenPairs.map(\.network)).count
    self.pairs = seenPairs.count
    self.samples = seen.count
    networkSpread = prior.network
  }

  /// The loss on the target of a layer with a loss at the source.
  func loss(source: Double, _ classes: [String], _ kindClasses: [String]) -> Loss {
    let move = moves.estimate(classes)
    // Before anything was seen, what classes share is in the prior's spread of whole networks.
    let moved = Loss(
      mean: source + move.mean, shared: move.known == nil ? 0 : move.meanSpread, own: move.spread,
      sharedBy: move.known ?? "", method: hasPairs ? .fitted : .roofs)
    let kind = kinds.estimate(kindClasses)
    // A kind that was never seen on the target has no loss of its own there; where it was seen on both sides, the
    // layer's own loss at the source says more than the mean of other layers.
    guard hasSamples, kindClasses.count > 1, kind.known != nil, kind.known != kindClasses[0],
      move.known == nil || move.known == classes.first
    else { return moved }
    let (first, second) = (
      moved.shared * moved.shared + moved.own * moved.own,
      kind.meanSpread * kind.meanSpread + kind.spread * kind.spread
    )
    let part = second / (first + second)
    func joined(_ a: Double, _ b: Double) -> Double {
      (part * part * a * a + (1 - part) * (1 - part) * b * b).squareRoot()
    }
    return Loss(
      mean: part * moved.mean + (1 - part) * kind.mean,
      shared: joined(moved.shared, kind.meanSpread), own: joined(moved.own, kind.spread),
      sharedBy: moved.sharedBy, method: part >= 0.5 ? moved.method : .efficiency)
  }
}
