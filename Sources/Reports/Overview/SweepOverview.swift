internal import Profiling

/// A sweep as tables: its points, heat-maps, scaling, and what follows.
struct SweepOverview {
  private let sweep: Sweep
  private let analysis: SweepAnalysis
  private let unit: TimeUnit

  init(_ sweep: Sweep) {
    self.sweep = sweep
    analysis = SweepAnalysis(sweep)
    unit = TimeUnit(largest: sweep.points.compactMap(\.latency?.median).max() ?? 0)
  }

  /// All parts.
  func overview() -> Overview {
    let plan = sweep.plan
    var overview = Overview(title: sweep.topology.name, eyebrow: "ntprof · sweep")
    let axes = plan.axes.map { "\($0.name) \($0.values.joined(separator: ", "))" }
    overview.lead = [
      "\(plan.mode.rawValue) of \(axes.joined(separator: " × "))",
      "\(sweep.points.count) points · \(processes) each, \(order) · \(machines)",
    ]
    overview.notes = doubts()
    overview.cards = cards()
    overview.tables = [points()] + SweepHeatMaps(sweep, unit: unit).tables() + [scaling()]
    overview.figures = [front()].compactMap { $0?.figure() }
    overview.findings = [Overview.Note(heading: "What follows", sentences: findings())]
      .filter { !$0.sentences.isEmpty }
    overview.footer =
      "\(sweep.schema) · \(sweep.created) · a sample is the median of one process"
    return overview
  }

  /// How many processes measured a point: contenders for the best one get more than were asked for.
  private var processes: String {
    let fewest = sweep.plan.rounds
    let most = sweep.points.compactMap(\.latency?.count).max() ?? fewest
    return most > fewest ? "\(fewest) to \(most) processes" : "\(fewest) processes"
  }

  /// `in turn`, or on how many nodes of a cluster.
  private var order: String {
    guard sweep.plan.launch != nil else { return "in turn" }
    let nodes = Set(sweep.points.flatMap { $0.nodes ?? [] }).count
    return "by \(nodes) node\(nodes == 1 ? "" : "s") of a cluster"
  }

  /// The machine; with machines as an axis each by its name.
  private var machines: String {
    func words(_ machine: MachineInfo) -> String { "\(machine.cpu), \(machine.cores ?? 0) cores" }
    return sweep.machines?.map { "\($0.name): \(words($0.machine))" }.joined(separator: "; ")
      ?? words(sweep.machine)
  }

  private func doubts() -> [Overview.Note] {
    var sentences: [String] = []
    let counts = sweep.points.count { $0.state == .pending }
    if sweep.interrupted || counts > 0 {
      sentences.append(
        "\(counts) of \(sweep.points.count) points were not measured by every process"
          + (sweep.interrupted ? " (interrupted)" : " within the time")
          + "; `ntprof sweep --resume` goes on")
    }
    let disturbed = sweep.points.filter { $0.disturbed != nil }
    if !disturbed.isEmpty {
      sentences.append(
        "\(disturbed.count == 1 ? "one point was" : "\(disturbed.count) points were") disturbed by "
          + "other programs, measured again, and disturbed again: nothing is concluded from "
          + "\(disturbed.count == 1 ? "it" : "them")")
    }
    let few = sweep.points.count {
      $0.latency != nil && $0.soundProcesses < SweepPoint.fewestProcesses
    }
    if few > 0 {
      sentences.append(
        "\(few) of \(sweep.points.count) points have fewer than \(SweepPoint.fewestProcesses) "
          + "undisturbed processes, too few for scaling, a knee, the front or a best point: "
          + "--rounds \(SweepPoint.fewestProcesses) or more, and a longer --time, would do")
    }
    for point in sweep.points where point.state == .failed {
      sentences.append(
        "\(name(point)): "
          + (point.reason ?? "failed").split(whereSeparator: \.isNewline).joined(separator: "; ")
      )
    }
    return sentences.isEmpty ? [] : [.init(heading: "Mind", sentences: sentences, tone: "warn")]
  }

