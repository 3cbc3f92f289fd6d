import Topology

/// Which instructions will run as part of the step before them, told from the program alone: without
/// oneDNN, which may refuse some.
struct FusionForecast {
  /// As long as oneDNN's list of post-ops.
  private static let most = 32

  let flow: Dataflow
  let isOn: Bool

  /// The instructions behind `anchor` that become part of its step, each the only reader of the one before.
  ///
  /// `isMade` says whether a value is there when the anchor runs.
  func chain(from anchor: Int, isMade: (ValueID) -> Bool) -> [Int] {
    let instructions = flow.program.instructions
    guard isOn, instructions[anchor].operation.isFusedInto else { return [] }
    var chain: [Int] = []
    var value = instructions[anchor].output
    let shape = flow.dims(value)
    var isBehindProduct = instructions[anchor].operation.isProduct
    while chain.count < Self.most, let reader = flow.onlyReader(of: value),
      flow.dims(instructions[reader].output) == shape
    {
      switch instructions[reader].operation.traits.fusion {
      case .none: return chain
      case .intoWeights:
        if !isBehindProduct { return chain }
      case .eltwise, .slope: isBehindProduct = false
      case .binary(let kind):
        let isFirst = flow.input(0, of: reader) == value
        let other = flow.input(isFirst ? 1 : 0, of: reader)
        guard other != value, isFirst || kind.exchanged == kind, !kind.isComparison, isMade(other)
        else { return chain }
        isBehindProduct = false
      }
      chain.append(reader)
      value = instructions[reader].output
    }
    return chain
  }
}

extension Topology.Operation {
  /// Whether it multiplies with constants or with another value.
  var isProduct: Bool {
    switch self {
    case .convolution, .deconvolution, .innerProduct, .matrixProduct: true
    default: false
    }
  }

  /// Whether anything is fused into its step.
  fileprivate var isFusedInto: Bool {
    switch self {
    case .binary, .batchNormalization: true
    default: isProduct
    }
  }

  /// Whether its result takes the place of what it reads, where nobody else reads that.
  var overwrites: Bool {
    switch self {
    case .eltwise, .binary, .batchNormalization, .layerNormalization, .parametricRelu, .softmax,
      .logSoftmax:
      true
    default: false
    }
  }
}
