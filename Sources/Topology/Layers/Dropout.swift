/// `dropout`: nothing at inference; `rate` is accepted so that training descriptions load.
///
/// No parameters, MACs or FLOP.
struct Dropout: LayerKind {
  static let elements = [
    ElementSchema("dropout", doc: "Accepted; does nothing in inference.", rate)
  ]

  private static let rate = Attribute<Double>(
    "rate", default: 0.5, doc: "Share of elements dropped in training.",
    guide: "a fraction from 0 to 1"
  )
  .checked { (0...1).contains($0) ? nil : "\($0) is outside 0…1" }

  init(_ attributes: Attributes) throws(AttributeError) {
    _ = try attributes[Self.rate]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType { inputs[0] }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(.identity, inputs, type: program.type(of: inputs[0]))
  }
}