  private func cards() -> [Overview.Card] {
    guard let best = analysis.best, let point = point(best.index) else { return [] }
    if let needs = best.needs {
      return [
        .init(
          title: "Best median so far", figure: value(best), note: name(point)),
        .init(title: "Best", figure: "–", note: "takes \(needs) undisturbed processes a point"),
      ]
    }
    let sure = best.contenders.isEmpty
    return [
      .init(
        title: "Best \(best.objective.rawValue)", figure: value(best), note: name(point),
        tone: sure ? "good" : ""),
      .init(
        title: "Sure", figure: best.probability.map { "\(Figures.percent($0)) %" } ?? "–",
        note: sure ? "of resamples; tests agree" : "of resamples; tests do not decide"),
    ]
  }

  private func value(_ best: SweepAnalysis.Best) -> String {
    switch best.objective {
    case .latency: TimeUnit.precise(best.value)
    case .throughput: "\(Figures.rate(best.value)) /s"
    case .memory: Figures.bytes(best.value)
    }
  }

  private func point(_ index: Int) -> SweepPoint? { sweep.points.first { $0.index == index } }

  /// `hidden 1024, batch 8`.
  private func name(_ point: SweepPoint) -> String { settings(point, but: nil) }

  /// The settings of a point, without those that are the same everywhere and without one axis.
  private func settings(_ point: SweepPoint, but left: Int?) -> String {
    zip(sweep.plan.axes, point.settings).enumerated()
      .filter { $0.offset != left && $0.element.0.values.count > 1 }
      .map { "\($0.element.0.name) \($0.element.1)" }.joined(separator: ", ")
  }

  private func points() -> OverviewTable {
    var columns = sweep.plan.axes.map {
      OverviewTable.Column(key: $0.name, head: .init(title: $0.name))
    }
    columns += [
      .init(key: "state", head: .init(title: "state", alignment: .left)),
      .init(key: "latency_ns", head: .init(title: "latency", unit: unit.rawValue)),
      .init(key: "low_ns", head: .init(title: "from", unit: unit.rawValue, expendable: 4)),
      .init(key: "high_ns", head: .init(title: "to", unit: unit.rawValue, expendable: 4)),
      .init(key: "processes", head: .init(title: "n", expendable: 5)),
      .init(key: "throughput_per_second", head: .init(title: "throughput", unit: "/s")),
      .init(key: "parameters", head: .init(title: "parameters", expendable: 1)),
      .init(key: "flops", head: .init(title: "FLOP", expendable: 3)),
      .init(key: "peak_memory_bytes", head: .init(title: "memory", expendable: 2)),
      .init(key: "notes", head: .init(title: "", alignment: .left)),
    ]
    // What bricks of the store said beforehand, where they said something.
    let isForecast = sweep.points.contains { $0.predictedNs != nil }
    if isForecast {
      columns.insert(
        .init(key: "predicted_ns", head: .init(title: "by bricks", unit: unit.rawValue)),
        at: columns.count - 1)
    }
    let front = Set(analysis.pareto)
    var table = OverviewTable(
      heading: "Points", remark: "Median of the processes' medians, smallest and largest of them.",
      columns: columns)
    for point in sweep.points {
      var cells = point.settings.map { OverviewTable.Cell($0, order: Double($0)) }
      var marks: [String] = []
      if point.index == analysis.best?.index, analysis.best?.needs == nil {
        marks.append("★ best")
      }
      if analysis.best?.contenders.contains(point.index) == true { marks.append("☆ may be best") }
      if front.contains(point.index) { marks.append("front") }
      if let count = point.disturbed?.count {
        marks.insert("\(count) of \(point.latency?.count ?? count) disturbed", at: 0)
      }
      let time = point.latency
      cells += [
        .init(state(point), raw: point.state.rawValue),
        self.time(time?.median), self.time(time?.min), self.time(time?.samples.max()),
        time.map { .init("\($0.count)", order: Double($0.count)) } ?? .absent,
        number(point.throughputPerSecond, Figures.rate),
        count(point.totals?.parameters) { Figures.prefixed($0) },
        count(point.totals?.flops) { Figures.prefixed($0) },
        count(point.peakMemoryBytes) { Figures.bytes($0) },
        .init(marks.joined(separator: ", "), role: marks.first == "★ best" ? .good : nil),
      ]
      if isForecast { cells.insert(self.time(point.predictedNs), at: cells.count - 1) }
      table.rows.append(cells)
    }
    return table
  }

