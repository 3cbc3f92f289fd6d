import Model
import Model

/// The elements of a small constant, as what is computed with.
enum Elements {
  case integers([Int64])
  case reals([Double])

  /// The elements of a constant.
  init(_ tensor: ConstantTensor) {
    self = tensor.elementType.isReal ? .reals(tensor.reals()) : .integers(tensor.integers())
  }

  var count: Int {
    switch self {
    case .integers(let values): values.count
    case .reals(let values): values.count
    }
  }

  func real(_ index: Int) -> Double {
    switch self {
    case .integers(let values): Double(values[index])
    case .reals(let values): values[index]
    }
  }

  /// The constant of these elements.
  func tensor(_ type: ElementType, dims: [Int]) -> ConstantTensor {
    switch self {
    case .integers(let values):
      ConstantTensor(dims: dims, elementType: type, integers: values)
    case .reals(let values): ConstantTensor(dims: dims, elementType: type, reals: values)
    }
  }

  /// The same as fractions.
  func real(_ type: ElementType, dims: [Int]) -> ConstantTensor {
    ConstantTensor(dims: dims, elementType: type, reals: (0..<count).map(real))
  }

  /// The elements stretched along extents of 1 and along new ones in front.
  func tensor(_ type: ElementType, dims: [Int], expandedTo extents: [Int]) -> ConstantTensor {
    let map = Elements.broadcast(dims, extents)
    return picked(map).tensor(type, dims: extents)
  }

  /// Elements at places.
  func picked(_ places: [Int]) -> Elements {
    switch self {
    case .integers(let values): .integers(places.map { values[$0] })
    case .reals(let values): .reals(places.map { values[$0] })
    }
  }

  /// For each element of a shape the place of the one that it comes from in an operand.
  static func broadcast(_ dims: [Int], _ extents: [Int]) -> [Int] {
    let lead = extents.count - dims.count
    let strides = ConstantTensor.strides(dims)
    return allIndices(extents) { index in
      var place = 0
      for axis in dims.indices where dims[axis] != 1 { place += index[lead + axis] * strides[axis] }
      return place
    }
  }

  /// Elements of a constant, by a rule from indices to indices.
  static func places(
    _ data: ConstantTensor, _ dims: [Int], _ rule: ([Int]) -> [Int]
  ) -> ConstantTensor {
    let strides = ConstantTensor.strides(data.dims)
    let map = allIndices(dims) { index in
      zip(rule(index), strides).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return Elements(data).picked(map).tensor(data.elementType, dims: dims)
  }

  /// Calls `body` with every index of a shape in row-major order.
  static func allIndices<Value>(_ dims: [Int], _ body: ([Int]) -> Value) -> [Value] {
    let count = dims.reduce(1, *)
    var index = [Int](repeating: 0, count: dims.count)
    var result: [Value] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      result.append(body(index))
      var axis = dims.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < dims[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
    return result
  }

  /// Constants side by side along an axis.
  static func joined(_ parts: [ConstantTensor], _ dims: [Int], _ axis: Int) -> ConstantTensor {
    let outer = dims[..<axis].reduce(1, *)
    let type = parts[0].elementType
    let widths = parts.map { $0.dims[axis...].reduce(1, *) }
    if type.isReal {
      let elements = parts.map { $0.reals() }
      var result: [Double] = []
      for row in 0..<outer {
        for (values, width) in zip(elements, widths) {
          result += values[row * width..<(row + 1) * width]
        }
      }
      return ConstantTensor(dims: dims, elementType: type, reals: result)
    }
    let elements = parts.map { $0.integers() }
    var result: [Int64] = []
    for row in 0..<outer {
      for (values, width) in zip(elements, widths) {
        result += values[row * width..<(row + 1) * width]
      }
    }
    return ConstantTensor(dims: dims, elementType: type, integers: result)
  }

  /// Slices of a constant, chosen by indices; negative ones count from the end.
  static func gathered(
    _ data: ConstantTensor, _ indices: ConstantTensor, _ axis: Int
  ) throws(FoldingFault) -> ConstantTensor {
    let extent = data.dims[axis]
    let chosen = indices.integers().map { Int($0 < 0 ? $0 + Int64(extent) : $0) }
    if let beyond = chosen.first(where: { !(0..<extent).contains($0) }) {
      throw FoldingFault("index \(beyond) is outside 0…\(extent - 1)")
    }
    let dims = Array(data.dims[..<axis]) + indices.dims + Array(data.dims[(axis + 1)...])
    try ShapeRules.check(dims)
    guard dims.reduce(1, *) <= ConstantFolding.limit else {
      throw FoldingFault("\(shapeText(dims)) is too large to be gathered of constants")
    }
    let inner = data.dims[(axis + 1)...].reduce(1, *)
    var map: [Int] = []
    for outer in 0..<data.dims[..<axis].reduce(1, *) {
      for index in chosen {
        let first = (outer * extent + index) * inner
        map += first..<first + inner
      }
    }
    return Elements(data).picked(map).tensor(data.elementType, dims: dims)
  }
}
