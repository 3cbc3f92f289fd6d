internal import Profiling

/// The page of a comparison.
struct DiffPage {
  let diff: Diff
  private let assets: (any PageAssets)?
  private let change: Figure?

  init(_ diff: Diff, assets: (any PageAssets)? = nil) {
    self.diff = diff
    self.assets = assets
    change = ChangeFigure(diff)?.figure()
  }

  /// The document.
  func html() -> String {
    let (before, after) = (diff.baseline, diff.candidate)
    let same = before.topology.name == after.topology.name
    return Page.document(
      title: same ? before.topology.name : "\(before.topology.name) → \(after.topology.name)",
      eyebrow: "ntprof · comparison",
      lead: [
        lead("baseline", before, after), lead("candidate", after, before),
      ], content: content(), charts: [change].compactMap(\.self).map { ($0.id, $0.chart) },
      library: assets?.chartLibrary)
  }

  private func lead(_ role: String, _ side: Diff.Side, _ other: Diff.Side) -> String {
    let facts = [
      "\(role)  \(side.topology.source)", DiffText.parameters(side, unlike: other),
      Headline.options(side.options),
    ]
    return facts.compactMap(\.self).joined(separator: " · ")
  }

  private func content() -> String {
    let tone = diff.comparable.verdict == .notComparable ? "stop" : "warn"
    return [
      cards(), gate(),
      Markup.callout(
        DiffText.comparability(diff.comparable.verdict).capitalizedFirst, diff.comparable.reasons,
        tone: tone),
      Markup.callout("What changed", Array(DiffText.explanations(diff).prefix(8))),
      change == nil ? "" : Markup.missingCharts(assets),
      change?.html(hasLibrary: assets?.chartLibrary != nil) ?? "", graphs(),
      Markup.section(
        "Layers", DiffTablePage(diff).html(),
        note: (DiffText.method(diff).map { "\($0). " } ?? "")
          + "The band is ±1 %: within it times count as equivalent, and faster or slower is what "
          + "lies beyond it. Probabilities are corrected for the number of layers."),
      environment(), footer(),
    ].joined()
  }

  /// Both networks side by side.
  private func graphs() -> String {
    let sides = [
      Markup.section(
        "Baseline network", GraphFigure(diff, side: \.baseline, id: "baseline").html(assets)),
      Markup.section(
        "Candidate network", GraphFigure(diff, side: \.candidate, id: "candidate").html(assets)),
    ]
    let both = sides.joined()
    return both.isEmpty ? "" : "<div class=\"pair\">\n\(both)</div>\n"
  }

  private func gate() -> String {
    guard let gate = diff.gate else { return "" }
    let tones: [Gate.Result: String] = [.beyond: "stop", .cannotTell: "warn"]
    return Markup.callout("Gate", [DiffText.gate(gate)], tone: tones[gate.result] ?? "")
  }

  private func cards() -> String {
    var cards: [String] = []
    if let whole = diff.endToEnd {
      let tone = whole.verdict == .faster ? "good" : whole.verdict == .slower ? "bad" : ""
      let interval = whole.interval.map { "95 % interval \(DiffText.interval($0)) %, " } ?? ""
      cards = [
        Markup.card("Baseline", whole.baselineNs.map(TimeUnit.precise) ?? "–", "median end to end"),
        Markup.card(
          "Candidate", whole.candidateNs.map(TimeUnit.precise) ?? "–", "median end to end"),
        Markup.card(
          "Difference", whole.percent.map(Figures.signedPercent) ?? "–",
          interval + DiffText.words(whole.verdict) + needs(whole), tone: tone),
      ]
    }
    let counts = Dictionary(grouping: diff.layers, by: \.difference.verdict).mapValues(\.count)
    let text = Verdict.allCases.compactMap { verdict in
      counts[verdict].map { "\($0) \(DiffText.words(verdict))" }
    }
    cards.append(Markup.card("Layers", String(diff.layers.count), text.joined(separator: ", ")))
    let (before, after) = (diff.baseline.totals, diff.candidate.totals)
    func change(_ one: Int?, _ other: Int?) -> String {
      guard let one, let other else { return "unknown" }
      return DiffText.change(Sides(one, other)).map { "\($0) %" } ?? "same"
    }
    let size = change(before.$parameters, after.$parameters)
    cards.append(
      Markup.card("FLOP", change(before.$flops, after.$flops), "parameters \(size)"))
    return "<div class=\"cards\">\n\(cards.joined())</div>\n"
  }

  private func needs(_ whole: Difference) -> String {
    guard let more = whole.moreSamples else { return "" }
    return "; cannot tell, \(DiffText.more(more)) a side would"
  }

  private func environment() -> String {
    let sides = [("Baseline", diff.baseline), ("Candidate", diff.candidate)].map { name, side in
      Markup.section(name, Markup.facts(facts(side)))
    }
    return "<div class=\"pair\">\n\(sides.joined())</div>\n"
  }

  private func facts(_ side: Diff.Side) -> [(String, String?)] {
    let totals = side.totals
    return [
      ("Topology", side.topology.source),
      (
        "Parameters",
        side.topology.parameters.sorted { $0.key < $1.key }
          .map { "\($0.key) \($0.value)" }.joined(separator: ", ").nonEmpty
      ),
      ("Options", Headline.options(side.options)),
      ("Passes", side.options.iterations.map(String.init)),
      ("CPU", side.cpu), ("Engine", side.engine.map { EngineText.version($0) }),
      ("Outputs", side.outputError.map { EngineText.outputs($0) }),
      ("Engine's nodes", side.nodes.map { EngineText.nodes($0) }),
      ("oneDNN", side.onednn.map { "\($0.version), \($0.isa)" }),
      ("Trained values", totals.$parameters.map { Figures.grouped($0) }),
      ("FLOP", totals.$flops.map { Figures.prefixed(Double($0)) }), ("Measured", side.created),
      ("Output digest", side.outputDigest.map { String($0.prefix(16)) }),
    ]
  }

  private func footer() -> String {
    """
    <footer>
    <p>\(Markup.escape(diff.schema)) · Holm's correction\
    \(DiffText.method(diff).map { " · \(Markup.escape($0))" } ?? "")</p>
    </footer>

    """
  }
}

extension String {
  /// With its first letter in upper case.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

  /// Nil when empty.
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
