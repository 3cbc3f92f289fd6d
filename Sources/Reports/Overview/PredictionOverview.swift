internal import Profiling

/// A prediction: the network, its layers with their intervals and methods, and what it cannot know.
struct PredictionOverview {
  private let prediction: Prediction
  private let unit: TimeUnit

  init(_ prediction: Prediction) {
    self.prediction = prediction
    let times = prediction.layers.flatMap { [$0.sourceNs, $0.predicted?.ns] }.compactMap(\.self)
    unit = TimeUnit(largest: times.max() ?? 0)
  }

  /// All parts.
  func overview() -> Overview {
    let (source, target) = (prediction.source, prediction.target)
    var overview = Overview(title: prediction.topology.name, eyebrow: "ntprof · prediction")
    let whole = prediction.whole
    overview.lead = [
      "\(prediction.topology.source) · \(Headline.options(source.options))",
      "measured on \(Self.machine(source.machine))",
      "predicted for \(Self.machine(target.machine)) · \(target.threads) thread"
        + "\(target.threads == 1 ? "" : "s") · \(target.isa)",
      "one pass \(TimeUnit.precise(whole.ns)), 95 % interval "
        + TimeUnit.range(whole.ci95[0], whole.ci95[1])
        + (source.timeNs.map { " · \(TimeUnit.precise($0)) where it was measured" } ?? ""),
    ]
    overview.cards = cards()
    overview.figures = [sides()].compactMap { $0?.figure() }
    overview.tables = [layers(), roofs()]
    overview.findings = [
      .init(heading: "How it was found", sentences: methods()),
      .init(heading: "What it cannot know", sentences: prediction.unknown, tone: "warn"),
    ]
    overview.footer =
      "\(prediction.schema) · \(prediction.created) · intervals are of ln(predicted / measured), as far as what was "
      + "measured on both sides tells, and else by spreads that are assumed"
    return overview
  }

  private static func machine(_ machine: MachineInfo) -> String {
    var facts = [machine.cpu + (machine.cores.map { ", \($0) core\($0 == 1 ? "" : "s")" } ?? "")]
    if let library = machine.onednn { facts.append("oneDNN \(library.version) (\(library.isa))") }
    return facts.joined(separator: " · ")
  }

  private func cards() -> [Overview.Card] {
    let whole = prediction.whole
    var cards = [
      Overview.Card(
        title: "Predicted", figure: TimeUnit.precise(whole.ns),
        note: TimeUnit.range(whole.ci95[0], whole.ci95[1])),
      Overview.Card(
        title: "Throughput", figure: Figures.rate(prediction.throughputPerSecond),
        note: "inputs a second"),
    ]
    if let time = prediction.source.timeNs, time > 0 {
      cards.append(
        .init(
          title: "Against here", figure: "\(Figures.short(whole.ns / time)) ×",
          note: "\(TimeUnit.precise(time)) where it was measured"))
    }
    return cards
  }

  private func sides() -> SidesFigure? {
    SidesFigure(
      names: prediction.layers.map(\.name),
      sides: [
        (name: "measured", times: prediction.layers.map(\.sourceNs)),
        (name: "predicted", times: prediction.layers.map { $0.predicted?.ns }),
      ], unit: unit, of: "machines")
  }

  /// The layers, and the network as the last row.
  func layers() -> OverviewTable {
    let name = unit.rawValue
    var table = OverviewTable(
      heading: "Layers", remark: "Medians, and the 95 % interval of what is predicted.",
      columns: [
        .init(key: "layer", head: .init(title: "layer", alignment: .left, narrowest: 12)),
        .init(key: "kind", head: .init(title: "kind", alignment: .left, expendable: 2)),
        .init(key: "source_ns", head: .init(title: "measured", unit: name)),
        .init(key: "predicted_ns", head: .init(title: "predicted", unit: name)),
        .init(key: "low_ns", head: .init(title: "from", unit: name)),
        .init(key: "high_ns", head: .init(title: "to", unit: name)),
        .init(key: "ratio", head: .init(title: "ratio", unit: "×")),
        .init(key: "limit", head: .init(title: "limit", alignment: .left, expendable: 3)),
        .init(key: "method", head: .init(title: "method", alignment: .left)),
        .init(
          key: "implementation",
          head: .init(
            title: "implementation here", alignment: .left, narrowest: 12, expendable: 4)),
      ])
    for layer in prediction.layers {
      let note = layer.fusedInto.map { "in \($0)" } ?? layer.untimed.map { UntimedText.words($0) }
      table.rows.append(
        [.init(layer.name), .init(layer.kind), time(layer.sourceNs)]
          + figure(layer.predicted) + [
            ratio(layer.ratio), .init(layer.limit?.rawValue ?? ""),
            .init(layer.method?.rawValue ?? note ?? ""), .init(layer.implementation ?? ""),
          ])
    }
    let whole = prediction.whole
    table.rows.append(
      [.init("end to end"), .init(""), time(prediction.source.timeNs)] + figure(whole) + [
        ratio(prediction.source.timeNs.flatMap { $0 > 0 ? whole.ns / $0 : nil }), .init(""),
        .init(""), .init(""),
      ])
    return table
  }

