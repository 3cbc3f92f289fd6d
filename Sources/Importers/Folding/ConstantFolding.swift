import Model

/// Computes operators whose operands are all constants: what models do with shapes, and small tables that
/// exporters left to be made at run time.
///
/// Large constants are not computed but described: the result of a `Reshape` or `Transpose` of weights is a
/// view, that of `ConstantOfShape` a fill.
enum ConstantFolding {
  /// More elements than this are not computed.
  static let limit = 1 << 20

  /// What a node makes of constants; `nil` where it is not computed here.
  ///
  /// - Throws: ``FoldingFault`` when the operands do not fit.
  static func evaluate(_ node: OperatorNode, _ inputs: [ConstantTensor?], opset: Int)
    throws(FoldingFault) -> [ConstantTensor]?
  {
    guard node.domain.isEmpty else { return nil }
    // What nobody told is a weight: it cannot be computed with, but may be viewed.
    let first = inputs.first.flatMap { $0 }
    if let first, let view = try view(node, first, inputs, opset) { return [view] }
    if let numbers = decompressed(node, inputs) { return [numbers] }
    guard inputs.allSatisfy({ $0.map { !$0.isAbsent && $0.count <= limit } ?? true }) else {
      return nil
    }
    if let result = try movement(node, inputs, opset) { return result }
    if let result = try source(node, inputs) { return result }
    guard let first else { return nil }
    if let second = inputs.count > 1 ? inputs[1] : nil, inputs.count == 2,
      let result = try Arithmetic.binary(node, first, second)
    {
      return [result]
    }
    if inputs.count == 3, node.type == "Where", let second = inputs[1], let third = inputs[2] {
      return [try Arithmetic.select(first, second, third)]
    }
    if let result = try Arithmetic.unary(node, first) { return [result] }
    if let result = try Arithmetic.reduction(node, first, inputs, opset) { return [result] }
    return nil
  }

  /// Other dims or another order of one constant, whatever its size.
  private static func view(
    _ node: OperatorNode, _ data: ConstantTensor, _ inputs: [ConstantTensor?], _ opset: Int
  ) throws(FoldingFault) -> ConstantTensor? {
    switch node.type {
    case "Identity", "Dropout": return data
    case "Reshape":
      guard let shape = list(node, "shape", inputs, 1) else { return nil }
      return data.reshaped(
        try ShapeRules.reshape(data.dims, shape, allowZero: node.int("allowzero", default: 0) == 1))
    case "Flatten":
      return data.reshaped(
        try ShapeRules.flatten(data.dims, axis: node.int("axis", default: 1)))
    case "Squeeze":
      return data.reshaped(try ShapeRules.squeeze(data.dims, list(node, "axes", inputs, 1)))
    case "Unsqueeze":
      guard let axes = list(node, "axes", inputs, 1) else { return nil }
      return data.reshaped(try ShapeRules.unsqueeze(data.dims, axes))
    case "Transpose":
      let order = node.ints("perm") ?? Array(data.dims.indices.reversed())
      guard order.sorted() == Array(data.dims.indices) else {
        throw FoldingFault("perm \(order) is no order of \(data.dims.count) dimensions")
      }
      if data.isAbsent { return nil }
      return data.transposed(order)
    case "Cast":
      guard let code = node.int("to") else { return nil }
      return try cast(data, code)
    default: return nil
    }
  }

  private static func cast(_ data: ConstantTensor, _ code: Int) throws(FoldingFault)
    -> ConstantTensor?
  {
    let type: ElementType
    do throws(ImportError) {
      type = try ONNXReader.elementType(code) { ImportError(file: "", $0) }
    } catch {
      throw FoldingFault(error.message)
    }
    if data.isAbsent || type == data.elementType { return data }
    if type.isReal {
      // From f32 on nothing is rounded that ntprof would see.
      if data.elementType.isReal || data.count > limit || data.elementType.byteCount == 1 {
        return data.retyped(type)
      }
      return Elements(data).real(type, dims: data.dims)
    }
    guard data.count <= limit else { return nil }
    let values =
      data.elementType.isReal ? data.reals().map { Int64(saturating: $0) } : data.integers()
    guard type != .bool else {
      let flags = data.reals().map { $0 == 0 ? Int64(0) : 1 }
      return ConstantTensor(dims: data.dims, elementType: type, integers: flags)
    }
    return ConstantTensor(
      dims: data.dims, elementType: type, integers: values.map { Arithmetic.wrapped($0, type) })
  }

  /// A list of integers that is an operand in newer versions of an operator and was an attribute.
  static func list(
    _ node: OperatorNode, _ name: String, _ inputs: [ConstantTensor?], _ index: Int
  ) -> [Int]? {
    if index < inputs.count, let operand = inputs[index] {
      return operand.count <= 4096 ? operand.integers().map(Int.init) : nil
    }
    return node.ints(name)
  }

