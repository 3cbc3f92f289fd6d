internal import Profiling

/// Words and figures of a comparison.
enum DiffText {
  /// Explanations that a terminal gets.
  static let explanationLimit = 12

  /// `fc1`, or `fc1 → dense1` when it was renamed.
  static func name(_ row: LayerDifference) -> String {
    guard let before = row.baseline, let after = row.candidate, before != after else {
      return row.name
    }
    return "\(before) → \(after)"
  }

  /// One line, like `−37.7 % [−38.2, −37.1] faster (p < 0.001)`.
  static func headline(_ difference: Difference) -> String {
    var text = difference.percent.map(Figures.signedPercent) ?? ""
    if let interval = difference.interval { text += " [\(self.interval(interval))]" }
    text += " \(words(difference.verdict))"
    if let p = difference.p {
      text += p < 0.001 ? " (p < 0.001)" : " (p = \(Figures.probability(p)))"
    }
    guard let more = difference.moreSamples else { return text }
    return text + ": cannot tell, \(self.more(more)) a side would"
  }

  /// A verdict as people say it.
  static func words(_ verdict: Verdict) -> String {
    verdict == .notMeasured ? "not measured" : verdict.rawValue
  }

  /// How many more processes it takes, like `about 1,420 more processes`.
  static func more(_ count: Int) -> String {
    count == 1 ? "one more process" : "about \(Figures.grouped(count)) more processes"
  }

  /// What the differences are of, and where their intervals come from; nil in old documents.
  static func method(_ diff: Diff) -> String? {
    diff.method.map {
      method($0, of: "diff: ratio of the medians of ", less: ", less one", canBeInTurn: true)
    }
  }

  /// The same of an estimate in other words; runs that can be taken in turn are told how.
  static func method(
    _ method: DiffMethod, of estimate: String, less end: String, canBeInTurn: Bool
  ) -> String {
    let measured = canBeInTurn ? "measured here" : "measured on its machine"
    let counts = [method.processes.baseline ?? 1, method.processes.candidate ?? 1]
    func processes(_ count: Int) -> String { count == 1 ? "one process" : "\(count) processes" }
    let sides =
      counts[0] == counts[1]
      ? "\(processes(counts[0])) a side" : "\(processes(counts[0])) and \(processes(counts[1]))"
    let estimate = "\(estimate)\(sides)\(end)"
    switch method.interval {
    case .hodgesLehmann:
      return estimate + "; interval: Hodges-Lehmann over the processes; p: Mann-Whitney"
    case .runSpread:
      let known = [method.spread?.baseline?.runs, method.spread?.candidate?.runs].compactMap(\.self)
      guard let widest = known.max(by: { $0.percent < $1.percent }) else { return estimate }
      let source =
        known.contains { $0.source == .default }
        ? "a cautious default: fewer than \(RunSpread.fewest) runs of it were \(measured) yet"
        : "\(measured), \(widest.runs) runs"
      return estimate
        + "; the runs were taken apart in time, and runs of one network differ by "
        + "\(Figures.fixed(widest.percent, widest.percent < 9.95 ? 1 : 0)) % (\(source)): the "
        + "intervals hold that"
        + (canBeInTurn ? ", and a diff that measures both in turn is not subject to it" : "")
    case .processSpread:
      let known = [method.spread?.baseline, method.spread?.candidate].compactMap(\.self)
      guard let widest = known.max(by: { $0.reach < $1.reach }) else { return estimate }
      let source =
        known.contains { $0.source == .default }
        ? "a cautious default: no several processes of it were \(measured) yet"
        : "\(measured), \(widest.processes) processes"
      return estimate
        + "; two processes of one network may lie ±\(reach(widest)) % apart "
        + "(\(source)): less than that cannot be told, and the intervals hold it; "
        + (canBeInTurn ? "--processes 6 tells more" : "profile --processes 6 on both tells more")
    }
  }

  /// By how much two processes may differ, in percent, two digits of it.
  static func reach(_ spread: ProcessSpread) -> String {
    Figures.fixed(spread.reach, spread.reach < 9.95 ? 1 : 0)
  }

