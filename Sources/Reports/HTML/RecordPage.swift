internal import Profiling

/// The page of a run.
struct RecordPage {
  let record: RunRecord
  private let headline: Headline
  private let tables: LayerTablePage
  private let assets: (any PageAssets)?
  private let figures: Charts

  /// The charts there is data for.
  private struct Charts {
    var kinds: Figure?
    var roofline: Figure?
    var passes: Figure?
    var counters: Figure?
    var spread: Figure?
    var threads: Figure?

    init(_ record: RunRecord) {
      kinds = KindsFigure(record)?.figure()
      roofline = RooflineFigure(record)?.figure()
      passes = PassesFigure(record)?.figure()
      counters = CountersFigure(record)?.figure()
      spread = SpreadFigure(record)?.figure()
      threads = ThreadsFigure(record)?.figure()
    }

    var all: [Figure] {
      [kinds, roofline, passes, counters, spread, threads].compactMap(\.self)
    }
  }

  init(_ record: RunRecord, assets: (any PageAssets)? = nil) {
    self.record = record
    self.assets = assets
    figures = Charts(record)
    headline = Headline(record)
    tables = LayerTablePage(record)
  }

  /// The document.
  func html() -> String {
    let parameters = headline.parameters.map { "\($0) · " } ?? ""
    return Page.document(
      title: record.topology.name,
      eyebrow: record.endToEnd == nil ? "ntprof · topology" : "ntprof · topology profile",
      lead: ["\(parameters)\(headline.options)", headline.machine],
      content: content(), charts: figures.all.map { ($0.id, $0.chart) },
      library: assets?.chartLibrary)
  }

  private func content() -> String {
    let measured = record.layers.contains { $0.time != nil }
    let parts = [
      interruption(), cards(),
      ScenarioText(record).map {
        Markup.section("Scenario: \($0.scenario.name.rawValue)", Markup.facts($0.facts))
      } ?? "",
      Markup.callout("Look first at", Findings(record).all().map(\.sentence)),
      Markup.callout(
        "Mind",
        headline.warnings.map { "\($0.message) → \($0.remedy)" }
          + [headline.aside].compactMap(\.self), tone: "warn"),
      figures.all.isEmpty ? "" : Markup.missingCharts(assets),
      Markup.section("Where the time goes", TimeStrip(record).html()),
      Markup.section("Network", GraphFigure(record).html(assets), note: graphNote),
      Markup.section(
        "Layers", tables.layers(),
        note: measured
          ? "Mean times add up to the timed pass. Open an implementation to see its primitives and "
            + "what else was tried."
          : "Counted from the shapes; nothing was run."),
      Markup.section(
        HindranceText.heading, tables.hindrances(), note: HindranceText.remark),
      pair(figures.roofline, figures.passes), section(figures.counters),
      pair(figures.spread, figures.kinds), section(figures.threads),
      Markup.section(
        "Events", tables.counters(),
        note: "One pass, all threads; MPKI: misses per thousand "
          + "instructions."),
      Markup.section("Segments", tables.segments()), environment(), footer(),
    ]
    return parts.joined()
  }

  private var graphNote: String {
    let isChain = record.layers.allSatisfy { $0.inputs == nil }
    return isChain && record.layers.count > 1
      ? "The record does not say what layers read: they stand in the order of execution."
      : "A click leads to the layer's row."
  }

  private var hasLibrary: Bool { assets?.chartLibrary != nil }

  private func section(_ figure: Figure?) -> String {
    figure?.html(hasLibrary: hasLibrary) ?? ""
  }

  private func pair(_ first: Figure?, _ second: Figure?) -> String {
    let both = [section(first), section(second)].filter { !$0.isEmpty }
    return both.isEmpty ? "" : "<div class=\"pair\">\n\(both.joined())</div>\n"
  }

  private func interruption() -> String {
    guard record.interrupted else { return "" }
    return Markup.callout(
      "Interrupted", ["The run was cut short; what was measured until then stands."], tone: "stop")
  }

