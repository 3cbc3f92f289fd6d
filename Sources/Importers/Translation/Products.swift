import Model
import Topology

extension Operators {
  /// Products of matrices.
  static let products: [String: Translation.Rule] = [
    "Gemm": { (model, node) throws(TranslationFault) in try model.gemm(node) },
    "MatMul": { (model, node) throws(TranslationFault) in try model.matmul(node) },
  ]
}

extension Translation {
  fileprivate mutating func gemm(_ node: OperatorNode) throws(TranslationFault) {
    let (alpha, beta) = (
      node.float("alpha", default: 1), node.float("beta", default: 1)
    )
    let transB = node.int("transB", default: 0) == 1
    var input = try flow(node, 0)
    let transA = node.int("transA", default: 0) == 1
    guard input.rank == 2 else { throw .invalid("\(input.type) is no matrix") }
    if let matrix = try weightIfConstant(node, 1) {
      guard matrix.dims.count == 2 else {
        throw .invalid("\(shapeText(matrix.dims)) is no matrix")
      }
      if transA { input = try transposed(input, [1, 0]) }
      var weight = transB ? matrix : turned(matrix)
      if alpha != 1 { weight = weight.mapped { $0 * Float(alpha) } }
      let units = weight.dims[0]
      var bias: ConstantTensor?
      if has(node, 2), let constant = try weightIfConstant(node, 2) {
        bias = gemmBias(constant, units: units, beta: beta)
      }
      var result = try fullyConnected(input, weight, bias)
      if has(node, 2), bias == nil { result = try addScaled(result, try flow(node, 2), beta) }
      return set(node, result)
    }
    var attributes: [String: String] = [:]
    if transA { attributes["transpose-a"] = "true" }
    if transB { attributes["transpose-b"] = "true" }
    var result = try add("matmul", attributes, [input, try flow(node, 1)])
    if alpha != 1 { result = try activation("linear", ["alpha": alpha], result) }
    if has(node, 2) { result = try addScaled(result, try flow(node, 2), beta) }
    set(node, result)
  }

  /// A matrix turned round; of weights that nobody told likewise.
  private func turned(_ matrix: ConstantTensor) -> ConstantTensor {
    matrix.isAbsent
      ? ConstantTensor(
        dims: matrix.dims.reversed(), elementType: matrix.elementType, .absent,
        origin: matrix.origin) : matrix.transposed([1, 0])
  }

  private mutating func addScaled(_ value: Flow, _ other: Flow, _ beta: Double)
    throws(TranslationFault) -> Flow
  {
    let scaled = beta == 1 ? other : try activation("linear", ["alpha": beta], other)
    return try add("add", [:], [value, scaled])
  }

  /// A bias a unit; `nil` for a matrix of them.
  private func gemmBias(_ bias: ConstantTensor, units: Int, beta: Double) -> ConstantTensor? {
    guard bias.count == units || bias.count == 1, bias.dims.dropLast().allSatisfy({ $0 == 1 })
    else { return nil }
    let scaled = beta == 1 ? bias : bias.mapped { $0 * Float(beta) }
    if bias.count == units { return scaled.reshaped([units]) }
    return ConstantTensor(dims: [units], elementType: .f32, fill: Double(scaled.floats()[0]))
  }

  /// A fully connected layer of weights `[O, I]` on the last dimension.
  mutating func fullyConnected(_ input: Flow, _ weight: ConstantTensor, _ bias: ConstantTensor?)
    throws(TranslationFault) -> Flow
  {
    guard input.rank >= 2 else { throw .unsupported("a product with a vector") }
    guard input.dims.last == weight.dims[1] else {
      throw .invalid(
        "\(shapeText(input.dims)) meets a matrix of \(weight.dims[1])x\(weight.dims[0])")
    }
    var attributes = ["units": String(weight.dims[0])]
    var weights = [(name: "weight", tensor: weight)]
    if let bias { weights.append(("bias", bias)) } else { attributes["bias"] = "false" }
    var source = input
    if input.rank == 2 {
      source = imageBehind(input) ?? input
    } else if input.type.layout != .tnc {
      attributes["axes"] = "-1"
    }
    return try add("fc", attributes, [source], weights: weights)
  }

  /// The image that a fully connected layer consumes whole, where it was flattened for it.
  private func imageBehind(_ rows: Flow) -> Flow? {
    guard case .draft(let index) = rows.operand, let before = reshapes[index],
      before.type.layout.spatialRank > 0, before.dims.first == rows.dims.first,
      graph.producer != "ntprof" || nodes[drafts[index].node].name.hasSuffix("/Flatten")
    else { return nil }
    return before
  }

  fileprivate mutating func matmul(_ node: OperatorNode) throws(TranslationFault) {
    if case .flow(let input)? = try value(node, 0), input.rank >= 2,
      let matrix = try weightIfConstant(node, 1), matrix.dims.count == 2
    {
      return set(node, try fullyConnected(input, turned(matrix), nil))
    }
    let (a, b) = (try flow(node, 0), try flow(node, 1))
    guard min(a.rank, b.rank) >= 2 else { throw .unsupported("a product with a vector") }
    set(node, try product(a, b))
  }

  /// A product of what flows; an exchange of the last two dimensions before it becomes its attribute.
  mutating func product(_ a: Flow, _ b: Flow) throws(TranslationFault) -> Flow {
    var attributes: [String: String] = [:]
    var (first, second) = (a, b)
    if let before = exchanged(a) {
      first = before
      attributes["transpose-a"] = "true"
    }
    if let before = exchanged(b) {
      second = before
      attributes["transpose-b"] = "true"
    }
    return try add("matmul", attributes, [first, second])
  }

  /// What a value is without the exchange of its last two dimensions; `nil` where it is no such one.
  private func exchanged(_ flow: Flow) -> Flow? {
    guard case .draft(let index) = flow.operand, let before = transposes[index] else { return nil }
    let rank = flow.rank
    guard before.order == Array(0..<rank - 2) + [rank - 1, rank - 2] else { return nil }
    return before.source
  }
}
