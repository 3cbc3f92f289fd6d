internal import RealModule

/// Predicts what a network takes on a machine that is not here.
///
/// A layer's time is `roofs(target) · exp(loss)`: the roofline of its work on the target (``RoofTimes``), and the part
/// that it loses to it (``PredictionModel``). `docs/predict.md` has the method and its sources.
public struct Predictor {
  /// A brick that was measured on the target, and the layers it stands for.
  public struct KnownBrick: Hashable, Sendable {
    /// Names of the layers.
    public var layers: [String]
    /// What they take together, ns.
    public var ns: Double

    /// Names a brick.
    public init(layers: [String], ns: Double) {
      self.layers = layers
      self.ns = ns
    }
  }

  private let target: PredictionTarget
  private let records: [RunRecord]

  /// A predictor for a target that learns from records of either side; what is of neither is left out.
  public init(for target: PredictionTarget, from records: [RunRecord]) {
    self.target = target
    self.records = records
  }

  /// The record that a network's prediction starts from: of the same work, not of the target itself if there is
  /// another, as like to the target as possible, the latest of those.
  ///
  /// - Parameters:
  ///   - topology: The network as it was read.
  ///   - batch: Batch size of its first input.
  ///   - precision: `f32`, `bf16` or `int8`.
  ///   - cache: `warm` or `cold`.
  /// - Returns: Nil where none of the records is of that.
  public func source(
    of topology: TopologyInfo, batch: Int, precision: PrecisionName, cache: String
  ) -> RunRecord? {
    let own = records.filter { record in
      record.topology.sha256 == topology.sha256
        && record.topology.parameters == topology.parameters
        && record.options.batch == batch && record.options.precision == precision
        && record.options.cache == cache && record.timedPass != nil
    }
    func distance(_ record: RunRecord) -> (Int, Int, Double) {
      let side = MeasuredSide(record)
      let lanes = [InstructionSet(side.isa).lanes, InstructionSet(target.isa).lanes]
      let threads = Double.log(
        Double(Swift.max(side.threads, 1)) / Double(Swift.max(target.threads, 1)))
      return (
        target.isWhere(record) ? 1 : 0, lanes[0] == lanes[1] ? 0 : 1, threads.magnitude
      )
    }
    return own.min { left, right in
      let (first, second) = (distance(left), distance(right))
      return first == second ? left.created > right.created : first < second
    }
  }

  /// Predicts.
  ///
  /// - Parameters:
  ///   - source: What the network took where it was measured, with the roofs there.
  ///   - bricks: What is known of its parts on the target.
  ///   - created: The moment, RFC 3339.
  ///   - command: The command line.
  ///   - tool: The program.
  /// - Returns: The document.
  /// - Throws: ``PredictionFault`` where the record has no times, or no roofs to hold them against.
  public func predict(
    _ source: RunRecord, bricks: [KnownBrick] = [], created: String, command: [String], tool: Tool
  ) throws(PredictionFault) -> Prediction {
    guard let roofs = source.machine.rooflines, roofs.fault == nil else {
      throw PredictionFault(
        reason:
          "has no roofs of the machine that it was measured on, against which times could be held",
        remedy: "measure it again with 'ntprof profile'", isAbsent: false)
    }
    let works = source.works
    guard !works.isEmpty else {
      throw PredictionFault(
        reason: "has no layer with a time", remedy: "measure it with 'ntprof profile --layers all'",
        isAbsent: false)
    }
    let model = model(for: source)
    let known = known(source, bricks)
    let keepsCode = keepsCode(of: source)
    var layers: [Prediction.Layer] = []
    var parts: [Part] = []
    for (index, row) in source.layers.enumerated() {
      var layer = Prediction.Layer(name: row.name, kind: row.kind)
      layer.fusedInto = row.fusedInto
      layer.untimed = row.whyUntimed
      if let work = works[index],
        let part = part(row, work, roofs, keepsCode: keepsCode, model, known[row.name])
      {
        layer.implementation = work.implementation.isEmpty ? nil : work.implementation
        layer.sourceNs = work.timeNs
        layer.method = part.method
        layer.predicted = Self.figure(part.ns, part.spread, degrees: part.degrees)
        layer.ratio = part.ns / work.timeNs
        layer.sourceRoof = work.times(on: roofs, like: roofs).map { .init($0) }
        layer.targetRoof = part.roof.map { .init($0) }
        layer.limit = part.roof?.limit
        parts.append(part)
      }
      layers.append(layer)
    }
    let sum = parts.reduce(0) { $0 + $1.ns }
    let measured = parts.reduce(0) { $0 + $1.sourceNs }
    let rest = rest(source, measured, sum, roofs)
    let whole = sum + rest
    let machine = target.machine
    return Prediction(
      schema: Prediction.schemaName, created: created, tool: tool, command: command,
      topology: source.topology,
      source: .init(
        created: source.created, machine: source.machine, options: source.options,
        timeNs: source.endToEnd?.time.median),
      target: .init(machine: machine, threads: target.threads, isa: target.isa),
      model: .init(
        networks: model.networks, pairs: model.pairs, samples: model.samples,
        networkSpread: model.networkSpread, errorPercent: model.errorPercent),
      whole: Self.figure(
        whole, Self.spread(of: parts, model), degrees: PooledMeans.degrees + Double(model.networks)),
      throughputPerSecond: whole > 0 ? Double(source.options.batch) / (whole * 1e-9) : 0,
      restNs: rest, shares: Self.shares(of: parts), layers: layers,
      unknown: PredictionLimits(source, target, model, layers).sentences)
  }
}