  private func state(_ point: SweepPoint) -> String {
    switch point.state {
    case .measured: ""
    case .pending where point.latency != nil: "partly"
    case .excluded: "not \(point.reason ?? "wanted")"
    default: point.state.rawValue
    }
  }

  private func time(_ value: Double?) -> OverviewTable.Cell { number(value, unit.number) }

  private func number(_ value: Double?, _ text: (Double) -> String) -> OverviewTable.Cell {
    value.map { .init(text($0), raw: $0.description, order: $0) } ?? .absent
  }

  private func count(_ value: Int?, _ text: (Double) -> String) -> OverviewTable.Cell {
    value.map { .init(text(Double($0)), raw: String($0), order: Double($0)) } ?? .absent
  }

  private func front() -> FrontFigure? {
    let front = Set(analysis.pareto)
    let points = sweep.points.compactMap { point -> FrontFigure.Point? in
      guard let time = point.latency?.median, let size = point.totals?.parameters,
        point.state != .excluded
      else { return nil }
      return (name(point), Double(size), time, front.contains(point.index))
    }
    return FrontFigure(points, unit: unit)
  }

  private func scaling() -> OverviewTable {
    var table = OverviewTable(
      heading: "Scaling",
      remark: "Throughput over that of the first value; efficiency 100 % is proportional to it.",
      columns: [
        .init(key: "axis", head: .init(title: "axis", alignment: .left)),
        .init(key: "fixed", head: .init(title: "at", alignment: .left, narrowest: 12)),
        .init(key: "value", head: .init(title: "value")),
        .init(key: "speedup", head: .init(title: "speed-up")),
        .init(key: "efficiency", head: .init(title: "efficiency", unit: "%")),
        .init(key: "knee", head: .init(title: "", alignment: .left)),
      ])
    for line in analysis.scaling {
      guard let speedup = line.speedup, let efficiency = line.efficiency else { continue }
      let place = sweep.plan.axes.firstIndex { $0.name == line.axis } ?? 0
      for (step, index) in line.points.enumerated() {
        guard let point = point(index) else { continue }
        let value = point.settings[place]
        table.rows.append([
          .init(line.axis), .init(settings(point, but: place)),
          .init(value, order: Double(value)), number(speedup[step]) { Figures.fixed($0, 2) },
          number(efficiency[step]) { Figures.fixed($0 * 100, 0) },
          .init(line.knee == Double(value) ? "knee" : ""),
        ])
      }
    }
    return table
  }

  private func findings() -> [String] {
    var list: [String] = []
    if let objective = sweep.plan.objective { list += choice(objective) }
    for line in analysis.scaling {
      guard let knee = line.knee, let first = line.points.first.flatMap(point) else { continue }
      let place = sweep.plan.axes.firstIndex { $0.name == line.axis } ?? 0
      let fixed = settings(first, but: place)
      let at = fixed.isEmpty ? "" : " at \(fixed)"
      let what = line.speedup == nil ? "latency bends" : "throughput bends"
      list.append("\(what) at \(line.axis) \(Figures.fixed(knee, 0))\(at)")
    }
    let front = analysis.pareto.compactMap(point)
    if front.count > 1 {
      let names = front.prefix(8).map(name).joined(separator: "; ")
      list.append("most parameters for the latency: \(names)\(front.count > 8 ? "; …" : "")")
    }
    return list
  }