  /// The tail of the passes, as far as there are enough of them.
  private func tail(_ time: TimeSummary) -> String? {
    guard (record.options.processes ?? 1) == 1, time.carries(percentile: 0.9) else { return nil }
    let p90 = "p90\(time.carries(percentile: 0.99) ? "" : "; p99 takes 100 passes")"
    return time.carries(percentile: 0.99)
      ? Markup.card("Tail", TimeUnit.precise(time.p99), "p99; p90 \(TimeUnit.precise(time.p90))")
      : Markup.card("Tail", TimeUnit.precise(time.p90), p90)
  }

  private func cards() -> String {
    var cards: [String] = []
    if let whole = record.endToEnd {
      cards.append(
        Markup.card("Latency, median", TimeUnit.precise(whole.time.median), interval(whole.time)))
      cards.append(
        Markup.card(
          "Throughput", "\(Figures.rate(whole.throughputPerSecond)) /s",
          "inferences, batch \(record.options.batch)"))
      if let tail = tail(whole.time) { cards.append(tail) }
      if let bound = mainBound() { cards.append(bound) }
      if let rate = overallRate(whole) { cards.append(rate) }
    }
    let totals = record.totals
    cards.append(
      Markup.card(
        "Parameters", totals.$parameters.map { Figures.prefixed(Double($0)) } ?? "–",
        (totals.$macs.map { "\(Figures.prefixed(Double($0))) MACs in " } ?? "")
          + "\(totals.layers) layers"))
    if let memory = record.peakMemoryBytes {
      let first = record.endToEnd?.firstInferenceNs.map { "first pass \(TimeUnit.text($0))" }
      cards.append(Markup.card("Peak memory", Figures.bytes(Double(memory)), first ?? ""))
    } else if let flops = totals.$flops, let bytes = totals.$bytes {
      cards.append(Markup.card("Work", Figures.prefixed(Double(flops), unit: "FLOP"), "one pass"))
      cards.append(
        Markup.card("Traffic", Figures.bytes(Double(bytes)), "weights and activations once"))
    }
    return "<div class=\"cards\">\n\(cards.joined())</div>\n"
  }

  private func interval(_ time: TimeSummary) -> String {
    Headline(record).spread ?? "\(time.count) samples"
  }

  /// What holds most of the time back.
  private func mainBound() -> String? {
    let bounded = record.layers.filter { $0.bound != nil && $0.share != nil }
    let shares = Dictionary(grouping: bounded) { $0.bound?.class ?? .unknown }
      .mapValues { $0.compactMap(\.share).reduce(0, +) }
    let ordered = Bound.Class.allCases.filter { shares[$0] != nil }
    guard let main = ordered.max(by: { (shares[$0] ?? 0) < (shares[$1] ?? 0) }) else { return nil }
    let note = "holds back \(Figures.percent(shares[main] ?? 0)) % of the time"
    return Markup.card("Bound", main.rawValue, note)
  }

  private func overallRate(_ whole: EndToEnd) -> String? {
    guard whole.time.median > 0 else { return nil }
    let rate = record.executedFlops / whole.time.median
    let peak = record.machine.rooflines.flatMap { roofs -> Double? in
      switch record.options.precision {
      case .bf16: roofs.peakFlops.bf16
      case .int8: roofs.peakFlops.int8
      default: roofs.peakFlops.f32
      }
    }
    let note = peak.flatMap { $0 > 0 ? "\(Figures.percent(rate * 1e9 / $0)) % of the peak" : nil }
    return Markup.card("Arithmetic", "\(Figures.prefixed(rate * 1e9))FLOP/s", note ?? "")
  }

  private func environment() -> String {
    let facts = EnvironmentFacts(record)
    return "<div class=\"pair\">\n" + Markup.section("Machine", Markup.facts(facts.machine()))
      + Markup.section("Run", Markup.facts(facts.run())) + "</div>\n"
  }

  private func footer() -> String {
    let tool = "\(record.tool.name) \(record.tool.version)"
    let command = ShellWord.command(record.command)
    return """
      <footer>
      <p>\(Markup.escape(tool)) · \(Markup.escape(record.created)) · \
      \(Markup.escape(record.schema))</p>
      <p><code>\(Markup.escape(command))</code></p>
      <p>FLOP and bytes are counted from the shapes (one MAC is 2 FLOP), times are measured. \
      Rates are of the FLOP that are executed: taps in the padding are not. \
      The share of a roof is the time the nearer roof allows over the time taken.</p>
      </footer>

      """
  }
}
