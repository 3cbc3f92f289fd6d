/// What the plan chose: plain loops, unfolding, changes of format, parts in another precision.
enum ImplementationHindrances {
  static let rules: [@Sendable (HindranceInput) -> Hindrance?] = [
    reference, hostKernel, im2col, reorders, smallPieces, otherPrimitives, keptInF32,
  ]

  /// `reference`: primitives whose implementation is `ref` or, of reorders, `simple`.
  ///
  /// Recurrent ones do not count: their `ref` calls the fast product.
  static func reference(_ input: HindranceInput) -> Hindrance? {
    let ns = input.time { isReference($0) }
    return input.reason(.reference, takes: ns, [.referenceNs: ns])
  }

  private static func isReference(_ primitive: PrimitiveRecord) -> Bool {
    switch primitive.kind {
    case "rnn", "host": false
    case "reorder": ["ref", "simple"].contains { primitive.implementation.hasPrefix($0) }
    // Also `lrn_ref`, `bnorm_ref`.
    default: primitive.implementation.contains("ref")
    }
  }

  /// `host-kernel`: ntprof's own loops for what oneDNN lacks.
  static func hostKernel(_ input: HindranceInput) -> Hindrance? {
    let ns = input.time { $0.kind == "host" }
    return input.reason(
      .hostKernel, takes: ns, [.hostNs: ns, .threads: Double(input.threads)])
  }

  /// `im2col`: a convolution by `gemm` writes every input once for each place of the kernel and reads
  /// it back; a kernel of 1 × 1 has nothing to unfold.
  static func im2col(_ input: HindranceInput) -> Hindrance? {
    guard let main = input.main, main.kind == "convolution",
      main.implementation.hasPrefix("gemm") || main.implementation.contains(":gemm"),
      let terms = VectorHindrances.terms(input), input.inputDims.count > 2,
      terms > Double(input.inputDims[1])
    else { return nil }
    let places = input.outputDims.dropFirst(2).reduce(Double(input.outputDims[0])) {
      $0 * Double($1)
    }
    let bytes = terms * places * input.elementBytes
    guard let gbs = input.bandwidth(at: bytes), gbs > 0 else { return nil }
    return input.reason(
      .im2col, takes: 2 * bytes / gbs, [.columnBytes: bytes, .bandwidthGbs: gbs])
  }

  /// `reorders`: changes of format.
  static func reorders(_ input: HindranceInput) -> Hindrance? {
    let ns = input.time { $0.kind == "reorder" }
    let count = input.layer.primitives.count { $0.kind == "reorder" }
    return input.reason(.reorders, takes: ns, [.reorderNs: ns, .count: Double(count)])
  }

  /// `small-pieces`: a concatenation whose shortest run of neighbours is below 1 KiB.
  ///
  /// In a format with the channels last, every place of the image is a run for each operand.
  static func smallPieces(_ input: HindranceInput) -> Hindrance? {
    guard let main = input.main, main.kind == "concat", let format = main.formats["dst"] else {
      return nil
    }
    let output = input.outputDims
    let operands = input.layer.inputShapes.map(\.sizes)
    let order = format.lowercased().utf8.map { Int($0) - Int(UInt8(ascii: "a")) }
    guard order.count == output.count, order.allSatisfy(output.indices.contains),
      let axis = output.indices.first(where: { dim in
        operands.contains { $0.count == output.count && $0[dim] != output[dim] }
      }), let place = order.firstIndex(of: axis)
    else { return nil }
    let inner = order[(place + 1)...].reduce(1.0) { $0 * Double(output[$1]) }
    let runs = operands.map { Double($0[axis]) * inner }
    let pieces = zip(operands, runs).reduce(0) { sum, pair in
      sum + pair.0.reduce(1.0) { $0 * Double($1) } / pair.1
    }
    guard let shortest = runs.min(), shortest * input.elementBytes < 1024, pieces > 1 else {
      return nil
    }
    return Hindrance(
      .smallPieces,
      evidence: [
        .pieceBytes: shortest * input.elementBytes, .pieces: pieces,
        .pieceNs: input.timeNs / pieces,
      ])
  }

  /// `other-primitives`: in a layer with products, primitives without, whose few FLOP the roof hardly
  /// sees.
  ///
  /// Plain loops among them are `reference`, which says more.
  static func otherPrimitives(_ input: HindranceInput) -> Hindrance? {
    guard input.layer.macs > 0 else { return nil }
    func isOther(_ primitive: PrimitiveRecord) -> Bool {
      !HindranceInput.products.contains(primitive.kind)
        && !["reorder", "host"].contains(primitive.kind) && !isReference(primitive)
    }
    let ns = input.time(where: isOther)
    return input.reason(
      .otherPrimitives, takes: ns,
      [.otherNs: ns, .count: Double(input.layer.primitives.count(where: isOther))])
  }

  /// `kept-in-f32`: held against the peak of a narrower precision, part of it computes in f32.
  static func keptInF32(_ input: HindranceInput) -> Hindrance? {
    input.layer.keptInF32.map { _ in Hindrance(.keptInF32) }
  }
}
