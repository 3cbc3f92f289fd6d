public import Exporters
public import Profiling
public import Topology

/// Fills a record's rows with what an engine measured.
public struct EngineRows {
  private let graph: Graph
  private let selection: [Bool]
  private let profile: EngineProfile
  private let attribution: Attribution
  private let table: [ExportedNode]
  /// The timed nodes of each layer, by their place in the profile.
  private var ofLayer: [[Int]]
  /// The place in the engine's graph of each timed node.
  private let places: [Int?]
  /// The layer that computes a layer without nodes of its own.
  public private(set) var fusedInto: [Int: Int] = [:]

  /// Finds the layers of all nodes.
  ///
  /// - Parameters:
  ///   - profile: What was measured.
  ///   - graph: The network.
  ///   - table: The nodes of the model that the engine was given; empty where it names layers itself.
  ///   - selection: Which layers get times.
  public init(
    _ profile: EngineProfile, of graph: Graph, table: [ExportedNode], selection: [Bool]
  ) {
    self.graph = graph
    self.selection = selection
    self.profile = profile
    self.table = table
    attribution = Attribution(of: profile.graph, table: table)
    var byName: [String: Int] = [:]
    for (index, node) in profile.graph.enumerated() { byName[node.name] = index }
    places = profile.nodes.map { byName[$0.name] }
    let layers = Dictionary(
      graph.layers.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    ofLayer = Array(repeating: [], count: graph.layers.count)
    for (index, node) in profile.nodes.enumerated() {
      let owner =
        node.layer.flatMap { layers[$0] } ?? places[index].flatMap { attribution.owners[$0] }
      if let owner { ofLayer[owner].append(index) }
    }
    fuse()
  }

  /// Time of nodes with a layer over that of all nodes, over all samples together, 0 to 1.
  public var attributedShare: Double {
    func total(_ nodes: [Int]) -> Double {
      nodes.reduce(0) { $0 + profile.nodes[$1].ns.reduce(0, +) }
    }
    let whole = total(Array(profile.nodes.indices))
    return whole > 0 ? total(ofLayer.flatMap { $0 }) / whole : 1
  }

  /// The median over the samples of the sum of all nodes, ns; nil without a sample.
  public var executedNs: Double? {
    let samples = sum(of: Array(profile.nodes.indices))
    return samples.isEmpty ? nil : Percentiles.median(of: samples)
  }

  /// What nodes, and what lies between them, have of the timed pass.
  private var nodeTimes: NodeTimes {
    func mean(_ samples: [Double]) -> Double { samples.reduce(0, +) / Double(samples.count) }
    let executed = mean(sum(of: Array(profile.nodes.indices)))
    return NodeTimes(
      executedNs: executed, attributedShare: attributedShare,
      betweenNs: mean(profile.passesNs) - executed,
      cutNs: profile.stepNs.map { $0 / 2 * Double(profile.nodes.count) },
      returnNs: profile.returnNs.map(mean))
  }

  /// Names of the nodes that belong to no layer.
  public var strangers: [String] {
    let known = Set(ofLayer.flatMap { $0 })
    return profile.nodes.indices.filter { !known.contains($0) }.map { profile.nodes[$0].name }
  }

  /// Layers without nodes: another one's node computes them, or they only name what one before made.
  private mutating func fuse() {
    for layer in graph.layers where ofLayer[layer.index].isEmpty {
      if let host = attribution.covered[layer.index], !ofLayer[host].isEmpty {
        fusedInto[layer.index] = host
        continue
      }
      for case .layer(let source) in layer.inputs {
        if let host = ofLayer[source].isEmpty ? fusedInto[source] : source {
          fusedInto[layer.index] = host
          break
        }
      }
    }
  }

  private func sum(of nodes: [Int]) -> [Double] {
    profile.passesNs.indices.map { sample in
      nodes.reduce(0) { $0 + profile.nodes[$1].ns[sample] }
    }
  }

  /// Fills layers, segments, the timed pass and what belongs to no layer.
  ///
  /// - Parameters:
  ///   - record: Its rows are there, without times.
  ///   - threads: Threads that ran.
  public func fill(_ record: inout RunRecord, threads: Int) {
    guard !profile.passesNs.isEmpty else { return }
    let judge = EngineJudge(record, threads: threads)
    var accounted = [Double](repeating: 0, count: profile.passesNs.count)
    for index in record.layers.indices {
      let nodes = ofLayer[index]
      record.layers[index].primitives = primitives(of: index, timed: selection[index])
      if let host = fusedInto[index] { record.layers[index].fusedInto = graph.layers[host].name }
      guard selection[index], !nodes.isEmpty else {
        record.layers[index].untimed =
          fusedInto[index] != nil ? .fused : nodes.isEmpty ? .nothingRuns : .notMeasured
        continue
      }
      let samples = sum(of: nodes)
      for sample in samples.indices { accounted[sample] += samples[sample] }
      let time = TimeSummary(samples: samples)
      record.layers[index].time = time
      let fused = fusedInto.filter { $0.value == index }.map(\.key)
      record.layers[index].take(
        judge.judge(
          ([index] + fused).map { graph.layers[$0] }, row: record.layers[index], time: time,
          nodes: nodes.count))
    }
    for (index, segment) in graph.segments.enumerated() {
      let nodes = segment.layers.flatMap { ofLayer[$0] }
      guard segment.layers.allSatisfy({ selection[$0] }), !nodes.isEmpty else { continue }
      record.segments[index].time = TimeSummary(samples: sum(of: nodes))
    }
    record.timedPass = TimedPass(
      time: TimeSummary(samples: profile.passesNs), passesPerSample: profile.passesPerSample)
    let rest = zip(profile.passesNs, accounted).map { $0 - $1 }
    record.unattributed = Unattributed(
      time: TimeSummary(samples: rest), share: 0, nodes: nodeTimes)
  }

  private func primitives(of layer: Int, timed: Bool) -> [PrimitiveRecord] {
    let nodes = ofLayer[layer]
    let main = nodes.max { total($0) < total($1) }
    return nodes.map { index in
      let node = profile.nodes[index]
      let place = places[index]
      var row = PrimitiveRecord(
        kind: isReorder(index) ? "reorder" : node.op,
        implementation: node.implementation ?? node.op,
        postOps: index == main ? fusedOperators(of: layer) : [],
        time: timed ? TimeSummary(samples: node.ns) : nil)
      row.node = node.name
      if let layout = place.flatMap({ profile.graph[$0].layout }), !layout.isEmpty {
        row.formats["dst"] = layout
      }
      return row
    }
  }

  private func total(_ node: Int) -> Double { profile.nodes[node].ns.reduce(0, +) }

  /// Whether a node only changes a format: the engine's own operators for that, and what the model
  /// that it was given does not have.
  private func isReorder(_ index: Int) -> Bool {
    let op = profile.nodes[index].op
    if ["ReorderInput", "ReorderOutput", "Reorder"].contains(op) { return true }
    guard ["Reshape", "Transpose"].contains(op), let place = places[index] else { return false }
    return attribution.rules[place] == .consumer || attribution.rules[place] == .producer
      || attribution.rules[place] == .value && attribution.mains[place].map { table[$0].op } != op
  }

  /// Operators of the model that no node of the engine is by name: they are fused into the layer's
  /// costliest one.
  private func fusedOperators(of layer: Int) -> [String] {
    guard !table.isEmpty else { return [] }
    let layers = Set([layer] + fusedInto.filter { $0.value == layer }.map(\.key))
    let mains = Set(
      profile.nodes.indices.compactMap { places[$0] }.compactMap { attribution.mains[$0] })
    let ran = Set(profile.nodes.map(\.name))
    var list: [String] = []
    for (index, node) in table.enumerated()
    where layers.contains(node.layer) && !mains.contains(index) && !ran.contains(node.name)
      && !["Reshape", "Flatten", "Transpose", "Identity", "Squeeze", "Unsqueeze", "Cast"]
        .contains(node.op)
    {
      if list.last != node.op { list.append(node.op) }
    }
    return list
  }
}

/// Judges layers by the machine's roofs: an engine tells neither what its kernels read nor how often.
private struct EngineJudge {
  private let rooflines: Rooflines?
  private let footprint: Double
  private let lastLevelCacheBytes: Double
  private let threads: Int

