/// The rules by which operators become primitives.
enum Operators {
  /// The rule for a node; `nil` where there is none.
  static func rule(for node: OperatorNode) -> Translation.Rule? {
    switch node.domain {
    case "": standard[node.type]
    case "com.microsoft": microsoft[node.type]
    default: nil
    }
  }

  /// Whether the result of an operator has the dims of its first operand.
  static func keepsShape(_ type: String) -> Bool { alike.contains(type) }

  private static let standard: [String: Translation.Rule] = [
    windows, products, recurrent, normalizations, functions, arithmetic, movements, selections,
    quantized,
  ].reduce(into: [:]) { table, part in table.merge(part) { first, _ in first } }

  private static let alike: Set<String> = [
    "Add", "Sub", "Mul", "Div", "Relu", "Clip", "Sigmoid", "Tanh", "Identity", "Dropout", "Cast",
    "BatchNormalization", "LeakyRelu", "Elu", "Selu", "PRelu", "Softmax", "LogSoftmax", "Exp",
    "Log",
    "Sqrt", "Abs", "Neg", "Erf", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh",
    "Asinh", "Acosh", "Atanh", "Floor", "Ceil", "Round", "Sign", "Softsign", "ThresholdedRelu",
    "Celu", "Hardmax", "Not", "IsNaN", "IsInf", "Shrink", "LRN", "LayerNormalization",
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "HardSigmoid", "HardSwish",
    "Mod", "Pow", "Trilu", "ScatterND", "ScatterElements", "LpNormalization",
    "MeanVarianceNormalization", "InstanceNormalization", "Softplus", "Mish", "Gelu",
  ]
}