  private func figure(_ figure: Prediction.Figure?) -> [OverviewTable.Cell] {
    [time(figure?.ns), time(figure?.ci95.first), time(figure?.ci95.last)]
  }

  /// The roofs of both sides.
  private func roofs() -> OverviewTable {
    var table = OverviewTable(
      heading: "Roofs", remark: "As measured on the threads of each side.",
      columns: [
        .init(key: "roof", head: .init(title: "roof", alignment: .left)),
        .init(key: "source", head: .init(title: "measured on")),
        .init(key: "target", head: .init(title: "predicted for")),
        .init(key: "ratio", head: .init(title: "ratio", unit: "×")),
      ])
    guard let before = prediction.source.machine.rooflines,
      let after = prediction.target.machine.rooflines
    else { return table }
    func add(_ name: String, _ value: (Rooflines) -> Double?) {
      let pair = [value(before), value(after)]
      guard let first = pair[0], let second = pair[1], first > 0, second > 0 else { return }
      table.rows.append(
        [.init(name)]
          + [first, second].map { .init(Figures.short($0), raw: $0.description, order: $0) }
          + [ratio(second / first)])
    }
    add("peak f32, GFLOP/s") { $0.peakFlops.f32 / 1e9 }
    add("peak bf16, GFLOP/s") { $0.peakFlops.bf16.map { $0 / 1e9 } }
    add("peak int8, GOP/s") { $0.peakFlops.int8.map { $0 / 1e9 } }
    add("smallest set, GB/s") { $0.bandwidth.first?.gbs }
    add("memory, GB/s") { $0.bandwidth.last?.gbs }
    add("clock, GHz") { $0.clockHz / 1e9 }
    add("hand-off, ns") { $0.handOff }
    return table
  }

  private func methods() -> [String] {
    let model = prediction.model
    var list: [String] = []
    let shares = prediction.shares.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
    for (name, share) in shares {
      guard let method = Prediction.Method(rawValue: name) else { continue }
      list.append("\(Figures.percent(share)) % of the time: \(Self.words(method))")
    }
    if model.pairs > 0 {
      list.append(
        "learnt from \(model.pairs) layer\(model.pairs == 1 ? "" : "s") of \(model.networks) other network"
          + "\(model.networks == 1 ? "" : "s") with records on both sides")
    }
    if model.pairs == 0, shares.contains(where: { $0.key == Prediction.Method.roofs.rawValue }) {
      list.append("nothing was measured on both sides: the spreads of the intervals are assumed")
    }
    if let error = model.errorPercent {
      list.append(
        "each of these as the others predict it is off by \(Figures.fixed(error, 1)) % (geometric mean)"
      )
    }
    return list
  }

  private static func words(_ method: Prediction.Method) -> String {
    switch method {
    case .record: "measured on the target, by a record of it"
    case .brick: "bricks that were measured on the target"
    case .fitted: "the ratio of the roofs, moved as layers of its class were seen to move"
    case .efficiency: "what layers of its kind reach of their roofs on the target"
    case .roofs: "the ratio of the roofs alone"
    }
  }

  private func time(_ value: Double?) -> OverviewTable.Cell {
    value.map { .init(unit.number($0), raw: $0.description, order: $0) } ?? .absent
  }

  private func ratio(_ value: Double?) -> OverviewTable.Cell {
    value.map { .init(Figures.short($0), raw: $0.description, order: $0) } ?? .absent
  }
}
