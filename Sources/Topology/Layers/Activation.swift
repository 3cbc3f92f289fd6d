/// `activation`: an element-wise function of one operand, chosen by `kind`.
///
/// FLOP = elements: one per element, whatever the function. No parameters or MACs.
/// `alpha`, `beta` and `max` are accepted where the function has them; ``Function/numbers`` lists
/// them with their defaults.
struct Activation: LayerKind {
  static let elements = [
    ElementSchema("activation", required: ["kind"], optional: ["alpha", "beta", "max"])
  ]

  /// The functions by their names in the topology language.
  enum Function: String, CaseIterable {
    case abs, clip, elu, exp, gelu, linear, log, mish, pow, relu, relu6, round, sigmoid, sqrt
    case square, swish, tanh
    case clippedRelu = "clipped-relu"
    case geluTanh = "gelu-tanh"
    case hardSigmoid = "hard-sigmoid"
    case hardSwish = "hard-swish"
    case leakyRelu = "leaky-relu"
    case logSigmoid = "log-sigmoid"
    case softPlus = "soft-plus"

    /// The attributes it takes in addition to `kind`; `nil` is an attribute without default.
    ///
    /// Defaults are ONNX's.
    var numbers: [(name: String, fallback: Double?)] {
      switch self {
      case .leakyRelu: [("alpha", 0.01)]
      case .clippedRelu: [("max", nil)]
      case .elu, .swish: [("alpha", 1)]
      case .hardSigmoid: [("alpha", 0.2), ("beta", 0.5)]
      case .linear: [("alpha", 1), ("beta", 0)]
      case .clip: [("alpha", nil), ("beta", nil)]
      case .pow: [("alpha", 1), ("beta", nil)]
      default: []
      }
    }
  }

  /// The element-wise functions that run, in order.
  private let chain: [Eltwise]

  init(_ attributes: Attributes) throws(AttributeError) {
    let function: Function = try attributes.choice("kind")
    var values: [Double] = []
    for number in function.numbers {
      values.append(try attributes.double(number.name, default: number.fallback))
    }
    for name in ["alpha", "beta", "max"] where attributes.string(name) != nil {
      guard function.numbers.contains(where: { $0.name == name }) else {
        throw AttributeError(name, "means nothing to kind '\(function.rawValue)'")
      }
    }
    chain = Activation.chain(function, values)
    if function == .clip, values[0] > values[1] {
      throw AttributeError("alpha", "\(values[0]) is above beta, \(values[1])")
    }
    if function == .clippedRelu, values[0] < 0 {
      throw AttributeError("max", "\(values[0]) is negative")
    }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType { inputs[0] }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    return chain.reduce(inputs[0]) { value, eltwise in
      program.emit(.eltwise(eltwise), [value], type: type)
    }
  }

  private static func chain(_ function: Function, _ values: [Double]) -> [Eltwise] {
    let alpha = values.first ?? 0
    let beta = values.count > 1 ? values[1] : 0
    if function == .hardSigmoid {
      // oneDNN 2.6.3 has no hard sigmoid: min(1, max(0, alpha·x + beta)).
      return [Eltwise(.linear, alpha: alpha, beta: beta), Eltwise(.clip, alpha: 0, beta: 1)]
    }
    let bound = function == .relu6 ? 6 : alpha
    return [Eltwise(eltwiseKind(function), alpha: bound, beta: beta)]
  }

  private static func eltwiseKind(_ function: Function) -> EltwiseKind {
    switch function {
    case .abs: .abs
    case .clip: .clip
    case .clippedRelu, .relu6: .boundedRelu
    case .elu: .elu
    case .exp: .exp
    case .gelu: .geluErf
    case .geluTanh: .geluTanh
    case .hardSigmoid, .linear: .linear
    case .hardSwish: .hardSwish
    case .leakyRelu, .relu: .relu
    case .log: .log
    case .logSigmoid: .logSigmoid
    case .mish: .mish
    case .pow: .pow
    case .round: .round
    case .sigmoid: .logistic
    case .softPlus: .softRelu
    case .sqrt: .sqrt
    case .square: .square
    case .swish: .swish
    case .tanh: .tanh
    }
  }
}