  /// A gate's answer, like `gate: within 3 %: end to end +0.4 % [−0.3, +1.1]: …`.
  static func gate(_ gate: Gate) -> String {
    let limit = "\(DiffText.plain(gate.percent)) %\(gate.layers.map { " of \($0)" } ?? "")"
    let words =
      switch gate.result {
      case .within: "within \(limit)"
      case .beyond: "beyond \(limit)"
      case .cannotTell: "cannot tell whether within \(limit)"
      }
    return "gate: \(words): \(gate.reason)"
  }

  /// A number as it would be typed: `3`, `0.5`.
  private static func plain(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15
      ? Figures.fixed(value, 0) : Figures.short(value)
  }

  /// The colour of a gate's answer.
  static func role(_ result: Gate.Result) -> Style.Role {
    switch result {
    case .within: .good
    case .beyond: .bad
    case .cannotTell: .warning
    }
  }

  /// Both ends, like `−38.2, −37.1`.
  static func interval(_ interval: ClosedRange<Double>) -> String {
    "\(Figures.signed(interval.lowerBound)), \(Figures.signed(interval.upperBound))"
  }

  /// The change in percent; nil when it is the same or a side is absent.
  static func change(_ sides: Sides<Int>?) -> String? {
    guard let before = sides?.baseline, let after = sides?.candidate, before != after else {
      return nil
    }
    guard before > 0 else { return "new" }
    return Figures.signed((Double(after) / Double(before) - 1) * 100)
  }

  /// `a → b`, `a` when both are the same, the one there is when a side is absent.
  static func arrow<Value: Equatable>(
    _ before: Value?, _ after: Value?, _ text: (Value) -> String
  ) -> String? {
    guard let before, let after else { return (after ?? before).map(text) }
    let texts = [text(before), text(after)]
    return texts[0] == texts[1] ? texts[0] : "\(texts[0]) → \(texts[1])"
  }

  /// How the comparability reads at the head of a report.
  static func comparability(_ verdict: Comparability.Verdict) -> String {
    switch verdict {
    case .comparable: "comparable"
    case .caution: "compare with care"
    case .notComparable: "not comparable"
    }
  }

  /// The colour of a verdict.
  static func role(_ verdict: Verdict) -> Style.Role {
    switch verdict {
    case .faster: .good
    case .slower: .bad
    case .equivalent, .undecided, .notMeasured: .secondary
    case .added, .removed: .warning
    }
  }

  /// The params of one side that the other has not or has otherwise; nil when there are none.
  static func parameters(_ side: Diff.Side, unlike other: Diff.Side) -> String? {
    let own = side.topology.parameters.filter { other.topology.parameters[$0.key] != $0.value }
    guard !own.isEmpty else { return nil }
    return own.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// What changed, one sentence a group of layers that changed alike.
  ///
  /// Those that move the total most come first. Added and removed layers speak for themselves.
  static func explanations(_ diff: Diff) -> [String] {
    let rows = diff.layers.filter { $0.explanation != nil && $0.change != .added }
      .filter { $0.change != .removed }
    let ordered = rows.enumerated()
      .sorted { ($1.element.shift, $0.offset) < ($0.element.shift, $1.offset) }
    var groups: [(text: String, names: [String])] = []
    var places: [String: Int] = [:]
    for row in ordered.map(\.element) {
      let text = row.explanation ?? ""
      if let place = places[text] {
        groups[place].names.append(row.name)
      } else {
        places[text] = groups.count
        groups.append((text, [row.name]))
      }
    }
    return groups.map { "\(names($0.names)): \($0.text)" }
  }

  /// A list, like `a, b, c and 4 more`.
  static func names(_ names: [String]) -> String {
    let shown = names.prefix(names.count > 4 ? 3 : 4).joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 3) more" : shown
  }
}

extension LayerDifference {
  /// By how much the layer moves the total, in nanoseconds.
  fileprivate var shift: Double {
    abs((difference.candidateNs ?? 0) - (difference.baselineNs ?? 0))
  }
}
