internal import Profiling

/// Something worth looking at, in one sentence, with what to try.
struct Finding: Hashable {
  /// What was seen.
  var observation: String
  /// What may help; empty when there is nothing to do.
  var suggestion: String

  /// Both in one line.
  var sentence: String {
    suggestion.isEmpty ? "\(observation)." : "\(observation): \(suggestion)."
  }
}

/// What to look at first in a record, most telling first.
struct Findings {
  let record: RunRecord
  private let hindrances: HindranceText
  private let remedies: Remedies

  init(_ record: RunRecord) {
    self.record = record
    hindrances = HindranceText(record)
    remedies = Remedies(record: record)
  }

  /// Share of the time from which a layer stands out.
  private static let standsOut = 0.25

  /// At most four findings.
  func all() -> [Finding] {
    guard record.layers.contains(where: { $0.time != nil }) else {
      return [heaviest(), slowest()].compactMap { $0 }
    }
    let measured = (record.advice ?? []).map(AdviceText.finding)
    let found = [
      dominantLayer() ?? dominantKind(), reorders(), references(), imbalance(), unattributed(),
      noise(),
    ]
    return Array((measured + found.compactMap { $0 }).prefix(4))
  }

  /// Where the work of a network lies that was not run.
  private func heaviest() -> Finding? {
    let totals = record.totals
    guard totals.flops > 0, totals.parameters > 0, record.layers.count > 1,
      !record.layers.contains(where: { $0.costsUnknown == true }),
      let work = record.layers.max(by: { $0.flops < $1.flops }),
      let size = record.layers.max(by: { $0.parameters < $1.parameters })
    else { return nil }
    let flops = "\(Figures.percent(Double(work.flops) / Double(totals.flops))) % of the FLOP"
    let parameters = Double(size.parameters) / Double(totals.parameters)
    let weights = "\(Figures.percent(parameters)) % of the parameters"
    let observation =
      work.name == size.name
      ? "\(work.name) has \(flops) and \(weights)"
      : "\(work.name) has \(flops), \(size.name) \(weights)"
    return Finding(observation: observation, suggestion: "")
  }

  /// The least time that the machine's roofs allow a network that was not run, and where it goes.
  private func slowest() -> Finding? {
    guard let whole = record.predictedNs, whole > 0,
      let most = record.layers.max(by: {
        ($0.predicted?.leastNs ?? 0) < ($1.predicted?.leastNs ?? 0)
      }), let predicted = most.predicted
    else { return nil }
    let memoryBound = record.layers.reduce(0) {
      $0 + ($1.predicted?.class == .memory ? $1.predicted?.leastNs ?? 0 : 0)
    }
    let team =
      record.options.threads.map { $0 == 1 ? " with 1 thread" : " with \($0) threads" } ?? ""
    return Finding(
      observation: "this machine's roofs allow no less than \(TimeUnit.text(whole))\(team), "
        + "\(Figures.percent(memoryBound / whole)) % of it in memory-bound layers; \(most.name) "
        + "(\(BoundText.adjective(predicted.class))) has "
        + "\(Figures.percent(predicted.leastNs / whole)) %",
      suggestion: "")
  }

  /// The layer with the largest share, when it stands out.
  private func dominantLayer() -> Finding? {
    guard let layer = largest(record.layers), let share = layer.share, share >= Self.standsOut
    else {
      return nil
    }
    let takes = "\(layer.name) takes \(Figures.fixed(share * 100, 0)) % of the time"
    guard let bound = layer.bound, bound.class != .unknown else {
      return Finding(
        observation: takes, suggestion: "what holds it back is not known without measured roofs")
    }
    let reason = hindrances.first(of: layer)
    let words = reason.map { "; first reason: \($0.words)" } ?? ""
    return Finding(
      observation: "\(takes) and is \(Self.state(bound))\(words)",
      suggestion: reason.map { remedies.suggestion(for: layer, against: $0.hindrance) }
        ?? remedies.suggestion(for: layer, bound: bound))
  }

  /// The kind with the largest share, when no single layer stands out.
  private func dominantKind() -> Finding? {
    let byKind = Dictionary(grouping: record.layers.filter { $0.share != nil }, by: \.kind)
    let shares = byKind.mapValues { $0.compactMap(\.share).reduce(0, +) }
    guard
      let (kind, share) = shares.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      let layers = byKind[kind], let top = largest(layers), let topShare = top.share
    else { return nil }
    let state = top.bound.map { ", \(Self.state($0))" } ?? ""
    let takes =
      layers.count == 1
      ? "\(top.name) takes the most, \(Figures.percent(topShare)) %\(state)"
      : "\(layers.count) \(kind) layers take \(Figures.fixed(share * 100, 0)) % together, the "
        + "largest being \(top.name) with \(Figures.percent(topShare)) %\(state)"
    let cause = commonCause(of: layers)
    return Finding(
      observation: "no layer stands out: \(takes)\(cause?.words ?? "")",
      suggestion: cause?.suggestion ?? top.bound.map { remedies.suggestion(for: top, bound: $0) }
        ?? "")
  }

