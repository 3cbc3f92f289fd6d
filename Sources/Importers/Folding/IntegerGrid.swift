/// What integers the elements of a constant are multiples of: those of a model that was quantised.
struct IntegerGrid: Hashable {
  /// The steps: one, or one for each place of ``axis``.
  var steps: [Float] = [1]
  /// The dimension that has a step each.
  var axis = 0

  /// The same integers times factors, one or one for each place of a dimension; `nil` where each
  /// would need a step of its own.
  func times(_ factors: [Float], axis other: Int) -> IntegerGrid? {
    if factors.count == 1 { return IntegerGrid(steps: steps.map { $0 * factors[0] }, axis: axis) }
    if steps.count == 1 { return IntegerGrid(steps: factors.map { $0 * steps[0] }, axis: other) }
    guard axis == other, steps.count == factors.count else { return nil }
    return IntegerGrid(steps: zip(steps, factors).map { $0 * $1 }, axis: axis)
  }

  /// That of the same elements under other dims; `nil` where the dimension is no more.
  func reshaped(from dims: [Int], to other: [Int]) -> IntegerGrid? {
    if steps.count == 1 { return self }
    let before = dims[..<axis].reduce(1, *)
    var count = 1
    for (place, extent) in other.enumerated() {
      if count == before, extent == steps.count { return IntegerGrid(steps: steps, axis: place) }
      count *= extent
    }
    return nil
  }

  /// That of the elements with their dimensions in another order.
  func transposed(_ order: [Int]) -> IntegerGrid? {
    guard steps.count > 1 else { return self }
    return order.firstIndex(of: axis).map { IntegerGrid(steps: steps, axis: $0) }
  }
}

extension ConstantFolding {
  /// Integers of a model that become numbers by a step and a zero point, however many they are; `nil`
  /// for anything else.
  ///
  /// They are made when they are read, and known to be multiples.
  static func decompressed(_ node: OperatorNode, _ inputs: [ConstantTensor?]) -> ConstantTensor? {
    guard inputs.count == 2, let data = inputs[0], let other = inputs[1], let grid = data.grid,
      !data.isAbsent, !other.isAbsent, other.count <= data.count
    else { return nil }
    let padded = Array(repeating: 1, count: max(0, data.dims.count - other.dims.count)) + other.dims
    let wide = padded.indices.filter { padded[$0] > 1 }
    guard padded.count == data.dims.count, wide.count <= 1 else { return nil }
    let axis = wide.first ?? 0
    let numbers = other.floats()
    guard numbers.count == 1 || numbers.count == data.dims[axis] else { return nil }
    let inner = numbers.count == 1 ? 1 : data.dims[(axis + 1)...].reduce(1, *)
    let isFactor: Bool
    let result: IntegerGrid?
    switch node.type {
    case "Mul" where numbers.allSatisfy({ $0 > 0 }):
      (isFactor, result) = (true, grid.times(numbers, axis: axis))
    // Zero points are integers, too.
    case "Sub" where grid == IntegerGrid() && numbers.allSatisfy({ $0 == $0.rounded() }):
      (isFactor, result) = (false, grid)
    default: return nil
    }
    var tensor = ConstantTensor(dims: data.dims) { offset, buffer in
      data.read(offset: offset, into: buffer)
      for place in buffer.indices {
        let number = numbers[(offset + place) / inner % numbers.count]
        if isFactor { buffer[place] *= number } else { buffer[place] -= number }
      }
    }
    tensor.origin = data.origin
    tensor.grid = result
    return tensor
  }
}
