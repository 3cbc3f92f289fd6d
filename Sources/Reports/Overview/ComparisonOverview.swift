internal import Profiling

/// Several candidates beside one baseline, a group of columns each.
struct ComparisonOverview {
  private let comparison: Comparison
  private let rows: [ComparisonRow]
  private let unit: TimeUnit

  init(_ comparison: Comparison) {
    self.comparison = comparison
    rows = ComparisonRow.rows(comparison)
    let times = comparison.diffs.flatMap(\.layers)
      .flatMap { [$0.difference.baselineNs, $0.difference.candidateNs] }
    unit = TimeUnit(largest: times.compactMap { $0 }.max() ?? 0)
  }

  /// All parts.
  func overview() -> Overview {
    let diffs = comparison.diffs
    let name = diffs.first?.baseline.topology.name ?? ""
    var overview = Overview(title: name, eyebrow: "ntprof · comparison of \(diffs.count + 1)")
    if let first = diffs.first {
      overview.lead.append(Self.side("A (baseline)", first.baseline, nil))
    }
    for (index, diff) in diffs.enumerated() {
      overview.lead.append(Self.side(Comparison.letter(index + 1), diff.candidate, diff.baseline))
    }
    if let first = diffs.first, let method = DiffText.method(first) { overview.lead.append(method) }
    let gates = diffs.enumerated().compactMap { index, diff in
      diff.gate.map { "\(comparison.label(of: index)): \(DiffText.gate($0))" }
    }
    if let worst = comparison.gate {
      let tones: [Gate.Result: String] = [.beyond: "stop", .cannotTell: "warn"]
      overview.notes.append(
        .init(heading: "Gate", sentences: gates, tone: tones[worst.result] ?? ""))
    }
    let doubts = diffs.enumerated().flatMap { index, diff in
      diff.comparable.reasons.map { "\(Comparison.letter(index + 1)): \($0)" }
    }
    if !doubts.isEmpty {
      let stop = diffs.contains { $0.comparable.verdict == .notComparable }
      overview.notes.append(
        .init(
          heading: stop ? "Not comparable" : "Compare with care", sentences: doubts,
          tone: stop ? "stop" : "warn"))
    }
    overview.tables = [table()] + [engines()].compactMap(\.self)
    overview.figures = [sides()].compactMap { $0?.figure() }
    overview.cards = cards()
    overview.findings = findings()
    overview.footer =
      "\(comparison.schema) · probabilities are corrected over all candidates together (Holm)"
    return overview
  }

  private static func side(_ letter: String, _ side: Diff.Side, _ other: Diff.Side?) -> String {
    let facts = [
      "\(letter)  \(side.topology.source)",
      other.flatMap { DiffText.parameters(side, unlike: $0) }, Headline.options(side.options),
      side.engine.map { EngineText.version($0) },
      side.outputError.map { "outputs \(EngineText.outputs($0))" },
    ]
    return facts.compactMap(\.self).joined(separator: " · ")
  }

  /// Whether sides differ in their engine.
  private var hasEngines: Bool {
    comparison.diffs.contains { $0.baseline.options.engine != $0.candidate.options.engine }
  }

  private func sides() -> SidesFigure? {
    let candidates = comparison.diffs.enumerated().map { index, diff in
      (
        name: Self.name(Comparison.letter(index + 1), diff.candidate, unlike: diff.baseline),
        times: rows.map { $0.candidates[index]?.difference.candidateNs }
      )
    }
    guard let first = comparison.diffs.first else { return nil }
    let name = hasEngines ? EngineText.name(first.baseline.options) : first.baseline.topology.name
    let baseline = (name: "A \(name)", times: rows.map(\.baseline))
    return SidesFigure(names: rows.map(\.name), sides: [baseline] + candidates, unit: unit)
  }

