/// Whether a candidate is slower than its baseline by more than a build allows: `gate` of the diff.
///
/// Three answers: a machine that cannot tell is no regression, and no approval either.
public struct Gate: Codable, Hashable, Sendable {
  /// What it says.
  public enum Result: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing is slower by more than the gate.
    case within
    /// Something is, as far as the interval goes.
    case beyond
    /// The records do not compare, hold too few processes, or an interval holds the gate.
    case cannotTell = "cannot-tell"
  }

  /// What must not be exceeded, percent.
  public var percent: Double
  /// What it was asked of, as written; absent for the whole network.
  public var layers: String?
  /// The answer.
  public var result: Result
  /// Why, in words.
  public var reason: String

  /// Makes an answer.
  public init(percent: Double, layers: String? = nil, result: Result, reason: String) {
    self.percent = percent
    self.layers = layers
    self.result = result
    self.reason = reason
  }
}

/// What a gate is asked of.
public enum GateSubject: Hashable, Sendable {
  /// The whole network, end to end.
  case network
  /// A layer by its name on either side.
  case layer(String)
  /// A segment.
  case segment(String)

  /// Reads names of layers and `@SEGMENT`s, joined by commas.
  public static func list(_ text: String) -> [GateSubject] {
    text.split(separator: ",").map { name in
      name.hasPrefix("@") ? .segment(String(name.dropFirst())) : .layer(String(name))
    }
  }

  /// How it reads in a sentence.
  public var words: String {
    switch self {
    case .network: "end to end"
    case .layer(let name): "layer \(name)"
    case .segment(let name): "segment \(name)"
    }
  }
}

extension RunRecord {
  /// The time of what a gate is asked of; nil where there is none.
  public func time(of subject: GateSubject) -> TimeSummary? {
    switch subject {
    case .network: endToEnd?.time
    case .layer(let name): layers.first { $0.name == name }?.time
    case .segment(let name): segments.first { $0.name == name }?.time
    }
  }
}

extension Diff {
  /// The subjects that this diff has no time of, as they were written.
  public func unknown(_ subjects: [GateSubject]) -> [GateSubject] {
    subjects.filter { subject in
      switch subject {
      case .network: false
      case .layer(let name): !layers.contains { $0.baseline == name || $0.candidate == name }
      case .segment(let name): !(segments ?? []).contains { $0.name == name }
      }
    }
  }

  /// Asks a gate, of the whole network or of some layers and segments, and keeps the answer.
  ///
  /// Beyond, when the whole 95 % interval of a difference lies above the gate (of a layer or a
  /// segment also its probability below 5 %, corrected for as many as were asked, by Bonferroni);
  /// within, when the whole interval of every one
  /// lies at or below it.
  ///
  /// - Parameters:
  ///   - percent: What must not be exceeded.
  ///   - subjects: What it is asked of; empty for the whole network.
  ///   - text: The subjects as written.
  public mutating func ask(
    gate percent: Double, of subjects: [GateSubject] = [], text: String? = nil
  ) {
    let asked = subjects.isEmpty ? [.network] : subjects
    let answers = asked.map { answer($0, gate: percent, among: asked.count) }
    let worst =
      answers.first { $0.result == .beyond } ?? answers.first { $0.result == .cannotTell }
      ?? answers[0]
    let all = answers.filter { $0.result == worst.result }.map(\.reason)
    gate = Gate(
      percent: percent, layers: text, result: worst.result,
      reason: Self.unique(all).joined(separator: "; "))
  }

  private static func unique(_ texts: [String]) -> [String] {
    texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func answer(
    _ subject: GateSubject, gate: Double, among count: Int
  ) -> (result: Gate.Result, reason: String) {
    guard comparable.verdict == .comparable else {
      return (
        .cannotTell,
        "the records do not compare: " + comparable.reasons.joined(separator: "; ")
      )
    }
    let name = subject.words
    guard let difference = difference(of: subject), let percent = difference.percent else {
      return (.cannotTell, "\(name) was not measured on both sides")
    }
    let fewest = DiffMethod.fewestProcesses
    guard let method, method.hasProcesses, let interval = difference.interval else {
      let counts = [method?.processes.baseline ?? 1, method?.processes.candidate ?? 1]
      return (
        .cannotTell,
        "too few processes: \(counts[0]) and \(counts[1]), of \(fewest) a side at least "
          + "(--processes)"
      )
    }
    let figures =
      "\(name) \(Self.signed(percent)) % [\(Self.signed(interval.lowerBound)), "
      + "\(Self.signed(interval.upperBound))]"
    let adjusted = min((difference.p ?? 1) * Double(count), 1)
    let isSure = subject == .network || adjusted < Difference.significance
    if interval.lowerBound > gate, isSure {
      return (.beyond, "\(figures): slower by more than \(Self.plain(gate)) %")
    }
    if interval.upperBound <= gate {
      return (.within, "\(figures): not slower by more than \(Self.plain(gate)) %")
    }
    if interval.lowerBound > gate {
      return (
        .cannotTell,
        "\(figures): too few processes to be sure of one of the \(count) asked (p adjusted "
          + "\(Self.plain((adjusted * 1000).rounded() / 1000)))"
      )
    }
    return (.cannotTell, "\(figures): the interval holds \(Self.plain(gate)) %")
  }

  private func difference(of subject: GateSubject) -> Difference? {
    switch subject {
    case .network: endToEnd
    case .layer(let name):
      layers.first { $0.candidate == name || $0.baseline == name }?.difference
    case .segment(let name): segments?.first { $0.name == name }?.difference
    }
  }

  private static func signed(_ value: Double) -> String {
    let words = tenths(value.magnitude)
    return words == "0" ? words : (value > 0 ? "+" : "−") + words
  }

  /// A number with one decimal, and none where that is 0.
  package static func tenths(_ value: Double) -> String { plain((value * 10).rounded() / 10) }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
  }
}

extension Comparison {
  /// The answer that decides over several candidates: beyond before cannot tell before within.
  public var gate: Gate? {
    let gates = diffs.compactMap(\.gate)
    return gates.first { $0.result == .beyond } ?? gates.first { $0.result == .cannotTell }
      ?? gates.first
  }
}
