internal import Profiling

/// Measured advice as a table: what was gained, what was not, and how to see it again.
struct AdviceOverview {
  private let advice: Advice

  init(_ advice: Advice) { self.advice = advice }

  /// All parts.
  func overview() -> Overview {
    var overview = Overview(title: advice.topology.name, eyebrow: "ntprof · advice")
    let objective = advice.objective == .latency ? "latency" : "time of an input"
    overview.lead = [
      "\(advice.topology.source) · \(Headline.options(advice.options))"
        + " · \(advice.machine.cpu)" + (advice.machine.cores.map { ", \($0) cores" } ?? ""),
      "\(objective)\(baseline) · \(tried) tried in \(Figures.fixed(advice.seconds, 0)) s"
        + " · at least \(Figures.short(advice.minCosine)) alike with f32",
    ]
    if advice.interrupted {
      overview.notes = [
        .init(
          heading: "Interrupted", sentences: ["what was measured until then stands"], tone: "warn")
      ]
    }
    if let faults = advice.faults {
      overview.notes.append(
        .init(heading: "Ended early", sentences: faults, tone: "warn"))
    }
    if let best = advice.best, let difference = best.difference {
      overview.cards = [
        .init(
          title: best.change, figure: difference.percent.map(Figures.signedPercent) ?? "",
          note: DiffText.headline(difference), tone: "good")
      ]
    }
    overview.tables = [gains(), others()]
    overview.findings = [.init(heading: "What follows", sentences: conclusions())]
    overview.footer =
      "\(advice.schema) · \(advice.created) · gains as in a diff: fresh processes in turn, p corrected "
      + "over all finalists (Holm)"
    return overview
  }

  private var baseline: String {
    advice.baselineNs.map {
      " \(TimeUnit.precise($0)) in \(advice.processes) processes"
    } ?? ""
  }

  private var tried: String {
    let count = advice.rows.count { $0.laps > 0 && $0.kind != .combination }
    return count == 1 ? "1 change" : "\(count) changes"
  }

  private var finalists: [AdviceRow] { advice.rows.filter { $0.difference != nil } }

  /// The finalists, measured against the baseline.
  private func gains() -> OverviewTable {
    var table = OverviewTable(
      heading: "Measured", remark: "negative is faster",
      columns: [
        .init(key: "change", head: .init(title: "change", alignment: .left, narrowest: 16)),
        .init(key: "percent", head: .init(title: "diff", unit: "%")),
        .init(key: "low", head: .init(title: "from", unit: "%")),
        .init(key: "high", head: .init(title: "to", unit: "%")),
        .init(key: "verdict", head: .init(title: "verdict", alignment: .left)),
        .init(key: "cosine", head: .init(title: "cosine")),
        .init(key: "command", head: .init(title: "again", alignment: .left, expendable: 1)),
      ])
    for row in finalists {
      let difference = row.difference
      let role: Style.Role? =
        difference?.verdict == .faster ? .good : difference?.verdict == .slower ? .bad : nil
      let words =
        row.state == .inaccurate
        ? "not alike" : difference.map { DiffText.words($0.verdict) } ?? ""
      let verdict = OverviewTable.Cell(words, role: row.state == .inaccurate ? .bad : role)
      let interval = difference?.interval
      let figures: [OverviewTable.Cell] = [
        Self.percent(difference?.percent, role), Self.percent(interval?.lowerBound, nil),
        Self.percent(interval?.upperBound, nil),
      ]
      table.rows.append(
        [OverviewTable.Cell(row.change)] + figures
          + [verdict, Self.cell(cosine: row.cosine), OverviewTable.Cell(row.command)])
    }
    return table
  }

  /// What did not reach the final, and why.
  private func others() -> OverviewTable {
    var table = OverviewTable(
      heading: "Tried, and left", remark: "over the baseline in the same round of the race",
      columns: [
        .init(key: "change", head: .init(title: "change", alignment: .left, narrowest: 16)),
        .init(key: "race_percent", head: .init(title: "in the race", unit: "%")),
        .init(key: "predicted_percent", head: .init(title: "by bricks", unit: "%")),
        .init(key: "cosine", head: .init(title: "cosine")),
        .init(key: "why", head: .init(title: "why it was left", alignment: .left)),
        .init(key: "command", head: .init(title: "again", alignment: .left, expendable: 1)),
      ])
    for row in advice.rows where row.difference == nil {
      let cells: [OverviewTable.Cell] = [
        OverviewTable.Cell(row.change), Self.percent(row.racePercent, nil),
        Self.percent(row.predictedPercent, nil), Self.cell(cosine: row.cosine),
        OverviewTable.Cell(why(row)), OverviewTable.Cell(row.command),
      ]
      table.rows.append(cells)
    }
    return table
  }