  init(_ record: RunRecord, threads: Int) {
    rooflines = record.machine.rooflines
    footprint = record.layers.reduce(0) { $0 + Double($1.bytes.weights + $1.bytes.output) }
    lastLevelCacheBytes = Double(record.machine.lastLevelCacheBytes)
    self.threads = threads
  }

  func judge(
    _ layers: [Layer], row: LayerRecord, time: TimeSummary, nodes: Int
  ) -> Judgement {
    let counted = layers.reduce(0.0) { $0 + Double($1.cost.flops) }
    let executed = layers.reduce(0.0) { $0 + Double($1.cost.executedFlops) }
    let peak = rooflines?.peakFlops.rate(of: row.precision)
    let roofline = Roofline.bound(
      RooflineInput(
        flops: executed, peakFlopsPerSecond: peak ?? 0, weightBytes: Double(row.bytes.weights),
        activationBytes: Double(row.bytes.input + row.bytes.output),
        writtenBytes: Double(row.bytes.output), networkFootprintBytes: footprint,
        timeNs: time.median, steps: nodes, threads: threads,
        lastLevelCacheBytes: lastLevelCacheBytes, bandwidth: rooflines?.bandwidth ?? []))
    return Judgement(
      JudgementInput(
        flops: counted, trafficBytes: Double(row.bytes.total), timeNs: time.median,
        peakFlopsPerSecond: peak, roofline: roofline, counters: nil,
        executedFlops: executed == counted ? nil : executed))
  }
}
