internal import Profiling

/// Networks as bricks: what is predicted, how far off that is, and what each brick takes.
struct BricksOverview {
  private let bricks: Bricks
  private let networkUnit: TimeUnit
  private let brickUnit: TimeUnit

  init(_ bricks: Bricks) {
    self.bricks = bricks
    networkUnit = TimeUnit(
      largest: bricks.networks.flatMap { [$0.sequentialNs ?? 0, $0.measured?.ns ?? 0] }.max() ?? 0)
    brickUnit = TimeUnit(largest: bricks.bricks.compactMap { $0.timing?.ns }.max() ?? 0)
  }

  /// All parts.
  func overview() -> Overview {
    let count = bricks.networks.count
    var overview = Overview(
      title: count == 1 ? bricks.networks[0].topology.name : "\(count) networks",
      eyebrow: "ntprof · bricks")
    let summary = bricks.summary
    overview.lead = [
      "\(summary.distinct) distinct bricks at \(summary.parts) places · \(summary.layers) layers · "
        + "granularity \(bricks.options.granularity)",
      settings + " · \(bricks.machine.cpu)" + (bricks.machine.cores.map { ", \($0) cores" } ?? ""),
    ]
    overview.notes = doubts()
    overview.cards = cards()
    overview.tables = [networks(), rows()]
    overview.findings = [.init(heading: "What follows", sentences: conclusions())]
    overview.footer =
      "\(bricks.schema) · \(bricks.created) · a brick is measured in \(processes), "
      + (isCold
        ? "everything it touches dropped from the caches before"
        : hasColdWeights
          ? "its own data warm, but for the weights of networks that exceed the last cache"
          : "its own data warm")
    return overview
  }

  private var isCold: Bool { bricks.options.cache == "cold" }
  private var hasColdWeights: Bool { bricks.bricks.contains { $0.cache != nil } }

  private var processes: String {
    let count = bricks.options.processes ?? 1
    return count == 1 ? "one fresh process" : "\(count) fresh processes"
  }

  private var settings: String {
    let options = bricks.options
    var words = [
      "\(options.threads) thread\(options.threads == 1 ? "" : "s")", options.precision,
      options.cache == "auto" ? "warm caches" : "\(options.cache) caches",
      "tuning \(options.tuning)",
    ]
    if let count = options.processes, count > 1 { words.append("\(count) processes") }
    if hasColdWeights { words.append("weights cold where a network's exceed the last cache") }
    if !options.fusion { words.append("not fused") }
    if let isa = options.isa { words.append(isa) }
    return words.joined(separator: ", ")
  }

  private func doubts() -> [Overview.Note] {
    var sentences: [String] = []
    let missing = bricks.bricks.count { $0.timing == nil }
    if bricks.interrupted {
      sentences.append(
        "interrupted: \(missing) of \(bricks.bricks.count) bricks are not measured; the same command "
          + "goes on, for what is measured is stored")
    }
    for row in bricks.bricks where row.state == .failed {
      sentences.append("brick \(row.id): \(Self.line(row.reason ?? "failed"))")
    }
    for network in bricks.networks {
      if let reason = network.reason {
        sentences.append("\(network.topology.name) was not measured: \(Self.line(reason))")
      }
    }
    return sentences.isEmpty ? [] : [.init(heading: "Mind", sentences: sentences, tone: "warn")]
  }