  private func why(_ row: AdviceRow) -> String {
    switch row.state {
    case .measured: ""
    case .dropped: "others were faster"
    case .inaccurate: "its outputs are too far from those in f32"
    case .failed: row.failure ?? "it could not be measured"
    case .pending where row.laps > 0: "it was in the race, but not in the final"
    case .pending where advice.faults != nil || advice.interrupted: "it ended before its turn"
    case .pending: "time was up before its turn"
    }
  }

  private func conclusions() -> [String] {
    var list: [String] = []
    if let best = advice.best {
      list.append(AdviceText.sentence(best) + ": \(best.command)")
    } else if advice.rows.contains(where: { $0.state == .measured }) {
      list.append(
        "nothing that leaves the network as it is makes it faster by more than can be told")
    } else if advice.faults == nil, !advice.interrupted {
      list.append("the time was not enough for a final: give more with --time")
    } else {
      list.append("it ended before a final: what was in the race was not measured as a diff does")
    }
    for row in finalists where row.changesNetwork && row.helps {
      list.append("as another network, " + AdviceText.sentence(row))
    }
    for row in finalists where row.difference?.verdict == .undecided {
      let more = row.difference?.moreSamples.map { ": \(DiffText.more($0)) a side would" } ?? ""
      list.append("\(row.change) is undecided\(more)")
    }
    for row in advice.rows {
      if let reason = row.reason, row.laps > 0 || row.difference != nil {
        list.append("\(row.change) was tried because \(reason)")
      }
    }
    return list
  }

  private static func percent(_ value: Double?, _ role: Style.Role?) -> OverviewTable.Cell {
    guard let value else { return .absent }
    return OverviewTable.Cell(Figures.signed(value), raw: "\(value)", order: value, role: role)
  }

  private static func cell(cosine: Double?) -> OverviewTable.Cell {
    guard let cosine else { return .absent }
    return OverviewTable.Cell(Self.cosine(cosine), raw: "\(cosine)", order: cosine)
  }

  /// Digits up to the first that is no 9, so that 0.99998 is not 1.
  static func cosine(_ value: Double) -> String {
    value > 0.99999 ? "1.0000" : Figures.fixed(value, value > 0.999 ? 5 : 4)
  }
}

/// Measured advice in a sentence.
enum AdviceText {
  /// `--precision int8 is 38.2 % faster [35.1, 41.0], cosine 0.9993`.
  static func sentence(_ row: AdviceRow) -> String {
    sentence(row.change, row.difference?.percent, row.difference?.ci95, row.cosine)
  }

  /// What a record quotes of advice that was measured before; one line of `Look first at`.
  static func finding(_ advice: MeasuredAdvice) -> Finding {
    let day = advice.created.prefix(10)
    let what = advice.objective == .throughput ? " (throughput)" : ""
    guard let change = advice.change else {
      return Finding(
        observation: "none of \(advice.tried) changes that were measured on \(day)\(what) makes it "
          + "faster by more than can be told", suggestion: "")
    }
    return Finding(
      observation: "measured on \(day)\(what), the best of \(advice.tried) changes: "
        + sentence(change, advice.percent, advice.ci95, advice.cosine),
      suggestion: advice.command.map { "`\($0)` measures it" } ?? "")
  }

  private static func sentence(
    _ change: String, _ percent: Double?, _ ci95: [Double]?, _ cosine: Double?
  ) -> String {
    var text = "`\(change)`"
    if let percent {
      text +=
        " is \(Figures.percent(percent.magnitude / 100)) % \(percent < 0 ? "faster" : "slower")"
    }
    if let ci95, ci95.count == 2 {
      let ends = ci95.map { Figures.fixed(-$0, 1) }
      text += " [\(ends[1]), \(ends[0])]"
    }
    if let cosine { text += ", cosine \(AdviceOverview.cosine(cosine))" }
    return text
  }
}