extension Predictor {
  /// A layer's prediction, with what its spread is made of.
  private struct Part {
    var ns: Double
    var sourceNs: Double
    var method: Prediction.Method
    var roof: RoofTimes?
    /// What the layers of a class share.
    var shared: Double
    var sharedBy: String
    /// What is the layer's own.
    var own: Double
    /// What all layers of the network share.
    var network: Double
    var degrees: Double

    var spread: Double { (shared * shared + own * own + network * network).squareRoot() }
  }

  /// Spread of what was measured on the target by itself, as ln: between processes, and for bricks that neighbours
  /// leave other data in the caches.
  private static let knownSpread: [Prediction.Method: Double] = [.record: 0.03, .brick: 0.08]

  private func part(
    _ row: LayerRecord, _ work: LayerWork, _ roofs: Rooflines, keepsCode: Bool,
    _ model: PredictionModel, _ known: (ns: Double, method: Prediction.Method)?
  ) -> Part? {
    let isDirect = work.isWinograd && !target.mayRunWinograd
    let roof = work.times(on: target.roofs, like: roofs, isDirect: isDirect)
    if let known {
      let spread = Self.knownSpread[known.method] ?? 0
      return Part(
        ns: known.ns, sourceNs: work.timeNs, method: known.method, roof: roof, shared: spread,
        sharedBy: known.method.rawValue, own: spread, network: 0, degrees: PooledMeans.degrees)
    }
    guard let roof,
      let source = work.loss(
        from: roofs, to: target.roofs, keepsCode: keepsCode, isDirect: isDirect)
    else { return nil }
    let loss = model.loss(source: source, work.classes(roof), work.kindClasses(roof))
    return Part(
      ns: roof.ns * Double.exp(loss.mean), sourceNs: work.timeNs, method: loss.method, roof: roof,
      shared: loss.shared, sharedBy: loss.sharedBy,
      own: (loss.own * loss.own + work.noise(row) * work.noise(row)).squareRoot(),
      network: model.networkSpread,
      degrees: PooledMeans.degrees + Double(model.pairs))
  }

  /// Times of parts that were measured on the target, by the layer whose time they are.
  private func known(
    _ source: RunRecord, _ bricks: [KnownBrick]
  ) -> [String: (ns: Double, method: Prediction.Method)] {
    var found: [String: (ns: Double, method: Prediction.Method)] = [:]
    let times = Dictionary(
      source.layers.map { ($0.name, $0.time?.median ?? 0) }, uniquingKeysWith: { first, _ in first }
    )
    for brick in bricks {
      let timed = brick.layers.filter { times[$0] ?? 0 > 0 }
      let sum = timed.reduce(0) { $0 + (times[$1] ?? 0) }
      // What nothing runs for here may take time there, and the other way round: then it says nothing.
      guard brick.ns > 0, sum > 0 else { continue }
      for layer in timed { found[layer] = (brick.ns * (times[layer] ?? 0) / sum, .brick) }
    }
    let own = MeasuredWork(source)
    for record in records where target.isWhere(record) && MeasuredWork(record) == own {
      for layer in record.layers {
        if let time = layer.time?.median, time > 0 { found[layer.name] = (time, .record) }
      }
    }
    return found
  }

