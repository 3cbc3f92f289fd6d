internal import RealModule

/// What a comparison of two machines comes to, in words.
struct HardwareVerdict {
  /// What makes most of the difference; nil where nothing can be said.
  private(set) var mainly: HardwareComparison.Mainly?
  /// The short answer first.
  private(set) var sentences: [String] = []

  private let letter: String
  private let candidate: HardwareComparison.Candidate
  /// Layers with what is left of them, the candidate's time less what its roofs explain.
  private let rests:
    [(name: String, ratio: HardwareComparison.LayerRatio, excess: Double, same: String?)]
  /// What the roofs stand for.
  private let subject: (words: String, isPlural: Bool)

  init(
    _ candidate: HardwareComparison.Candidate, index: Int, layers: [HardwareComparison.Layer],
    machines: [HardwareComparison.Machine]
  ) {
    self.candidate = candidate
    letter = Comparison.letter(index + 1)
    rests = layers.compactMap { layer in
      let ratio = layer.candidates[index]
      guard let excess = ratio.times?.excessNs, excess.isFinite else { return nil }
      return (layer.name, ratio, excess, layer.machines[0].implementation)
    }
    subject = Self.subject(machines[0].options, machines[index + 1].options)
    guard let whole = candidate.whole else {
      sentences = ["A and \(letter): the whole network was not measured on both machines"]
      return
    }
    guard let explained = whole.explained, let left = whole.left else {
      sentences = [times(whole) + "; what \(subject.words) would explain is not known"]
      if let coverage = candidate.coverage, let before = coverage.baseline,
        let after = coverage.candidate
      {
        sentences.append(
          "Layers with roofs on both sides take \(Self.percent(before)) of A's time and "
            + "\(Self.percent(after)) of \(letter)'s: too little to explain the whole by")
      }
      return
    }
    sentences = [times(whole) + "; " + account(whole, explained: explained, left: left)]
    if whole.isLeftTold, let causes = causes(left: left) { sentences.append(causes) }
    guard Self.isTold(whole) else { return }
    mainly = main(whole, explained: explained, left: left)
    sentences.append(
      mainly.map(conclusion)
        ?? "Whether \(subject.words) or what is left makes more of it, these samples cannot tell")
  }

  private static func isTold(_ whole: RoofRatio) -> Bool {
    whole.verdict == .faster || whole.verdict == .slower
  }

  private func conclusion(_ mainly: HardwareComparison.Mainly) -> String {
    let (who, make) =
      switch mainly {
      case .chip: (subject.words, subject.isPlural ? "make" : "makes")
      case .library: ("the library", "makes")
      case .network: ("the network", "makes")
      case .unexplained: ("something else", "makes")
      }
    let reason =
      switch mainly {
      case .chip: "the roofs explain at least as much as is left"
      case .library: "most is left, in layers that run other code"
      case .network: "most is left, in layers too small for any roof"
      case .unexplained: "most is left, in layers that run the same code"
      }
    return "So \(who) \(make) most of the difference: \(reason)"
  }

  /// What differs of what the roofs were measured for.
  private static func subject(_ before: RunOptions, _ after: RunOptions) -> (String, Bool) {
    var parts = ["the chip"]
    if before.teamSize != after.teamSize { parts.append("threads") }
    if before.precision != after.precision { parts.append("precision") }
    let last = parts.removeLast()
    return parts.isEmpty
      ? (last, false) : ("\(parts.joined(separator: ", ")) and \(last)", true)
  }

  /// Which machine takes longer, as far as the samples tell.
  private func times(_ whole: RoofRatio) -> String {
    let isSlower = whole.ratio >= 1
    let interval = Self.interval(whole.ratioCi95, inverse: !isSlower)
    switch whole.verdict {
    case .equivalent: return "\(letter) takes as long as A, within 1 %"
    case .faster, .slower:
      return isSlower
        ? "\(letter) takes \(Self.times(whole.ratio)) the time of A\(interval)"
        : "\(letter) is \(Self.times(1 / whole.ratio)) as fast as A\(interval)"
    default:
      return "these samples cannot tell the times of A and \(letter) apart "
        + "(\(Self.times(whole.ratio))\(Self.interval(whole.ratioCi95, inverse: false)))"
    }
  }

  /// What the roofs explain of it, and where the rest is.
  private func account(_ whole: RoofRatio, explained: Double, left: Double) -> String {
    let isInverse = whole.ratio < 1 && Self.isTold(whole)
    func oriented(_ value: Double) -> Double { isInverse ? 1 / value : value }
    let (share, rest) = (oriented(explained), oriented(left))
    let interval = Self.interval(whole.leftCi95, inverse: isInverse)
    let explains = subject.isPlural ? "explain" : "explains"
    let would = "\(subject.words) would explain \(Self.times(share))"
    let alone = isInverse ? "be \(Self.times(share)) as fast" : "take \(Self.times(share)) the time"
    let plain =
      share < 1
      ? "by \(subject.words) alone \(letter) would \(alone)"
      : Self.isTold(whole) ? "\(subject.words) \(explains) \(Self.times(share)) of it" : would
    guard whole.isLeftTold else {
      return
        "\(plain), and the \(Self.times(rest)) that is left\(interval) is nothing these samples "
        + "can tell"
    }
    let place = place(left: left).map { ", \($0)" } ?? ""
    if rest > 1 {
      let verb = share < 1 ? "comes on top" : "is left"
      return "\(plain); \(Self.times(rest)) \(verb)\(interval)\(place)"
    }
    let reverse = Self.interval(whole.leftCi95, inverse: !isInverse)
    let verb = isInverse ? "falls short of that by" : "does better than that by"
    return "\(share < 1 ? plain : would), and \(letter) \(verb) "
      + "\(Self.times(1 / rest))\(reverse)\(place)"
  }