  private func choice(_ objective: SweepObjective) -> [String] {
    let conditions = sweep.plan.constraints.map(\.text).joined(separator: ", ")
    let given = conditions.isEmpty ? "" : " under \(conditions)"
    guard let best = analysis.best, let point = point(best.index) else {
      return ["no measured point qualifies\(given)"]
    }
    if let needs = best.needs {
      return [
        "no best \(objective.rawValue)\(given) can be told: that takes \(needs) undisturbed processes of "
          + "every point (--rounds \(needs)); the best median so far is that of \(name(point)), "
          + value(best)
      ]
    }
    var text = "best \(objective.rawValue)\(given): \(name(point)) with \(value(best))"
    if let probability = best.probability {
      text += ", the best in \(Figures.percent(probability)) % of resamples"
    }
    var list = [text]
    if let second = best.runnerUp, let other = self.point(second.index) {
      var text = "next: \(name(other))"
      if let percent = second.percent {
        text +=
          ", \(Figures.signedPercent(percent)) time\(best.objective == .throughput ? " an inference" : "")"
      }
      if let ci95 = second.ci95, ci95.count == 2, ci95[0] <= ci95[1] {
        text += " [\(DiffText.interval(ci95[0]...ci95[1]))]"
      }
      if let p = second.pAdjusted { text += ", p adj. \(Figures.probability(p))" }
      list.append(text)
    }
    if !best.contenders.isEmpty {
      list.append(
        "the tests do not tell it from \(best.contenders.count) "
          + (best.contenders.count == 1 ? "other point" : "other points")
          + ": more --rounds would")
    }
    return list
  }
}

/// Heat-maps of a sweep's latencies: two axes each, one for every combination of the others.
struct SweepHeatMaps {
  private let sweep: Sweep
  private let unit: TimeUnit
  /// More than that many tables nobody reads.
  private static let limit = 6

  init(_ sweep: Sweep, unit: TimeUnit) {
    self.sweep = sweep
    self.unit = unit
  }

  /// The tables; none when fewer than two axes have several values, or the sweep is no grid.
  func tables() -> [OverviewTable] {
    let axes = sweep.plan.axes
    let varied = axes.indices.filter { axes[$0].values.count > 1 }
    guard sweep.plan.mode == .grid, varied.count >= 2 else { return [] }
    let (down, across) = (varied[varied.count - 2], varied[varied.count - 1])
    var groups: [[String]] = []
    for point in sweep.points {
      let rest = others(point, down, across)
      if !groups.contains(rest) { groups.append(rest) }
    }
    return groups.prefix(Self.limit).map { table($0, down, across) }
  }

  private func others(_ point: SweepPoint, _ down: Int, _ across: Int) -> [String] {
    var rest = point.settings
    rest[down] = ""
    rest[across] = ""
    return rest
  }

  private func table(_ rest: [String], _ down: Int, _ across: Int) -> OverviewTable {
    let axes = sweep.plan.axes
    let points = sweep.points.filter { others($0, down, across) == rest }
    let times = points.compactMap(\.latency?.median)
    let range = (low: times.min() ?? 0, high: times.max() ?? 0)
    let fixed = zip(axes, rest).filter { $0.values.count > 1 && !$1.isEmpty }.map {
      "\($0.name) \($1)"
    }
    let place = fixed.isEmpty ? "" : " at \(fixed.joined(separator: ", "))"
    var table = OverviewTable(
      heading: "Latency, \(unit.rawValue): \(axes[down].name) by \(axes[across].name)\(place)",
      remark: "Green is fast, red is slow.",
      columns: [.init(key: axes[down].name, head: .init(title: axes[down].name, alignment: .left))]
        + axes[across].values.map {
          .init(key: $0, head: .init(title: "\(axes[across].name) \($0)"))
        })
    for value in axes[down].values {
      let cells = axes[across].values.map { other -> OverviewTable.Cell in
        let point = points.first { $0.settings[down] == value && $0.settings[across] == other }
        guard let time = point?.latency?.median else { return .absent }
        let shade = range.high > range.low ? (time - range.low) / (range.high - range.low) : 0
        return .init(unit.number(time), raw: time.description, order: time, shade: shade)
      }
      table.rows.append([.init(value)] + cells)
    }
    return table
  }
}
