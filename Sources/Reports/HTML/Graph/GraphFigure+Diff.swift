internal import Profiling

extension GraphFigure {
  /// One side of a comparison, its layers coloured by what became of them.
  init(_ diff: Diff, side: KeyPath<LayerDifference, String?>, id: String) {
    let isBaseline = side == \LayerDifference.baseline
    let ordered = diff.layers.filter { $0[keyPath: side] != nil }
    var previous: String?
    nodes = ordered.map { row in
      let name = row[keyPath: side] ?? ""
      let chain = previous.map { [$0] } ?? []
      previous = name
      let inputs = isBaseline ? row.inputs?.baseline : row.inputs?.candidate
      return GraphNode(
        name: name, detail: Self.detail(row, isBaseline: isBaseline),
        tooltip: "\(DiffText.name(row)) (\(row.kind))\n\(DiffText.headline(row.difference))",
        classes: ["v-\(row.difference.verdict.rawValue)", "k\(row.strength)"],
        reads: inputs ?? chain)
    }
    self.id = id
    isNarrow = true
    let verdicts = Set(ordered.map(\.difference.verdict))
    colorings = [
      Coloring(
        key: "change", title: "by change",
        legend: Verdict.allCases.filter(verdicts.contains).map { ("v-\($0.rawValue)", $0.rawValue) }
      )
    ]
  }

  private static func detail(_ row: LayerDifference, isBaseline: Bool) -> String {
    let time = isBaseline ? row.difference.baselineNs : row.difference.candidateNs
    let facts = [
      time.map(TimeUnit.text), isBaseline ? nil : row.difference.percent.map(Figures.signedPercent),
    ]
    let known = facts.compactMap(\.self)
    return known.isEmpty ? row.kind : known.joined(separator: " · ")
  }
}

extension LayerDifference {
  /// How strongly a change is coloured, 0 to 4: 20 % and more is strongest.
  var strength: Int {
    let size = abs(difference.percent ?? 20) / 5
    return size.isFinite ? Int(Swift.min(size, 4)) : 4
  }
}
