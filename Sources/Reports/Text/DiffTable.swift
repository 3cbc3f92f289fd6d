internal import Profiling

/// The table of a comparison: who is compared, the whole, then layer by layer.
struct DiffTable {
  let diff: Diff
  let options: ReportOptions
  private let style: Style

  init(_ diff: Diff, options: ReportOptions) {
    self.diff = diff
    self.options = options
    style = Style(color: options.color)
  }

  /// All parts, an empty line between them.
  func text() -> String {
    [title(), whole(), layers(), explanations()].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func title() -> String {
    var text = "baseline   \(side(diff.baseline, diff.candidate))\n"
    text += "candidate  \(side(diff.candidate, diff.baseline))\n"
    if diff.endToEnd != nil, let method = DiffText.method(diff) {
      text += DisplayText.wrap(method, columns: options.width, indentation: 2) + "\n"
    }
    guard diff.comparable.verdict != .comparable else { return text }
    let reasons = diff.comparable.reasons.map { DisplayText.clean($0) }.joined(separator: "; ")
    let verdict = DiffText.comparability(diff.comparable.verdict)
    let wrapped = DisplayText.wrap(
      "\(verdict): \(reasons)", columns: options.width, indentation: 2)
    let role: Style.Role = diff.comparable.verdict == .notComparable ? .bad : .warning
    text += style.paint(wrapped, role) + "\n"
    return text
  }

  private func side(_ side: Diff.Side, _ other: Diff.Side) -> String {
    let facts = [
      "\(side.topology.name) (\(side.topology.source))", DiffText.parameters(side, unlike: other),
      Headline.options(side.options), side.engine.map { EngineText.version($0) },
      side.outputError.map { "outputs \(EngineText.outputs($0))" },
      side.nodes.map { EngineText.nodes($0) },
    ]
    return DisplayText.clean(facts.compactMap(\.self).joined(separator: " · "))
  }

  private func whole() -> String {
    guard let whole = diff.endToEnd, let before = whole.baselineNs, let after = whole.candidateNs
    else { return "" }
    let times = "\(TimeUnit.precise(before)) → \(TimeUnit.precise(after))"
    let verdict = style.paint(DiffText.headline(whole), DiffText.role(whole.verdict))
    var text = "end to end  \(times)  \(verdict)\n"
    if let gate = diff.gate {
      let line = DisplayText.wrap(
        DisplayText.clean(DiffText.gate(gate)), columns: options.width, indentation: 2)
      text += style.paint(line, DiffText.role(gate.result)) + "\n"
    }
    return text
  }

  private func layers() -> String {
    let columns = DiffColumns(diff)
    let shown = columns.all()
    var table = TextTable(columns: shown.map(\.column), rows: [])
    for row in diff.layers {
      let cells = shown.map { column in
        let role = column.isVerdict ? DiffText.role(row.difference.verdict) : nil
        return TextTable.Cell(column.text(row) ?? "–", role)
      }
      table.rows.append(.cells(cells))
    }
    return table.render(width: options.width, style: style)
  }

  /// Why layers differ, those that move the total most first.
  private func explanations() -> String {
    let explanations = DiffText.explanations(diff)
    guard !explanations.isEmpty else { return "" }
    let shown = explanations.prefix(DiffText.explanationLimit)
    var text = style.paint("What changed", .title) + "\n"
    for line in shown {
      let clean = DisplayText.clean("• \(line)")
      text += DisplayText.wrap(clean, columns: options.width, indentation: 2) + "\n"
    }
    let rest = explanations.count - shown.count
    if rest > 0 { text += "  and \(rest) more in the json and html formats\n" }
    return text
  }
}
