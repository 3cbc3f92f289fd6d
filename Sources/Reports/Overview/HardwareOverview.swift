internal import Profiling

/// Machines side by side, and the layers of one network on them.
struct HardwareOverview {
  /// Sentences of one list.
  private static let limit = 12

  private let hardware: HardwareComparison
  private let unit: TimeUnit

  init(_ hardware: HardwareComparison) {
    self.hardware = hardware
    let times = hardware.layers.flatMap(\.machines).compactMap(\.timeNs)
    unit = TimeUnit(largest: times.max() ?? hardware.machines.compactMap(\.timeNs).max() ?? 0)
  }

  /// All parts.
  func overview() -> Overview {
    let sides = hardware.machines
    var overview = Overview(
      title: sides.first?.topology.name ?? "",
      eyebrow: "ntprof · comparison of \(sides.count) machines")
    overview.lead = sides.enumerated().map { index, side in
      "\(Comparison.letter(index))  \(Self.cpu(side.machine)) · \(side.topology.source) · "
        + Headline.options(side.options)
    }
    if let method = hardware.candidates.first?.method {
      overview.lead.append(
        DiffText.method(
          method, of: "ratio of the medians of ", less: "", canBeInTurn: false))
    }
    overview.notes = notes()
    overview.cards = cards()
    overview.figures =
      [times()?.figure()].compactMap(\.self)
      + hardware.candidates.indices.compactMap {
        RatiosFigure(hardware, candidate: $0)?.figure()
      }
    overview.tables = [HardwareFacts(hardware).table(), layers()]
    overview.findings = findings()
    overview.footer =
      "\(hardware.schema) · intervals are of the times; the measured roofs count as exact"
    return overview
  }

  /// The name of the CPU, and its microarchitecture: in virtual machines many have one name.
  private static func cpu(_ machine: MachineInfo) -> String {
    machine.cpu + (machine.microarchitecture.map { " (\($0))" } ?? "")
  }

  private func notes() -> [Overview.Note] {
    var notes: [Overview.Note] = []
    for (index, candidate) in hardware.candidates.enumerated() {
      let name =
        hardware.candidates.count > 1 ? "\(Comparison.letter(index + 1)) against A" : "Verdict"
      notes.append(.init(heading: name, sentences: candidate.verdict))
    }
    if let gate = hardware.gate {
      notes.append(.init(heading: "Gate", sentences: [DiffText.gate(gate)], tone: "warn"))
    }
    let others = hardware.candidates.enumerated().flatMap { index, candidate in
      candidate.differences.map {
        hardware.candidates.count > 1 ? "\(Comparison.letter(index + 1)): \($0)" : $0
      }
    }
    if !others.isEmpty {
      notes.append(
        .init(heading: "What differs besides the machines", sentences: others, tone: "warn"))
    }
    let missing = hardware.machines.enumerated().flatMap { index, side in
      side.missing.map { "\(Comparison.letter(index)): \($0)" }
    }
    if !missing.isEmpty {
      notes.append(.init(heading: "Not known", sentences: missing, tone: "warn"))
    }
    return notes
  }

  private func cards() -> [Overview.Card] {
    hardware.candidates.enumerated().flatMap { index, candidate -> [Overview.Card] in
      guard let whole = candidate.whole else { return [] }
      let letter = Comparison.letter(index + 1)
      let interval = whole.ratioCi95.flatMap(Self.interval).map { "95 % interval \($0)" }
      var cards = [
        Overview.Card(
          title: "\(letter) over A", figure: "\(Figures.short(whole.ratio)) ×",
          note: [interval, DiffText.words(whole.verdict)].compactMap(\.self)
            .joined(separator: ", "))
      ]
      guard let explained = whole.explained, let left = whole.left else { return cards }
      cards.append(
        .init(
          title: "The roofs explain", figure: "\(Figures.short(explained)) ×",
          note: "ratio of the times that the roofs allow"))
      let rest = whole.leftCi95.flatMap(Self.interval).map { "95 % interval \($0)" } ?? ""
      cards.append(
        .init(title: "Left", figure: "\(Figures.short(left)) ×", note: rest))
      if let mainly = candidate.mainly {
        cards.append(
          .init(title: "Mainly", figure: Self.words(mainly), note: Self.reading(mainly)))
      }
      return cards
    }
  }

  private static func words(_ mainly: HardwareComparison.Mainly) -> String {
    switch mainly {
    case .chip: "chip"
    case .library: "library"
    case .network: "network"
    case .unexplained: "unexplained"
    }
  }

  private static func reading(_ mainly: HardwareComparison.Mainly) -> String {
    switch mainly {
    case .chip: "the roofs explain at least as much as is left"
    case .library: "most is left, in layers that run other code"
    case .network: "most is left, in layers too small for any roof"
    case .unexplained: "most is left, in layers of the same code"
    }
  }

  private static func interval(_ ends: [Double]) -> String? {
    ends.count == 2 ? "\(Figures.short(ends[0])) … \(Figures.short(ends[1]))" : nil
  }

  private func times() -> SidesFigure? {
    SidesFigure(
      names: hardware.layers.map(\.name),
      sides: hardware.machines.enumerated().map { index, side in
        (
          name: "\(Comparison.letter(index)) \(Self.cpu(side.machine))",
          times: hardware.layers.map { $0.machines[index].timeNs }
        )
      }, unit: unit, of: "machines")
  }

