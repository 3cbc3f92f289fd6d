/// What the shape leaves of the vectors: few channels, tails, windows loaded from L1.
enum VectorHindrances {
  static let rules: [@Sendable (HindranceInput) -> Hindrance?] = [
    fewChannels, laneTails, strided, windowLoads,
  ]

  /// Multiply-adds for one output of a convolution; nil for other layers.
  static func terms(_ input: HindranceInput) -> Double? {
    guard input.main?.kind == "convolution", input.layer.kind == "conv", input.layer.macs > 0,
      input.outputElements > 0
    else { return nil }
    return Double(input.layer.macs) / input.outputElements
  }

  /// Whether every group of a convolution has one channel: its sums then hold no more terms than the
  /// kernel has places, and oneDNN's vectors run over the groups (`a`).
  static func isDepthwise(_ input: HindranceInput) -> Bool {
    guard let format = input.main?.formats["weights"], terms(input) != nil else { return false }
    return isGrouped(format, input) && format.last { $0.isLetter }?.lowercased() == "a"
  }

  /// Weights of a convolution in groups have one dim more than its input.
  private static func isGrouped(_ format: String, _ input: HindranceInput) -> Bool {
    Set(format.lowercased().filter(\.isLetter)).count == input.inputDims.count + 1
  }

  /// `few-channels`: fewer input channels than a vector has lanes.
  ///
  /// Vectors then run over the outputs, and each input is loaded for itself and multiplied with a row
  /// of weights. In groups of several channels: sums shorter than four vectors.
  static func fewChannels(_ input: HindranceInput) -> Hindrance? {
    guard let terms = terms(input), let lanes = input.lanes, input.inputDims.count > 2,
      let format = input.main?.formats["weights"]
    else { return nil }
    if isGrouped(format, input) {
      guard !isDepthwise(input), terms < Double(4 * lanes) else { return nil }
      return Hindrance(.fewChannels, evidence: [.terms: terms, .lanes: Double(lanes)])
    }
    let channels = input.inputDims[1]
    guard channels < lanes else { return nil }
    return Hindrance(
      .fewChannels,
      evidence: [.channels: Double(channels), .terms: terms, .lanes: Double(lanes)])
  }

  /// `lane-tails`: output channels that leave a tenth and more of the vectors' lanes empty.
  ///
  /// The arithmetic takes as long as if they were full.
  static func laneTails(_ input: HindranceInput) -> Hindrance? {
    guard terms(input) != nil, let lanes = input.lanes, input.outputDims.count > 2,
      let format = input.main?.formats["weights"], format.last(where: \.isLetter) == "a"
    else { return nil }
    let channels = input.outputDims[1]
    let filled = (channels + lanes - 1) / lanes * lanes
    guard channels > 0, Double(channels) <= 0.9 * Double(filled) else { return nil }
    let wasted = Double(filled) / Double(channels) - 1
    return input.reason(
      .laneTails, takes: input.computeNs * wasted,
      [.channels: Double(channels), .filled: Double(filled), .lanes: Double(lanes)])
  }

  /// `strided`: a kernel of 1 × 1 with a stride.
  ///
  /// Without one, all places of an image are the rows of a single matrix; with one, only those of one
  /// row of the image lie evenly.
  static func strided(_ input: HindranceInput) -> Hindrance? {
    let (read, made) = (input.inputDims, input.outputDims)
    guard let terms = terms(input), read.count > 3, made.count == read.count,
      let format = input.main?.formats["weights"], !isGrouped(format, input),
      terms == Double(read[1]), let before = read.last, let row = made.last, before > row, row > 0
    else { return nil }
    let places = made[2...].reduce(1.0) { $0 * Double($1) }
    return Hindrance(.strided, evidence: [.row: Double(row), .places: places])
  }

  /// `window-loads`: in a pooling or a convolution of single channels every operation loads an input.
  ///
  /// The roofs see each input once. The time is that of these loads at the bandwidth of the smallest
  /// working set of the curve, L1.
  static func windowLoads(_ input: HindranceInput) -> Hindrance? {
    let isPool = input.layer.kind == "pool" && input.main?.kind.hasPrefix("pooling") == true
    let counted = Double(isPool ? input.layer.flops : isDepthwise(input) ? input.layer.macs : 0)
    let operations = counted * input.executedShare
    guard operations > 0, let l1 = input.record.machine.rooflines?.bandwidth.first?.gbs, l1 > 0,
      input.outputElements > 0
    else { return nil }
    let bytes = operations * input.elementBytes
    return input.reason(
      .windowLoads, takes: bytes / l1,
      [.window: operations / input.outputElements, .loadBytes: bytes, .l1Gbs: l1])
  }
}
