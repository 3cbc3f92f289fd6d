internal import Profiling

/// The columns of a comparison, shared by the formats that have rows.
struct DiffColumns {
  /// A column.
  struct Column {
    /// Name in data.
    let key: String
    /// Its head.
    let column: TextTable.Column
    /// Whether it is coloured by the verdict.
    var isVerdict = false
    /// What it is sorted by; nil: by text.
    var order: (LayerDifference) -> Double? = { _ in nil }
    /// A row's text; nil when absent.
    let text: (LayerDifference) -> String?
  }

  private let unit: TimeUnit
  private let diff: Diff

  init(_ diff: Diff) {
    self.diff = diff
    let times = diff.layers.flatMap { [$0.difference.baselineNs, $0.difference.candidateNs] }
    unit = TimeUnit(largest: times.compactMap { $0 }.max() ?? 0)
  }

  /// The columns that have a value in some row.
  func all() -> [Column] {
    (identity() + times() + work()).filter { column in
      column.key == "layer" || diff.layers.contains { column.text($0) != nil }
    }
  }

  private func identity() -> [Column] {
    [
      Column(
        key: "layer", column: .init(title: "layer", alignment: .left, narrowest: 14)
      ) { DiffText.name($0) },
      Column(
        key: "change", column: .init(title: "change", alignment: .left, expendable: 3)
      ) { $0.change == .same ? nil : $0.change.rawValue },
    ]
  }

  private func times() -> [Column] {
    [
      Column(
        key: "baseline_ns", column: .init(title: "baseline", unit: unit.rawValue),
        order: { $0.difference.baselineNs }
      ) { $0.difference.baselineNs.map(unit.number) },
      Column(
        key: "candidate_ns", column: .init(title: "candidate", unit: unit.rawValue),
        order: { $0.difference.candidateNs }
      ) { $0.difference.candidateNs.map(unit.number) },
      Column(
        key: "percent", column: .init(title: "diff", unit: "%"), isVerdict: true,
        order: { $0.difference.percent }
      ) { $0.difference.percent.map(Figures.signed) },
      Column(
        key: "ci95", column: .init(title: "95 % interval", unit: "%", expendable: 1)
      ) { $0.difference.interval.map(DiffText.interval) },
      Column(
        key: "verdict", column: .init(title: "verdict", alignment: .left), isVerdict: true
      ) { DiffText.words($0.difference.verdict) },
      Column(
        key: "more_samples", column: .init(title: "needs", unit: "processes", expendable: 2),
        order: { $0.difference.moreSamples.map(Double.init) }
      ) { $0.difference.moreSamples.map { "≈ \(Figures.grouped($0)) more" } },
      Column(key: "p_adjusted", column: .init(title: "p adj.", expendable: 5)) {
        $0.difference.pAdjusted.map(Figures.probability)
      },
    ]
  }

  private func work() -> [Column] {
    [
      Column(key: "share", column: .init(title: "share", unit: "%", expendable: 2)) {
        DiffText.arrow($0.share?.baseline, $0.share?.candidate, Figures.percent)
      },
      Column(key: "flops", column: .init(title: "FLOP", unit: "%", expendable: 4)) {
        DiffText.change($0.flops)
      },
      Column(key: "bytes", column: .init(title: "bytes", unit: "%", expendable: 4)) {
        DiffText.change($0.bytes)
      },
      Column(
        key: "bound", column: .init(title: "bound", alignment: .left, expendable: 3)
      ) { DiffText.arrow($0.bound?.baseline, $0.bound?.candidate) { $0.rawValue } },
    ]
  }
}
