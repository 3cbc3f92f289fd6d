/// `dropout`: nothing at inference; `rate` is accepted so that training descriptions load.
///
/// No parameters, MACs or FLOP.
struct Dropout: LayerKind {
  static let elements = [ElementSchema("dropout", optional: ["rate"])]

  init(_ attributes: Attributes) throws(AttributeError) {
    let rate = try attributes.double("rate", default: 0.5)
    guard (0...1).contains(rate) else { throw AttributeError("rate", "\(rate) is outside 0…1") }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType { inputs[0] }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(.identity, inputs, type: program.type(of: inputs[0]))
  }
}