  /// What ran otherwise, layers of the same words together.
  private func findings() -> [Overview.Note] {
    hardware.candidates.indices.compactMap { index in
      var groups: [(words: String, names: [String])] = []
      var places: [String: Int] = [:]
      for layer in hardware.layers {
        guard let words = layer.candidates[index].code else { continue }
        if let place = places[words] {
          groups[place].names.append(layer.name)
        } else {
          places[words] = groups.count
          groups.append((words, [layer.name]))
        }
      }
      guard !groups.isEmpty else { return nil }
      var sentences = groups.prefix(Self.limit).map { "\(DiffText.names($0.names)): \($0.words)" }
      if groups.count > Self.limit {
        sentences.append("and \(groups.count - Self.limit) more in the json format")
      }
      let letter = Comparison.letter(index + 1)
      let heading =
        hardware.candidates.count > 1 ? "What ran otherwise on \(letter)" : "What ran otherwise"
      return Overview.Note(heading: heading, sentences: sentences)
    }
  }

  /// The layers, and a last row for the whole.
  func layers() -> OverviewTable {
    var columns = [
      OverviewTable.Column(
        key: "layer", head: .init(title: "layer", alignment: .left, narrowest: 12))
    ]
    for index in hardware.machines.indices {
      let letter = Comparison.letter(index)
      let key = letter.lowercased()
      columns += [
        .init(key: "\(key)_ns", head: .init(title: letter, unit: unit.rawValue, gap: 3)),
        .init(key: "\(key)_roof_fraction", head: .init(title: "of roof", unit: "%")),
      ]
    }
    columns.append(
      .init(key: "bound", head: .init(title: "bound", alignment: .left, expendable: 4)))
    for index in hardware.candidates.indices {
      let letter = Comparison.letter(index + 1)
      let key = letter.lowercased()
      columns += [
        .init(key: "\(key)_ratio", head: .init(title: "\(letter)/A", unit: "×", gap: 3)),
        .init(key: "\(key)_low", head: .init(title: "from", unit: "×", expendable: 3)),
        .init(key: "\(key)_high", head: .init(title: "to", unit: "×", expendable: 3)),
        .init(
          key: "\(key)_verdict",
          head: .init(title: "verdict", alignment: .left, expendable: 6)),
        .init(key: "\(key)_explained", head: .init(title: "roofs", unit: "×")),
        .init(key: "\(key)_left", head: .init(title: "left", unit: "×")),
        .init(
          key: "\(key)_excess_ns", head: .init(title: "left", unit: unit.rawValue, expendable: 1)),
        .init(
          key: "\(key)_code",
          head: .init(
            title: "ran otherwise", alignment: .left, expendable: 5)),
      ]
    }
    var table = OverviewTable(
      heading: "Layers",
      remark: "Median times; of roof: what the nearer roof allows over the time; \(Self.reading) "
        + "Left is what the measured ratio leaves of that.", columns: columns)
    for layer in hardware.layers {
      table.rows.append(
        [.init(layer.name)]
          + layer.machines.flatMap { [time($0.timeNs), Self.percent($0.roofFraction)] }
          + [Self.bounds(layer.machines.map(\.bound))]
          + layer.candidates.flatMap { cells($0.times, code: $0.code) })
    }
    if hardware.candidates.contains(where: { $0.whole != nil }) {
      table.rows.append(
        [.init("end to end")]
          + hardware.machines.flatMap { [time($0.timeNs), Self.percent($0.roofFraction)] }
          + [.absent]
          + hardware.candidates.flatMap { cells($0.whole, code: nil) })
    }
    return table
  }

  /// `core → memory`, or `core` where all agree.
  private static func bounds(_ classes: [Bound.Class?]) -> OverviewTable.Cell {
    let names = classes.map { $0?.rawValue ?? "–" }
    guard classes.contains(where: { $0 != nil }) else { return .absent }
    let isOne = names.allSatisfy { $0 == names[0] }
    return .init(
      isOne ? names[0] : names.joined(separator: " → "),
      raw: classes.map { $0?.rawValue ?? "" }.joined(separator: ";"))
  }

  private static let reading = "roofs: ratio of the times that the roofs allow."

  private func cells(_ ratio: RoofRatio?, code: String?) -> [OverviewTable.Cell] {
    let ends = ratio?.ratioCi95.flatMap { $0.count == 2 ? $0 : nil }
    return [
      Self.factor(ratio?.ratio), Self.factor(ends?[0]), Self.factor(ends?[1]),
      ratio.map { .init(DiffText.words($0.verdict), raw: $0.verdict.rawValue) } ?? .absent,
      Self.factor(ratio?.explained), Self.factor(ratio?.left),
      ratio?.excessNs.map { .init(signed($0), raw: $0.description, order: $0) } ?? .absent,
      code.map { .init($0) } ?? .absent,
    ]
  }

  private func signed(_ nanoseconds: Double) -> String {
    let text = unit.number(nanoseconds)
    return nanoseconds > 0 ? "+\(text)" : text
  }

  private func time(_ value: Double?) -> OverviewTable.Cell {
    value.map { .init(unit.number($0), raw: $0.description, order: $0) } ?? .absent
  }

  private static func factor(_ value: Double?) -> OverviewTable.Cell {
    value.map { .init(Figures.short($0), raw: $0.description, order: $0) } ?? .absent
  }

  private static func percent(_ share: Double?) -> OverviewTable.Cell {
    share.map { .init(Figures.fixed($0 * 100, 0), raw: $0.description, order: $0) } ?? .absent
  }
}
