/// `activation`: an element-wise function of one operand, chosen by `kind`.
///
/// FLOP = elements: one per element, whatever the function. No parameters or MACs.
/// `alpha`, `beta` and `max` are accepted where the function has them; ``Function/numbers`` lists
/// them with their defaults.
struct Activation: LayerKind {
  static let elements = [
    ElementSchema(
      "activation", doc: "An element-wise function.", attributes: [kind] + numbers)
  ]

  private static let kind = Attribute<Function>(
    "kind", doc: "The function.", guide: "the function, from the table below")
  private static let numbers = [
    Attribute<Double?>(
      "alpha", otherwise: .explained, doc: "Its alpha.",
      guide: "fractions; an error where the function has none"),
    Attribute<Double?>(
      "beta", otherwise: .explained, doc: "Its beta.",
      guide: "fractions; an error where the function has none"),
    Attribute<Double?>(
      "max", otherwise: .explained, doc: "Upper bound of `clipped-relu`.",
      guide: "fractions; an error where the function has none"),
  ]

  /// The functions by their names in the topology language.
  enum Function: String, AttributeChoice {
    case abs, clip
    case clippedRelu = "clipped-relu"
    case elu, exp, gelu
    case geluTanh = "gelu-tanh"
    case hardSigmoid = "hard-sigmoid"
    case hardSwish = "hard-swish"
    case leakyRelu = "leaky-relu"
    case linear, log
    case logSigmoid = "log-sigmoid"
    case mish, pow, relu, relu6, round, sigmoid
    case softPlus = "soft-plus"
    case sqrt, square, swish, tanh

    static let typeName = "activationKind"
    static let typeDoc = "Element-wise functions."

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
    let function = try attributes[Self.kind]
    var values: [Double] = []
    for number in function.numbers {
      let key = Self.numbers.first { $0.name == number.name }
      guard
        let value = try key.flatMap({ (key) throws(AttributeError) in try attributes[key] })
          ?? number.fallback
      else { throw AttributeError(number.name, "is required") }
      values.append(value)
    }
    for key in Self.numbers where attributes.has(key) {
      guard function.numbers.contains(where: { $0.name == key.name }) else {
        throw AttributeError(key.name, "means nothing to kind '\(function.rawValue)'")
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