  /// The letter, and what tells a side from the baseline: another name, or else its parameters.
  private static func name(
    _ letter: String, _ side: Diff.Side, unlike other: Diff.Side
  ) -> String {
    if side.options.engine != other.options.engine {
      return "\(letter) \(EngineText.name(side.options))"
    }
    let name = side.topology.name
    let parameters = name == other.topology.name ? DiffText.parameters(side, unlike: other) : nil
    return "\(letter) \(parameters ?? name)"
  }

  private func cards() -> [Overview.Card] {
    comparison.diffs.enumerated().compactMap { index, diff in
      guard let whole = diff.endToEnd, let after = whole.candidateNs else { return nil }
      let tone = whole.verdict == .faster ? "good" : whole.verdict == .slower ? "bad" : ""
      return Overview.Card(
        title: "\(Comparison.letter(index + 1)) against A", figure: TimeUnit.precise(after),
        note: DiffText.headline(whole), tone: tone)
    }
  }

  private func findings() -> [Overview.Note] {
    comparison.diffs.enumerated().compactMap { index, diff in
      let sentences = DiffText.explanations(diff)
      guard !sentences.isEmpty else { return nil }
      return Overview.Note(
        heading: "What changed in \(Comparison.letter(index + 1))",
        sentences: Array(sentences.prefix(DiffText.explanationLimit / 2)))
    }
  }

  /// A side's letter, and its engine where they differ.
  private func title(_ letter: String, _ side: Diff.Side?) -> String {
    guard hasEngines, let side else { return letter }
    return "\(letter) \(EngineText.name(side.options))"
  }

  private func table() -> OverviewTable {
    var columns = [
      OverviewTable.Column(
        key: "layer", head: .init(title: "layer", alignment: .left, narrowest: 12)),
      OverviewTable.Column(
        key: "a_ns",
        head: .init(title: title("A", comparison.diffs.first?.baseline), unit: unit.rawValue)),
    ]
    for index in comparison.diffs.indices {
      let letter = Comparison.letter(index + 1)
      let key = letter.lowercased()
      columns += [
        .init(
          key: "\(key)_ns",
          head: .init(
            title: title(letter, comparison.diffs[index].candidate), unit: unit.rawValue, gap: 4)),
        .init(key: "\(key)_percent", head: .init(title: "diff", unit: "%")),
        .init(key: "\(key)_low", head: .init(title: "from", unit: "%", expendable: 4)),
        .init(key: "\(key)_high", head: .init(title: "to", unit: "%", expendable: 4)),
        .init(key: "\(key)_p_adjusted", head: .init(title: "p adj.", expendable: 5)),
        .init(key: "\(key)_verdict", head: .init(title: "verdict", alignment: .left)),
      ]
    }
    var table = OverviewTable(
      heading: "Layers",
      remark: "Median times; differences with their 95 % interval against A, the baseline.",
      columns: columns)
    for row in rows {
      table.rows.append(cells(row.name, row.baseline, row.candidates.map { $0?.difference }))
    }
    if comparison.diffs.contains(where: { $0.endToEnd != nil }) {
      table.rows.append(
        cells(
          "end to end", comparison.diffs.compactMap(\.endToEnd?.baselineNs).first,
          comparison.diffs.map(\.endToEnd)))
    }
    return table
  }

