import Model
import RealModule
import Topology

/// Arithmetic on small constants, in integers or in f32.
enum Arithmetic {
  /// An integer within its type, what is beyond cut off.
  static func wrapped(_ value: Int64, _ type: ElementType) -> Int64 {
    switch type {
    case .i8: Int64(Int8(truncatingIfNeeded: value))
    case .i16: Int64(Int16(truncatingIfNeeded: value))
    case .i32: Int64(Int32(truncatingIfNeeded: value))
    case .u8: Int64(UInt8(truncatingIfNeeded: value))
    case .u16: Int64(UInt16(truncatingIfNeeded: value))
    case .u32: Int64(UInt32(truncatingIfNeeded: value))
    case .bool: value == 0 ? 0 : 1
    default: value
    }
  }

  private static func rounded(_ value: Double, _ type: ElementType) -> Double {
    type == .f64 ? value : Double(Float(value))
  }

  /// An operator on two constants that broadcast; `nil` for one that is not known here.
  static func binary(_ node: OperatorNode, _ a: ConstantTensor, _ b: ConstantTensor)
    throws(FoldingFault) -> ConstantTensor?
  {
    guard integerFunctions[node.type] != nil || comparisons[node.type] != nil else { return nil }
    guard let dims = ShapeRules.broadcast(a.dims, b.dims) else {
      throw FoldingFault("\(shapeText(a.dims)) and \(shapeText(b.dims)) do not broadcast")
    }
    try ShapeRules.check(dims)
    guard dims.reduce(1, *) <= ConstantFolding.limit else { return nil }
    let (left, right) = (Elements.broadcast(a.dims, dims), Elements.broadcast(b.dims, dims))
    let (first, second) = (Elements(a).picked(left), Elements(b).picked(right))
    if let compare = comparisons[node.type] {
      let flags = (0..<first.count).map { compare(first.real($0), second.real($0)) ? Int64(1) : 0 }
      return ConstantTensor(dims: dims, elementType: .bool, integers: flags)
    }
    if case .integers(let x) = first, case .integers(let y) = second {
      guard let function = integerFunctions[node.type] else { return nil }
      var values: [Int64] = []
      values.reserveCapacity(x.count)
      for (one, other) in zip(x, y) {
        guard let value = function(one, other) else {
          throw FoldingFault("\(node.type) of \(one) and \(other) has no result")
        }
        values.append(wrapped(value, a.elementType))
      }
      return ConstantTensor(dims: dims, elementType: a.elementType, integers: values)
    }
    guard let function = realFunctions[node.type] else { return nil }
    let values = (0..<first.count).map {
      rounded(function(first.real($0), second.real($0)), a.elementType)
    }
    return ConstantTensor(dims: dims, elementType: a.elementType, reals: values)
  }

  private static let integerFunctions: [String: @Sendable (Int64, Int64) -> Int64?] = [
    "Add": { $0 &+ $1 }, "Sub": { $0 &- $1 }, "Mul": { $0 &* $1 },
    "Div": { $1 == 0 ? nil : $0.dividedReportingOverflow(by: $1).partialValue },
    "Mod": { a, b in
      guard b != 0 else { return nil }
      let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    },
    "Min": { min($0, $1) }, "Max": { max($0, $1) },
    "Pow": { Int64(saturating: Double.power(Double($0), Double($1))) },
    "And": { $0 != 0 && $1 != 0 ? 1 : 0 }, "Or": { $0 != 0 || $1 != 0 ? 1 : 0 },
    "Xor": { ($0 != 0) != ($1 != 0) ? 1 : 0 },
  ]

  private static let realFunctions: [String: @Sendable (Double, Double) -> Double] = [
    "Add": { $0 + $1 }, "Sub": { $0 - $1 }, "Mul": { $0 * $1 }, "Div": { $0 / $1 },
    "Mod": { $0.truncatingRemainder(dividingBy: $1) }, "Min": { min($0, $1) },
    "Max": { max($0, $1) },
    "Pow": { Double.power($0, $1) },
  ]

  private static let comparisons: [String: @Sendable (Double, Double) -> Bool] = [
    "Equal": { $0 == $1 }, "Less": { $0 < $1 }, "Greater": { $0 > $1 },
    "LessOrEqual": { $0 <= $1 }, "GreaterOrEqual": { $0 >= $1 },
  ]

  /// `Where`.
  static func select(_ flags: ConstantTensor, _ a: ConstantTensor, _ b: ConstantTensor)
    throws(FoldingFault) -> ConstantTensor
  {
    guard let both = ShapeRules.broadcast(a.dims, b.dims),
      let dims = ShapeRules.broadcast(flags.dims, both)
    else { throw FoldingFault("the operands of Where do not broadcast") }
    try ShapeRules.check(dims)
    guard dims.reduce(1, *) <= ConstantFolding.limit else {
      throw FoldingFault("\(shapeText(dims)) is too large to be chosen of constants")
    }
    let choice = Elements(flags).picked(Elements.broadcast(flags.dims, dims))
    let first = Elements(a).picked(Elements.broadcast(a.dims, dims))
    let second = Elements(b).picked(Elements.broadcast(b.dims, dims))
    let values = (0..<choice.count).map { choice.real($0) != 0 ? first.real($0) : second.real($0) }
    return a.elementType.isReal
      ? ConstantTensor(dims: dims, elementType: a.elementType, reals: values)
      : Elements.integers(values.map { Int64(saturating: $0) }).tensor(a.elementType, dims: dims)
  }