  /// The reason that weighs most over some layers: by the time of those that it stands first for.
  private func commonCause(of layers: [LayerRecord]) -> (words: String, suggestion: String)? {
    let reasons = layers.compactMap { layer in
      hindrances.first(of: layer).map { (layer: layer, reason: $0) }
    }
    let byCode = Dictionary(grouping: reasons) { $0.reason.hindrance.code }
    let heaviest = byCode.max { left, right in
      func weight(_ rows: [(layer: LayerRecord, reason: HindranceText.First)]) -> Double {
        rows.reduce(0) { $0 + ($1.layer.share ?? 0) }
      }
      return (weight(left.value), right.key.rawValue) < (weight(right.value), left.key.rawValue)
    }
    guard let rows = heaviest?.value,
      let example = rows.max(by: { ($0.layer.share ?? 0) < ($1.layer.share ?? 0) })
    else { return nil }
    let place = rows.count == 1 ? "in" : "in \(rows.count) of them, as in"
    return (
      "; first reason \(place) \(example.layer.name): \(example.reason.words)",
      remedies.suggestion(for: example.layer, against: example.reason.hindrance)
    )
  }

  /// Time that goes into changing formats.
  private func reorders() -> Finding? {
    guard let total = record.timedPass?.time.median, total > 0 else { return nil }
    let times = record.layers.flatMap(\.primitives).filter { $0.kind == "reorder" }
      .compactMap { $0.time?.median }
    let share = times.reduce(0, +) / total
    guard share >= 0.05 else { return nil }
    let take = times.count == 1 ? "a reorder takes" : "\(times.count) reorders take"
    return Finding(
      observation: "\(take) \(Figures.percent(share)) % of the time",
      suggestion: "try layers that agree on a memory format"
        + (record.hasUntriedImplementations ? ", or `--tuning search`" : ""))
  }

  /// oneDNN's plain loops, where they take time.
  private func references() -> Finding? {
    guard let total = record.timedPass?.time.median, total > 0 else { return nil }
    func time(_ layer: LayerRecord) -> Double {
      layer.primitives.filter(Self.isReference).reduce(0) { $0 + ($1.time?.median ?? 0) }
    }
    let slow = record.layers.filter { time($0) > 0 }
    let share = slow.reduce(0) { $0 + time($1) } / total
    guard share >= 0.05, let worst = slow.max(by: { (time($0), $1.index) < (time($1), $0.index) })
    else { return nil }
    // The first finding says it of a layer that stands out.
    if slow.count == 1, (worst.share ?? 0) >= Self.standsOut,
      hindrances.first(of: worst)?.hindrance.code == .reference
    {
      return nil
    }
    let place = slow.count == 1 ? worst.name : "\(slow.count) layers, most in \(worst.name)"
    return Finding(
      observation:
        "plain loops of oneDNN take \(Figures.percent(share)) % of the time, in \(place)",
      suggestion: "its shape, type or post-ops have no fast path; try another of them")
  }

  /// Recurrent layers do not count: their `ref` calls the fast GEMM.
  private static func isReference(_ primitive: PrimitiveRecord) -> Bool {
    !["rnn", "reorder"].contains(primitive.kind) && primitive.implementation.hasPrefix("ref")
  }

  /// The layer whose uneven work costs most.
  private func imbalance() -> Finding? {
    func loss(_ layer: LayerRecord) -> Double {
      (layer.share ?? 0) * (layer.metrics[.threadImbalance] ?? 0)
    }
    guard let layer = record.layers.max(by: { loss($0) < loss($1) }), loss(layer) >= 0.05,
      let share = layer.metrics[.threadImbalance]
    else { return nil }
    return Finding(
      observation:
        "\(layer.name) leaves \(Figures.percent(share)) % of its threads' capacity unused",
      suggestion: "try a larger batch, which gives all of them work, or fewer threads")
  }

  private func unattributed() -> Finding? {
    // The rest holds the layers that were not asked for, too.
    guard let share = record.unattributed?.share, share >= 0.05,
      record.layers.allSatisfy({
        $0.time != nil || $0.whyUntimed == .fused || $0.whyUntimed == .nothingRuns
      })
    else { return nil }
    return Finding(
      observation: "\(Figures.percent(share)) % of the time is in no layer",
      suggestion: "many small layers or a busy machine do that; try fewer threads")
  }

  private func noise() -> Finding? {
    guard let width = record.endToEnd?.time.relativeHalfWidth, width > 0.03 else { return nil }
    return Finding(
      observation: "the median is known to ±\(Figures.percent(width)) % only",
      suggestion: "a quieter machine, or a longer run with `--until 1`, says more")
  }

  private func largest(_ layers: [LayerRecord]) -> LayerRecord? {
    let timed = layers.filter { $0.share != nil }
    return timed.max { ($0.share ?? 0, $1.index) < ($1.share ?? 0, $0.index) }
  }

  /// A state, like `memory-bound at 86 % of the DRAM roof`, with `perhaps` where the table has `?`.
  private static func state(_ bound: Bound) -> String {
    let doubt = bound.confidence == "low" ? "perhaps " : ""
    let adjective = doubt + BoundText.adjective(bound.class)
    guard bound.method == .roofline, let efficiency = bound.evidence[.efficiency] else {
      return adjective
    }
    let figure = "\(Figures.fixed(efficiency * 100, 0)) %"
    let isAtRoof = efficiency >= 1 && efficiency <= Roofline.suspectAbove
    let place = isAtRoof ? "at the" : "at \(figure) of the"
    switch bound.class {
    case .memory, .core: return "\(adjective) \(place) \(BoundText.roof(bound))"
    case .balanced: return "\(adjective) \(place) nearer roof"
    case .latency: return "\(adjective) (the roofs explain \(figure) of its time)"
    default: return adjective
    }
  }
}
