internal import Profiling

/// The reasons that keep a record's slow layers below their roofs, in words.
struct HindranceText {
  /// One layer.
  struct Row {
    let layer: LayerRecord
    /// Sentences without their full stop, most telling first.
    let reasons: [String]
  }

  /// The reason that weighs most in a layer.
  struct First {
    let hindrance: Hindrance
    /// Its sentence without the full stop.
    let words: String
  }

  private let record: RunRecord
  private let found: [Int: [Hindrance]]
  /// The layers with their reasons, in the order of their time.
  let rows: [Row]
  private let isIncomplete: Bool

  init(_ record: RunRecord) {
    self.record = record
    let found = record.hindrances
    self.found = found
    isIncomplete = found.values.joined().contains { $0.code == .unknown }
    rows = record.layers.filter { found[$0.index] != nil }.sorted {
      ($1.share ?? 0, $0.index) < ($0.share ?? 0, $1.index)
    }.map { layer in
      Row(
        layer: layer,
        reasons: (found[layer.index] ?? []).map { Self.sentence($0, of: layer, in: record) })
    }
  }

  /// `Below 80 % of their roof`.
  static let heading = "Below \(Figures.fixed(Hindrances.target * 100, 0)) % of their roof, and why"
  /// What the list holds.
  static let remark =
    "Of the layers that take \(Figures.fixed(Hindrances.coverage * 100, 0)) % of the time. Each "
    + "reason is a rule applied to numbers of the record (docs/record.md); parts of the time are "
    + "what each would take by itself and may overlap."

  /// `memory 62 %` or the class alone.
  static func state(_ layer: LayerRecord) -> String { layer.bound.map(BoundText.cell) ?? "–" }

  /// The reason that stands first for a layer; nil for one that needs none.
  func first(of layer: LayerRecord) -> First? {
    found[layer.index]?.first.map { hindrance in
      let words = HindranceWords(hindrance, layer: layer, record: record).text
      let part = Self.part(hindrance).map { " (\($0))" } ?? ""
      return First(hindrance: hindrance, words: words + part)
    }
  }

  /// What would say more than the record does; nil when the rules explain every layer.
  var next: String? {
    isIncomplete ? "What is not known: \(Self.inquiry(into: record))." : nil
  }

  /// What would say more about time that no rule explains, as a clause.
  static func inquiry(into record: RunRecord) -> String {
    let sources = record.layers.compactMap(\.counters?.source)
    if sources.contains(.papi) || sources.contains(.perf) {
      return "`--events topdown` says what the core waited for"
    }
    let search =
      record.hasUntriedImplementations
      ? "`--tuning search` says whether another implementation is faster, " : ""
    let simulate =
      sources.contains(.simulated) ? "" : "`--counters simulated` counts instructions and misses, "
    return "\(search)\(simulate)counters of a CPU with a PMU what the core waited for"
  }

  private static func sentence(
    _ hindrance: Hindrance, of layer: LayerRecord, in record: RunRecord
  ) -> String {
    let words = HindranceWords(hindrance, layer: layer, record: record).text
    return words + (part(hindrance).map { ": \($0)" } ?? "")
  }

  /// `26 % of its time`; nil where that is not known, or the sentence says it.
  private static func part(_ hindrance: Hindrance) -> String? {
    guard let share = hindrance.share, hindrance.code != .disturbed else { return nil }
    return "\(Figures.fixed(share * 100, 0)) % of its time"
  }
}