  /// An operator on one constant; `nil` for one that is not known here.
  static func unary(_ node: OperatorNode, _ data: ConstantTensor) throws(FoldingFault)
    -> ConstantTensor?
  {
    if case .integers(let values) = Elements(data) {
      let result: [Int64]
      switch node.type {
      case "Neg": result = values.map { 0 &- $0 }
      case "Abs": result = values.map { $0 < 0 ? 0 &- $0 : $0 }
      case "Sign": result = values.map { $0.signum() }
      case "Not": result = values.map { $0 == 0 ? 1 : 0 }
      case "Floor", "Ceil", "Round", "Sum", "Max", "Min": result = values
      case "NonZero": return nonZero(data, values.map { $0 != 0 })
      default: return nil
      }
      return Elements.integers(result).tensor(data.elementType, dims: data.dims)
    }
    guard let function = functions[node.type] else { return nil }
    let values = data.reals().map { rounded(function($0), data.elementType) }
    return ConstantTensor(dims: data.dims, elementType: data.elementType, reals: values)
  }

  private static let functions: [String: @Sendable (Double) -> Double] = [
    "Neg": { -$0 }, "Abs": { abs($0) }, "Floor": { $0.rounded(.down) }, "Ceil": { $0.rounded(.up) },
    "Round": { $0.rounded(.toNearestOrEven) }, "Sqrt": { $0.squareRoot() },
    "Exp": { Double.exp($0) },
    "Log": { Double.log($0) }, "Reciprocal": { 1 / $0 }, "Erf": { Double.erf($0) },
    "Sin": { Double.sin($0) },
    "Cos": { Double.cos($0) }, "Tan": { Double.tan($0) }, "Tanh": { Double.tanh($0) },
    "Relu": { max($0, 0) },
    "Sigmoid": { 1 / (1 + Double.exp(-$0)) }, "Softplus": { Double.log(onePlus: Double.exp($0)) },
    "Sign": { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, "Sum": { $0 }, "Max": { $0 }, "Min": { $0 },
  ]

  private static func nonZero(_ data: ConstantTensor, _ flags: [Bool]) -> ConstantTensor {
    let places = flags.indices.filter { flags[$0] }
    let strides = ConstantTensor.strides(data.dims)
    let values = data.dims.indices.flatMap { axis in
      places.map { Int64($0 / strides[axis] % data.dims[axis]) }
    }
    return ConstantTensor(dims: [data.dims.count, places.count], integers: values)
  }

  /// A fold along axes; `nil` for an operator that is none.
  static func reduction(
    _ node: OperatorNode, _ data: ConstantTensor, _ inputs: [ConstantTensor?], _ opset: Int
  ) throws(FoldingFault) -> ConstantTensor? {
    guard node.type.hasPrefix("Reduce") else { return nil }
    let axes = ConstantFolding.list(node, "axes", inputs, 1)
    let gone = Set(
      try ShapeRules.axes(
        axes.flatMap { $0.isEmpty ? nil : $0 } ?? Array(data.dims.indices), data.dims.count))
    let kept = data.dims.indices.map { gone.contains($0) ? 1 : data.dims[$0] }
    let target = Elements.broadcast(kept, data.dims)
    let count = kept.reduce(1, *)
    let values = data.reals()
    var result: [Double]
    switch node.type {
    case "ReduceSum", "ReduceMean": result = Array(repeating: 0, count: count)
    case "ReduceProd": result = Array(repeating: 1, count: count)
    case "ReduceMax": result = Array(repeating: -.infinity, count: count)
    case "ReduceMin": result = Array(repeating: .infinity, count: count)
    default: return nil
    }
    for (place, value) in values.enumerated() {
      let index = target[place]
      switch node.type {
      case "ReduceProd": result[index] *= value
      case "ReduceMax": result[index] = max(result[index], value)
      case "ReduceMin": result[index] = min(result[index], value)
      default: result[index] += value
      }
    }
    if node.type == "ReduceMean", count > 0 {
      let share = Double(values.count / count)
      result = result.map { $0 / share }
    }
    let dims =
      node.int("keepdims", default: 1) == 1
      ? kept : data.dims.indices.filter { !gone.contains($0) }.map { data.dims[$0] }
    return data.elementType.isReal
      ? ConstantTensor(
        dims: dims, elementType: data.elementType,
        reals: result.map { rounded($0, data.elementType) })
      : Elements.integers(result.map { Int64(saturating: $0) }).tensor(data.elementType, dims: dims)
  }
}
