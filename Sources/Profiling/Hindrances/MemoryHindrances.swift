/// What bytes cost beyond the memory roof: overlap, levels of the caches, writes, steps.
enum MemoryHindrances {
  static let rules: [@Sendable (HindranceInput) -> Hindrance?] = [
    betweenRoofs, cacheBoundary, writes, steps,
  ]

  /// `between-roofs`: what the farther roof's work takes.
  ///
  /// The roofline supposes that bytes and arithmetic overlap entirely; what does not, adds up.
  static func betweenRoofs(_ input: HindranceInput) -> Hindrance? {
    input.reason(
      .betweenRoofs, takes: Swift.min(input.memoryNs, input.computeNs),
      [.memoryNs: input.memoryNs, .computeNs: input.computeNs])
  }

  /// `cache-boundary`: how much longer its bytes would take at the bandwidth of twice its working set.
  ///
  /// Where that is much, the layer lies where a cache ends, and shares it with others.
  static func cacheBoundary(_ input: HindranceInput) -> Hindrance? {
    guard let set = input.roofs[.workingSetBytes], let inner = input.bandwidth(at: set),
      let outer = input.bandwidth(at: 2 * set), outer > 0, outer < inner
    else { return nil }
    // Bytes that come from memory anyway do not slow down any more.
    let cached = input.memoryNs * (1 - (input.roofs[.dramShare] ?? 0))
    return input.reason(
      .cacheBoundary, takes: cached * (inner / outer - 1),
      [.workingSetBytes: set, .bandwidthGbs: inner, .outerGbs: outer])
  }

  /// `writes`: the roof is one of reading, as in records without a copy's rate.
  ///
  /// A line that is written is fetched before and written back after, so that outputs count once
  /// more, at the bandwidth of the layer's traffic.
  static func writes(_ input: HindranceInput) -> Hindrance? {
    let curve = input.record.machine.rooflines?.bandwidth ?? []
    guard !curve.contains(where: { $0.copyGbs != nil }), let gbs = input.roofs[.bandwidthGbs],
      gbs > 0
    else { return nil }
    let bytes = Double(input.layer.bytes.output)
    return input.reason(
      .writes, takes: bytes / gbs, [.outputBytes: bytes, .bandwidthGbs: gbs])
  }

  /// `steps`: a recurrent layer's steps run one after another, each reads all recurrent weights for
  /// the few rows of its batch.
  static func steps(_ input: HindranceInput) -> Hindrance? {
    guard input.main?.kind == "rnn", input.inputDims.count == 3, input.inputDims[0] > 1 else {
      return nil
    }
    let steps = Double(input.inputDims[0])
    return Hindrance(
      .steps,
      evidence: [
        .steps: steps, .stepNs: input.timeNs / steps, .batch: Double(input.inputDims[1]),
        .weightBytes: Double(input.layer.bytes.weights),
      ])
  }
}
