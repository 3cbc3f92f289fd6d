/// The dims that two operands broadcast to as in NumPy, last dimensions aligned; `nil` when they do
/// not.
func broadcastDims(_ a: [Int], _ b: [Int]) -> [Int]? {
  let rank = max(a.count, b.count)
  func extent(_ dims: [Int], _ axis: Int) -> Int {
    let own = axis - (rank - dims.count)
    return own < 0 ? 1 : dims[own]
  }
  var result: [Int] = []
  for axis in 0..<rank {
    let (first, second) = (extent(a, axis), extent(b, axis))
    guard first == second || first == 1 || second == 1 else { return nil }
    result.append(max(first, second))
  }
  return result
}

/// What two operands broadcast to: the first one of them that has that shape, else the layout of the
/// one with more dimensions.
///
/// - Throws: ``ShapeError`` when they do not broadcast.
func broadcastType(_ a: TensorType, _ b: TensorType) throws(ShapeError) -> TensorType {
  guard let dims = broadcastDims(a.dims, b.dims) else {
    throw ShapeError("\(a) and \(b) do not broadcast")
  }
  if dims == a.dims { return a }
  if dims == b.dims { return b }
  return try TensorType(dims: dims, a.shape.rank < b.shape.rank ? b.layout : a.layout)
}

extension ProgramBuilder {
  /// A binary operation on operands that broadcast.
  ///
  /// An operand that has the shape of the result comes first where the operation allows it.
  mutating func emitBinary(_ kind: BinaryKind, _ a: ValueID, _ b: ValueID) throws(ShapeError)
    -> ValueID
  {
    var (kind, first, second) = (kind, a, b)
    let output = try broadcastType(type(of: a), type(of: b))
    if type(of: first).dims != output.dims, type(of: second).dims == output.dims,
      let exchanged = kind.exchanged
    {
      (kind, first, second) = (exchanged, second, first)
    }
    first = try align(first, to: output)
    second = try align(second, to: output)
    return emit(.binary(kind), [first, second], type: output)
  }

  /// A value with its extents of 1 stretched to those of a type that it broadcasts to.
  mutating func expand(_ value: ValueID, to output: TensorType) throws(ShapeError) -> ValueID {
    let aligned = try align(value, to: output)
    if type(of: aligned) == output { return aligned }
    let isAlike = type(of: aligned).dims == output.dims
    // What only its layout differs in is another view of it.
    return emit(isAlike ? .reshape : .expand, [aligned], type: output)
  }

  /// A value with ones before its dims, for oneDNN wants operands of one rank.
  private mutating func align(_ value: ValueID, to output: TensorType) throws(ShapeError)
    -> ValueID
  {
    let dims = type(of: value).dims
    if dims.count == output.shape.rank { return value }
    let ones = Array(repeating: 1, count: output.shape.rank - dims.count)
    return emit(.reshape, [value], type: try TensorType(dims: ones + dims, output.layout))
  }
}