  /// What the nodes of each engine have of its pass; nil where no side has any.
  private func engines() -> OverviewTable? {
    let sides =
      [comparison.diffs.first?.baseline].compactMap(\.self)
      + comparison.diffs.map(\.candidate)
    guard sides.contains(where: { $0.nodes != nil }) else { return nil }
    var table = OverviewTable(
      heading: "Engines",
      remark:
        "Executed: all nodes of an engine; between: its timed pass less these, cut of it what a "
        + "coarse clock takes from nodes, return what passes behind the last layer.",
      columns: [
        .init(key: "engine", head: .init(title: "engine", alignment: .left, narrowest: 12)),
        .init(key: "executed_ns", head: .init(title: "executed", unit: unit.rawValue)),
        .init(key: "share_of_bare", head: .init(title: "of bare pass", unit: "%")),
        .init(key: "attributed_share", head: .init(title: "in layers", unit: "%")),
        .init(key: "between_ns", head: .init(title: "between", unit: unit.rawValue)),
        .init(key: "cut_ns", head: .init(title: "cut", unit: unit.rawValue, expendable: 3)),
        .init(key: "return_ns", head: .init(title: "return", unit: unit.rawValue, expendable: 3)),
      ])
    for (index, side) in sides.enumerated() {
      let nodes = side.nodes
      table.rows.append([
        .init("\(Comparison.letter(index)) \(EngineText.name(side.options))"),
        time(nodes?.executedNs), share(nodes?.shareOfBare), share(nodes?.attributedShare),
        time(nodes?.betweenNs), time(nodes?.cutNs), time(nodes?.returnNs),
      ])
    }
    return table
  }

  private func share(_ value: Double?) -> OverviewTable.Cell {
    value.map { .init(Figures.percent($0), raw: $0.description, order: $0) } ?? .absent
  }

  private func cells(
    _ name: String, _ baseline: Double?, _ differences: [Difference?]
  ) -> [OverviewTable.Cell] {
    [.init(name), time(baseline)]
      + differences.flatMap { difference -> [OverviewTable.Cell] in
        guard let difference else { return [OverviewTable.Cell](repeating: .absent, count: 6) }
        let role = DiffText.role(difference.verdict)
        return [
          time(difference.candidateNs), percent(difference.percent, role),
          percent(difference.interval?.lowerBound), percent(difference.interval?.upperBound),
          difference.pAdjusted.map {
            .init(Figures.probability($0), raw: $0.description, order: $0)
          } ?? .absent,
          .init(DiffText.words(difference.verdict), raw: difference.verdict.rawValue, role: role),
        ]
      }
  }

  private func time(_ value: Double?) -> OverviewTable.Cell {
    value.map { .init(unit.number($0), raw: $0.description, order: $0) } ?? .absent
  }

  private func percent(_ value: Double?, _ role: Style.Role? = nil) -> OverviewTable.Cell {
    value.map { .init(Figures.signed($0), raw: $0.description, order: $0, role: role) } ?? .absent
  }
}

/// A layer of the baseline, or one that candidates added, with what each candidate has of it.
struct ComparisonRow {
  let name: String
  let baseline: Double?
  var candidates: [LayerDifference?]

  /// Rows in the baseline's order; layers that were added stand behind the layer they follow, and
  /// those of one name in several candidates share a row.
  static func rows(_ comparison: Comparison) -> [ComparisonRow] {
    let width = comparison.diffs.count
    var result: [ComparisonRow] = []
    var places: [Place: Int] = [:]
    var found: [Place: ComparisonRow] = [:]
    for (index, diff) in comparison.diffs.enumerated() {
      var before = 0
      var added = 0
      for row in diff.layers {
        let place: Place
        if row.baseline != nil {
          before += 1
          added = 0
          place = Place(baseline: before, added: 0, name: "")
        } else {
          added += 1
          place = Place(baseline: before, added: added, name: row.name)
        }
        var entry =
          found[place]
          ?? ComparisonRow(
            name: row.baseline ?? row.name, baseline: row.difference.baselineNs,
            candidates: [LayerDifference?](repeating: nil, count: width))
        entry.candidates[index] = row
        found[place] = entry
        places[place] = places[place] ?? places.count
      }
    }
    let ordered = found.keys.sorted {
      ($0.baseline, $0.added, places[$0] ?? 0) < ($1.baseline, $1.added, places[$1] ?? 0)
    }
    for place in ordered { if let row = found[place] { result.append(row) } }
    return result
  }

  private struct Place: Hashable {
    var baseline: Int
    var added: Int
    var name: String
  }
}