  /// What no layer accounts for in a bare pass.
  ///
  /// Where a pass with nothing inside is quicker than the sum of its layers, that is their own, and goes with them; what
  /// is left over beyond them is no work of any roof, and goes with the clock.
  private func rest(
    _ source: RunRecord, _ measured: Double, _ predicted: Double, _ roofs: Rooflines
  ) -> Double {
    guard let bare = source.endToEnd?.time.median, source.options.cache != "cold", measured > 0
    else { return 0 }
    let rest = bare - measured
    guard rest > 0 else { return Swift.max(rest / measured, -0.2) * predicted }
    let clocks = roofs.clockHz / target.roofs.clockHz
    return rest * (clocks.isFinite && clocks > 0 ? clocks : 1)
  }

  /// Spread of the sum: what layers share adds up, what is their own cancels in part.
  private static func spread(of parts: [Part], _ model: PredictionModel) -> Double {
    let sum = parts.reduce(0) { $0 + $1.ns }
    guard sum > 0 else { return model.networkSpread }
    var shared: [String: Double] = [:]
    var (own, network) = (0.0, 0.0)
    for part in parts {
      let share = part.ns / sum
      shared[part.sharedBy, default: 0] += share * part.shared
      own += share * part.own * share * part.own
      network += share * part.network
    }
    let squares = shared.values.sorted().reduce(0) { $0 + $1 * $1 }
    return (squares + own + network * network).squareRoot()
  }

  private static func shares(of parts: [Part]) -> [String: Double] {
    let sum = parts.reduce(0) { $0 + $1.ns }
    guard sum > 0 else { return [:] }
    return parts.reduce(into: [:]) { $0[$1.method.rawValue, default: 0] += $1.ns / sum }
  }

  /// A figure whose logarithm has that spread.
  private static func figure(_ ns: Double, _ spread: Double, degrees: Double) -> Prediction.Figure {
    let reach = StudentT.quantile(twoSided: 0.05, degrees: degrees) * spread
    return .init(ns: ns, ci95: [ns * Double.exp(-reach), ns * Double.exp(reach)])
  }
}

extension Predictor {
  /// What is learnt from records of other networks: those of the source's side with those of the target's, as far
  /// as they were planned in the same way.
  private func model(for source: RunRecord) -> PredictionModel {
    let own = MeasuredWork(source)
    let side = MeasuredSide(source)
    var groups: [MeasuredWork: (source: RunRecord?, target: RunRecord?)] = [:]
    var order: [MeasuredWork] = []
    for record in records where record.timedPass != nil {
      let work = MeasuredWork(record)
      guard work != own, work.precision == own.precision, work.cache == own.cache,
        record.options.tuning == source.options.tuning, work.fusion == own.fusion
      else { continue }
      if groups[work] == nil { order.append(work) }
      if target.isWhere(record) {
        groups[work, default: (nil, nil)].target = record
      } else if MeasuredSide(record) == side, record.machine.mayHaveTheCPU(of: source.machine) {
        groups[work, default: (nil, nil)].source = record
      }
    }
    var samples: [PredictionModel.Sample] = []
    for (network, work) in order.enumerated() {
      guard let group = groups[work], let measured = group.target else { continue }
      samples += self.samples(group.source, measured, network: network)
    }
    return PredictionModel(samples, prior: prior(from: source))
  }