  /// Constants out of nothing, or of shapes.
  private static func source(_ node: OperatorNode, _ inputs: [ConstantTensor?])
    throws(FoldingFault) -> [ConstantTensor]?
  {
    switch node.type {
    case "Constant":
      switch node.attributes.first(where: { $0.key.hasPrefix("value") })?.value {
      case .tensor(let tensor)?: return [tensor]
      case .float(let value)?:
        return [ConstantTensor(dims: [], elementType: .f32, reals: [Double(value)])]
      case .floats(let values)?:
        return [ConstantTensor(dims: [values.count], reals: values.map(Double.init))]
      case .int(let value)?: return [ConstantTensor(dims: [], integers: [Int64(value)])]
      case .ints(let values)?: return [ConstantTensor(values)]
      default: return nil
      }
    case "ConstantOfShape":
      guard let shape = list(node, "", inputs, 0) else { return nil }
      var (value, type) = (0.0, ElementType.f32)
      if case .tensor(let tensor)? = node.attributes["value"], tensor.count == 1 {
        (value, type) = (tensor.reals()[0], tensor.elementType)
      }
      try ShapeRules.check(shape)
      return [ConstantTensor(dims: shape, elementType: type, fill: value)]
    case "Shape":
      guard let data = inputs.first.flatMap({ $0 }) else { return nil }
      return [ConstantTensor(ShapeRules.shape(data.dims, node))]
    case "Size":
      guard let data = inputs.first.flatMap({ $0 }) else { return nil }
      return [ConstantTensor(dims: [], integers: [Int64(data.count)])]
    case "Range":
      guard inputs.count == 3, let start = inputs[0], let end = inputs[1], let step = inputs[2],
        min(start.count, end.count, step.count) == 1
      else { return nil }
      let (from, to, by) = (start.reals()[0], end.reals()[0], step.reals()[0])
      guard by != 0 else { throw FoldingFault("a range without step") }
      let count = max(0, ((to - from) / by).rounded(.up))
      guard count <= Double(limit) else { return nil }
      let values = (0..<Int(count)).map { from + Double($0) * by }
      let elements: Elements =
        start.elementType.isReal ? .reals(values) : .integers(values.map { Int64(saturating: $0) })
      return [elements.tensor(start.elementType, dims: [Int(count)])]
    default: return nil
    }
  }

  /// Elements in other places.
  private static func movement(
    _ node: OperatorNode, _ inputs: [ConstantTensor?], _ opset: Int
  ) throws(FoldingFault) -> [ConstantTensor]? {
    guard let data = inputs.first.flatMap({ $0 }) else { return nil }
    switch node.type {
    case "Concat":
      let parts = inputs.compactMap { $0 }
      let axis = try ShapeRules.axis(node.int("axis", default: 1), data.dims.count)
      var dims = data.dims
      dims[axis] = parts.reduce(0) { $0 + ($1.dims.count > axis ? $1.dims[axis] : 0) }
      for part in parts {
        var rest = part.dims
        guard rest.count == dims.count else { throw FoldingFault("parts differ in their dims") }
        rest[axis] = dims[axis]
        guard rest == dims else { throw FoldingFault("parts differ outside the axis") }
      }
      return [Elements.joined(parts, dims, axis)]
    case "Gather":
      guard inputs.count == 2, let indices = inputs[1], !data.dims.isEmpty else { return nil }
      let axis = try ShapeRules.axis(node.int("axis", default: 0), data.dims.count)
      return [try Elements.gathered(data, indices, axis)]
    case "Slice":
      let starts = list(node, "starts", inputs, 1)
      let ends = list(node, "ends", inputs, 2)
      guard let starts, let ends else { return nil }
      let part = try ShapeRules.slice(
        data.dims, starts, ends, list(node, "axes", inputs, 3), list(node, "steps", inputs, 4))
      return [
        Elements.places(data, part.dims) { index in
          zip(zip(index, part.steps), part.starts).map { $0.0.0 * $0.0.1 + $0.1 }
        }
      ]
    case "Expand":
      guard let shape = list(node, "", inputs, 1),
        let dims = ShapeRules.broadcast(data.dims, shape)
      else { return nil }
      try ShapeRules.check(dims)
      if case .fill = data.storage {
        return [ConstantTensor(dims: dims, elementType: data.elementType, data.storage)]
      }
      guard dims.reduce(1, *) <= limit else { return nil }
      return [Elements(data).tensor(data.elementType, dims: data.dims, expandedTo: dims)]
    case "Tile":
      guard let counts = list(node, "", inputs, 1), counts.count == data.dims.count else {
        return nil
      }
      let products = zip(data.dims, counts).map { $0.multipliedReportingOverflow(by: max(0, $1)) }
      guard products.allSatisfy({ !$0.overflow }) else {
        throw FoldingFault("\(shapeText(data.dims)) is too large to be repeated \(counts) times")
      }
      let dims = products.map(\.partialValue)
      try ShapeRules.check(dims)
      guard dims.reduce(1, *) <= limit else { return nil }
      return [Elements.places(data, dims) { index in zip(index, data.dims).map { $0 % $1 } }]
    case "Split":
      let axis = try ShapeRules.axis(node.int("axis", default: 0), data.dims.count)
      let extents = try ShapeRules.split(
        data.dims[axis], list(node, "split", inputs, 1), parts: node.outputs.count)
      var start = 0
      return extents.map { extent in
        var dims = data.dims
        dims[axis] = extent
        defer { start += extent }
        let first = start
        return Elements.places(data, dims) { index in
          var index = index
          index[axis] += first
          return index
        }
      }
    default: return nil
    }
  }
}

/// Operands that do not fit an operator: why, in one clause.
struct FoldingFault: Error {
  let message: String

  init(_ message: String) { self.message = message }
}
