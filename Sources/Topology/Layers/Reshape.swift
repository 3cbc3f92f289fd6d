/// `reshape`: the same elements under other dims, as in ONNX.
///
/// `shape="0x-1x64"`: 0 copies the dimension at that place, one −1 is inferred. `layout` names
/// the new meaning of the dims; without it a reshape to the same rank keeps its layout, else two
/// dims are `nc`, four `nchw`, five `ncdhw`, and any other number `other`.
/// It computes nothing: no parameters, MACs or FLOP.
struct Reshape: LayerKind {
  static let elements = [
    ElementSchema(
      "reshape", doc: "The same elements in another shape, as ONNX's Reshape.", shape,
      CommonAttributes.layout)
  ]

  private static let shape = Attribute<[Int]>(
    "shape", .extents, in: -1...Int(Int32.max),
    doc: "Dimensions joined by `x`; 0 copies the one at that place, at most one −1 "
      + "takes what remains."
  )
  .checked { $0.count(where: { $0 == -1 }) > 1 ? "holds more than one -1" : nil }

  private let dims: [Int]
  private let layout: Layout?

  init(_ attributes: Attributes) throws(AttributeError) {
    dims = try attributes[Self.shape]
    layout = try attributes[CommonAttributes.layout]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    var result = dims
    for (axis, dim) in dims.enumerated() where dim == 0 {
      guard axis < input.shape.rank else {
        throw ShapeError("\(input) has no dimension \(axis) for the 0 to copy")
      }
      result[axis] = input.dims[axis]
    }
    if let inferred = dims.firstIndex(of: -1) {
      result[inferred] = 1
      let rest = try checkedProduct(of: result)
      guard input.elementCount.isMultiple(of: rest) else { throw mismatch(input) }
      result[inferred] = input.elementCount / rest
    }
    let output = try TensorType(dims: result, layout ?? inferredLayout(from: input))
    guard output.elementCount == input.elementCount else { throw mismatch(input) }
    return output
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(.reshape, inputs, type: try outputType([program.type(of: inputs[0])]))
  }

  private func inferredLayout(from input: TensorType) -> Layout {
    dims.count == input.shape.rank ? input.layout : .unnamed(dims.count)
  }

  private func mismatch(_ input: TensorType) -> ShapeError {
    ShapeError("\(input.elementCount) elements of \(input) do not fill \(Shape.text(dims))")
  }
}
