/// What the count of FLOP does not say: functions, instructions around the products, Winograd.
enum ArithmeticHindrances {
  static let rules: [@Sendable (HindranceInput) -> Hindrance?] = [
    functions, instructions, winograd,
  ]

  /// Functions that take a polynomial or a division for what counts as one FLOP.
  private static let costly: Set = [
    "tanh", "logistic", "elu", "gelu_tanh", "gelu_erf", "swish", "mish", "exp", "log", "pow",
    "soft_relu", "sqrt",
  ]

  /// `functions`: softmax or a function that is no single instruction.
  ///
  /// As a post-op of a product its part of the time is not known.
  static func functions(_ input: HindranceInput) -> Hindrance? {
    let ns = input.time(where: isCostly)
    let elements = input.outputElements
    if let own = input.reason(.functions, takes: ns, [.functionNs: ns, .elements: elements]) {
      return own
    }
    let isFused = input.layer.primitives.contains { $0.postOps.contains(where: isCostly) }
    return isFused ? Hindrance(.functions, evidence: [.elements: elements]) : nil
  }

  private static func isCostly(_ primitive: PrimitiveRecord) -> Bool {
    if primitive.kind.contains("softmax") { return true }
    return primitive.kind == "eltwise" && isCostly(primitive.algorithm ?? "")
  }

  private static func isCostly(_ name: String) -> Bool {
    costly.contains(name.hasPrefix("eltwise_") ? String(name.dropFirst(8)) : name)
  }

  /// `instructions`: more than three instructions for each vector of multiply-adds.
  ///
  /// A kernel near the peak has little more than one. Measured on one thread only: others execute
  /// waiting loops too.
  static func instructions(_ input: HindranceInput) -> Hindrance? {
    guard let counters = input.layer.counters, input.layer.macs > 0,
      counters.implementationMatches != false, counters.source == .simulated || input.threads == 1,
      let instructions = counters.events[CommonEvent.instructions]?.value
    else { return nil }
    let isa = counters.source == .simulated ? input.record.simulation?.isa : nil
    guard let lanes = isa.map(HindranceInput.lanes) ?? input.lanes else { return nil }
    // A vector instruction of 8-bit or 16-bit numbers sums 4 or 2 products a lane.
    let products = Double(lanes) * 4 / input.elementBytes
    let each = instructions / (Double(input.layer.macs) * input.executedShare / products)
    guard each > 3 else { return nil }
    return Hindrance(
      .instructions, evidence: [.instructions: instructions, .perVector: each])
  }

  /// `winograd`: fewer FLOP than counted; the efficiency is of those that ran, transforms included.
  static func winograd(_ input: HindranceInput) -> Hindrance? {
    guard let ratio = input.layer.metrics[.algorithmFlopsRatio],
      let flops = input.layer.metrics[.algorithmFlops], let peak = input.roofs[.peakGflops],
      peak > 0
    else { return nil }
    return Hindrance(
      .winograd,
      evidence: [
        .algorithmFlops: flops, .algorithmFlopsRatio: ratio,
        .peakFraction: flops / input.timeNs / peak,
      ])
  }
}
