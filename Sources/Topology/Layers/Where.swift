/// `where`: the second operand's element where the first operand is not 0, else the third one's, as
/// ONNX's Where.
///
/// All three broadcast as in NumPy. It computes nothing: no parameters, MACs or FLOP.
struct Where: LayerKind {
  static let elements = [
    ElementSchema(
      "where", doc: "The second operand where the first is not 0, else the third.",
      with: "further operands")
  ]

  init(_ attributes: Attributes) throws(AttributeError) {}

  var operands: ClosedRange<Int> { 3...3 }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try broadcastType(broadcastType(inputs[1], inputs[2]), inputs[0])
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = try outputType(inputs.map { program.type(of: $0) })
    return program.emit(.select, inputs, type: type)
  }
}