  private func samples(
    _ source: RunRecord?, _ measured: RunRecord, network: Int
  ) -> [PredictionModel.Sample] {
    let targets = measured.works
    let names = Dictionary(
      measured.layers.indices.map { (measured.layers[$0].name, $0) },
      uniquingKeysWith: { first, _ in first })
    guard let source, let roofs = source.machine.rooflines, roofs.fault == nil else {
      return measured.layers.indices.compactMap { index in
        guard let work = targets[index], let roof = work.times(on: target.roofs, like: target.roofs)
        else { return nil }
        return .init(
          classes: work.classes(roof), kindClasses: work.kindClasses(roof), source: nil,
          target: Double.log(work.timeNs / roof.ns), timeNs: work.timeNs, roofNs: roof.ns,
          network: network)
      }
    }
    let works = source.works
    let keepsCode = keepsCode(of: source)
    return source.layers.indices.compactMap { index in
      guard let work = works[index], let place = names[source.layers[index].name],
        let there = targets[place]
      else { return nil }
      let isDirect = work.isWinograd && !there.isWinograd
      guard let roof = work.times(on: target.roofs, like: roofs, isDirect: isDirect),
        let loss = work.loss(
          from: roofs, to: target.roofs, keepsCode: keepsCode, isDirect: isDirect)
      else { return nil }
      return .init(
        classes: work.classes(roof), kindClasses: work.kindClasses(roof), source: loss,
        target: Double.log(there.timeNs / roof.ns), timeNs: there.timeNs, roofNs: roof.ns,
        network: network)
    }
  }

  /// Whether vectors are as wide on the target as where a record was measured.
  private func keepsCode(of source: RunRecord) -> Bool {
    InstructionSet(MeasuredSide(source).isa).lanes == InstructionSet(target.isa).lanes
  }

  /// What is thought before any pair was seen: spreads that are assumed, and weigh as four observations.
  private func prior(from source: RunRecord) -> PredictionModel.Prior {
    switch (source.machine.mayHaveTheCPU(of: target.machine), keepsCode(of: source)) {
    case (true, true): return .init(layer: 0.25, network: 0.10)
    case (false, true): return .init(layer: 0.30, network: 0.15)
    case (_, false): return .init(layer: 0.45, network: 0.25)
    }
  }
}

extension PredictionTarget {
  /// Whether the library has Winograd's algorithm there: from AVX-512 on.
  var mayRunWinograd: Bool { (InstructionSet(isa).lanes ?? 0) >= 16 }
}

extension LayerWork {
  /// Shorter layers wait for something else than longer ones.
  private static let shortNs = 20_000.0

  /// ln(time / roofs) on the target, as far as its loss here tells it; nil without roofs.
  ///
  /// By code of the same vectors it stays in proportion: what kept arithmetic or memory waiting does so
  /// there. Wider or narrower vectors change how long the arithmetic takes, but not what is lost beside it (loads,
  /// latencies, ends of loops): that keeps its time, but for clock and threads.
  func loss(
    from source: Rooflines, to target: Rooflines, keepsCode: Bool, isDirect: Bool
  ) -> Double? {
    guard let here = times(on: source, like: source, isDirect: isDirect) else { return nil }
    let time = isDirect && isWinograd ? directNs ?? here.ns * Double.exp(Self.directLoss) : timeNs
    let lost = time - here.ns
    guard !keepsCode, lost > 0, let there = times(on: target, like: source, isDirect: isDirect)
    else { return Double.log(time / here.ns) }
    let ratio =
      source.clockHz * Double(source.threads) / (target.clockHz * Double(target.threads))
    return Double.log(1 + lost * (ratio > 0 && ratio.isFinite ? ratio : 1) / there.ns)
  }

  /// What direct convolutions lose where nothing tells it of this one.
  private static let directLoss = 0.15

  private func bucket(_ roof: RoofTimes) -> String {
    roof.ns < Self.shortNs ? "short" : roof.limit.rawValue
  }

  /// What it is likened to, the most general class first: kind, implementation, and limit on the target.
  func classes(_ roof: RoofTimes) -> [String] {
    ["all", kind, "\(kind) \(implementation)", "\(kind) \(implementation) \(bucket(roof))"]
  }

  /// The same where the implementation is not known.
  func kindClasses(_ roof: RoofTimes) -> [String] { ["all", kind, "\(kind) \(bucket(roof))"] }

  /// Spread of the logarithm of its median at the source: a 95 % interval spans four of them.
  func noise(_ row: LayerRecord) -> Double {
    guard let ends = row.time?.ci95, ends.count == 2, ends[0] > 0, ends[1] >= ends[0] else {
      return 0.05
    }
    return Double.log(ends[1] / ends[0]) / 4
  }
}