  /// The layers that hold most of the rest.
  private func place(left: Double) -> String? {
    let members = rests.filter { left > 1 ? $0.excess > 0 : $0.excess < 0 }
      .sorted { $0.excess.magnitude > $1.excess.magnitude }
    let sum = members.reduce(0) { $0 + $1.excess.magnitude }
    guard sum > 0, let first = members.first else { return nil }
    var held = 0.0
    var names: [String] = []
    for member in members.prefix(3) where held < 0.5 {
      held += member.excess.magnitude / sum
      names.append(member.name)
    }
    if names.count == 1 {
      let code =
        first.ratio.code.map { ", which ran \($0)" }
        ?? first.same.map { ", which ran \($0) on both" } ?? ""
      return "most of it (\(Self.percent(held))) in \(first.name)\(code)"
    }
    guard held >= 0.5, let last = names.popLast() else {
      return
        "spread over \(members.count) layers, \(Self.percent(first.excess.magnitude / sum)) of it "
        + "in \(first.name)"
    }
    return "most of it (\(Self.percent(held))) in \(names.joined(separator: ", ")) and \(last)"
  }

  /// The parts of the rest by cause, of layers on its side.
  private func parts(left: Double) -> [(
    cause: HardwareComparison.Cause, layers: Int, share: Double
  )] {
    let members = rests.filter { left > 1 ? $0.excess > 0 : $0.excess < 0 }
    let sum = members.reduce(0) { $0 + $1.excess.magnitude }
    guard sum > 0 else { return [] }
    let all = HardwareComparison.Cause.allCases.compactMap { cause in
      let own = members.filter { $0.ratio.cause == cause }
      return own.isEmpty
        ? nil : (cause, own.count, own.reduce(0) { $0 + $1.excess.magnitude } / sum)
    }
    return all.sorted { $0.2 > $1.2 }
  }

  private func causes(left: Double) -> String? {
    let parts = parts(left: left).map { cause, layers, share in
      let noun = layers == 1 ? "1 layer" : "\(layers) layers"
      let one = layers == 1
      let words =
        switch cause {
        case .implementation: "\(noun) that \(one ? "runs" : "run") other code"
        case .latency: "\(noun) that no roof explains (small, or waiting)"
        case .library: "\(noun) of the same implementations in another version of the library"
        case .sameCode: "\(noun) of the same code"
        }
      return "\(Self.percent(share)) in \(words)"
    }
    return parts.isEmpty ? nil : "Of what is left: \(parts.joined(separator: ", "))"
  }

  /// The chip where it weighs at least as much as all that may be left, the cause of most of the rest
  /// where it weighs less than the least of it; nil between.
  private func main(
    _ whole: RoofRatio, explained: Double, left: Double
  ) -> HardwareComparison.Mainly? {
    guard let ends = whole.leftCi95, ends.count == 2, ends.allSatisfy({ $0 > 0 && $0.isFinite })
    else { return nil }
    let chip = Double.log(explained).magnitude
    let rests = ends.map { Double.log($0).magnitude }.sorted()
    if chip >= rests[1] { return .chip }
    guard whole.isLeftTold, chip < rests[0] else { return nil }
    return parts(left: left).first.map { part in
      switch part.cause {
      case .implementation, .library: .library
      case .latency: .network
      case .sameCode: .unexplained
      }
    }
  }

  /// ` [1.90, 2.31]`; empty without one.
  private static func interval(_ ends: [Double]?, inverse: Bool) -> String {
    guard let ends, ends.count == 2, ends.allSatisfy({ $0 > 0 && $0.isFinite }) else { return "" }
    let shown = inverse ? [1 / ends[1], 1 / ends[0]] : ends
    return " [\(hundredths(shown[0])), \(hundredths(shown[1]))]"
  }

  private static func times(_ value: Double) -> String { "\(hundredths(value)) ×" }

  /// Two decimals, one from 10 on, none from 100 on.
  private static func hundredths(_ value: Double) -> String {
    guard value.isFinite, value < 1e15 else { return "\(value)" }
    if value >= 99.95 { return "\(Int(rounding: value))" }
    let isLarge = value >= 9.995
    let scaled = Int(rounding: value * (isLarge ? 10 : 100))
    guard !isLarge else { return "\(scaled / 10).\(scaled % 10)" }
    return "\(scaled / 100).\(scaled % 100 < 10 ? "0" : "")\(scaled % 100)"
  }

  private static func percent(_ share: Double) -> String { "\(Int(rounding: share * 100)) %" }
}