  private static func line(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: "; ")
  }

  private func cards() -> [Overview.Card] {
    let summary = bricks.summary
    var cards = [
      Overview.Card(
        title: "Distinct", figure: "\(Figures.percent(summary.share)) %",
        note: "\(summary.distinct) of \(summary.parts) places")
    ]
    if let saving = summary.saving {
      cards.append(
        .init(
          title: "Shorter", figure: "\(Figures.short(saving)) ×",
          note: "than the networks, run once"))
    }
    if let error = summary.errorPercent {
      let count = summary.compared
      cards.append(
        .init(
          title: "Off by", figure: "\(Figures.fixed(error, 1)) %",
          note: "geometric mean of \(count) network\(count == 1 ? "" : "s")"))
    }
    return cards
  }

  private func networks() -> OverviewTable {
    let unit = networkUnit.rawValue
    var table = OverviewTable(
      heading: "Networks",
      remark: "Predicted: the sum of the bricks, and that along the longest path. Spread: from the "
        + "fastest process to the slowest.",
      columns: [
        .init(key: "network", head: .init(title: "network", alignment: .left, narrowest: 12)),
        .init(key: "layers", head: .init(title: "layers", expendable: 3)),
        .init(key: "places", head: .init(title: "places")),
        .init(key: "distinct", head: .init(title: "distinct")),
        .init(key: "sequential_ns", head: .init(title: "sum", unit: unit)),
        .init(key: "sequential_spread", head: .init(title: "spread", unit: "%", expendable: 4)),
        .init(key: "critical_ns", head: .init(title: "critical path", unit: unit)),
        .init(key: "measured_ns", head: .init(title: "measured", unit: unit)),
        .init(key: "measured_spread", head: .init(title: "spread", unit: "%", expendable: 4)),
        .init(key: "error_percent", head: .init(title: "error", unit: "%")),
        .init(key: "reorders_ns", head: .init(title: "reorders", unit: unit, expendable: 2)),
      ])
    for network in bricks.networks {
      table.rows.append([
        .init(network.topology.name), count(network.layers), count(network.parts.count),
        count(network.distinct), time(network.sequentialNs, networkUnit),
        number(network.spreadPercent) { Figures.fixed($0, 1) },
        time(network.criticalNs, networkUnit), time(network.measured?.ns, networkUnit),
        number(network.measured?.spreadPercent) { Figures.fixed($0, 1) },
        number(network.errorPercent, Figures.signed),
        time(network.measured?.reordersNs, networkUnit),
      ])
    }
    return table
  }

  private func rows() -> OverviewTable {
    var spentAt: [String: Double] = [:]
    for part in bricks.networks.flatMap(\.parts) {
      if let ns = part.ns { spentAt[Self.place(part.brick, part.cache), default: 0] += ns }
    }
    let all = spentAt.values.reduce(0, +)
    var table = OverviewTable(
      heading: "Bricks",
      remark: "Share: of the predicted time of all networks. The most expensive first.",
      columns: [
        .init(key: "brick", head: .init(title: "brick", alignment: .left)),
        .init(key: "kinds", head: .init(title: "layers", alignment: .left, narrowest: 10)),
        .init(
          key: "inputs", head: .init(title: "reads", alignment: .left, narrowest: 10, expendable: 2)
        ),
        .init(
          key: "outputs",
          head: .init(title: "gives", alignment: .left, narrowest: 10, expendable: 3)),
        .init(key: "uses", head: .init(title: "uses")),
        .init(key: "ns", head: .init(title: "time", unit: brickUnit.rawValue)),
        .init(key: "spread", head: .init(title: "spread", unit: "%", expendable: 3)),
        .init(key: "share", head: .init(title: "share", unit: "%")),
        .init(
          key: "implementation",
          head: .init(title: "implementation", alignment: .left, narrowest: 12, expendable: 4)),
        .init(key: "state", head: .init(title: "", alignment: .left)),
      ])
    func spent(_ row: BrickRow) -> Double? { spentAt[Self.place(row.id, row.cache)] }
    for row in bricks.bricks.sorted(by: { spent($0) ?? 0 > spent($1) ?? 0 }) {
      let share = all > 0 ? spent(row).map { $0 / all } : nil
      table.rows.append([
        .init(row.id), .init(row.kinds.joined(separator: " ")),
        .init(row.inputShapes.map(\.description).joined(separator: " ")),
        .init(row.outputShapes.map(\.description).joined(separator: " ")), count(row.uses),
        time(row.timing?.ns, brickUnit),
        number(row.timing?.spreadPercent) { Figures.fixed($0, 1) },
        number(share, Figures.percent),
        .init(row.timing?.implementations.joined(separator: " ") ?? ""), .init(state(row)),
      ])
    }
    return table
  }

  private static func place(_ brick: String, _ cache: String?) -> String {
    "\(brick) \(cache ?? "")"
  }

  private func state(_ row: BrickRow) -> String {
    var words: [String] = []
    if row.cache != nil { words.append("weights cold") }
    if row.timing?.nothingRuns == true { words.append("nothing runs") }
    if row.state != .measured { words.append(row.state.rawValue) }
    return words.joined(separator: ", ")
  }

  private func conclusions() -> [String] {
    let summary = bricks.summary
    var list = [
      "\(summary.distinct) of \(summary.parts) bricks are distinct "
        + "(\(Figures.percent(summary.share)) %)"
    ]
    if let saving = summary.saving, let networks = summary.networksNs, let own = summary.bricksNs {
      list.append(
        "every brick once takes \(TimeUnit.text(own)), every network once \(TimeUnit.text(networks)): "
          + "\(Figures.short(saving)) times as long")
    }
    if let error = summary.errorPercent {
      let count = summary.compared
      var text =
        "predictions are off by \(Figures.fixed(error, 1)) % (geometric mean of \(count) "
        + "network\(count == 1 ? "" : "s"))"
      if let worst = summary.worst {
        text += ", at most by \(Figures.signedPercent(worst.percent)): \(worst.network)"
      }
      list.append(text)
      list.append(
        "what no brick has: reorders between layers, and caches as neighbours leave them"
          + (isCold ? "" : "; a brick finds its own data warm")
          + (hasColdWeights ? ", but for weights of networks that exceed the last cache" : ""))
    }
    return list
  }

  private func time(_ value: Double?, _ unit: TimeUnit) -> OverviewTable.Cell {
    number(value, unit.number)
  }

  private func number(_ value: Double?, _ text: (Double) -> String) -> OverviewTable.Cell {
    value.map { .init(text($0), raw: $0.description, order: $0) } ?? .absent
  }

  private func count(_ value: Int) -> OverviewTable.Cell {
    .init("\(value)", order: Double(value))
  }
}
