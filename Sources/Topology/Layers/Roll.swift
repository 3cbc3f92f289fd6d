/// `roll`: the elements moved by `shifts` along `axes`, those beyond an end coming in at the other
/// one, as PyTorch's roll.
///
/// It computes nothing: no parameters, MACs or FLOP.
struct Roll: LayerKind {
  static let elements = [
    ElementSchema(
      "roll", doc: "Elements moved along axes, beyond an end coming in at the other.", shifts, axes)
  ]

  private static let shifts = Attribute<[Int]>(
    "shifts", .list, in: Attributes.steps,
    doc: "Places they move along each axis; negative ones move them to the front.")
  private static let axes = Attribute<[Int]>(
    "axes", .list, in: Attributes.axes, doc: "The axes; negative ones count from the end.")

  private let shifts: [Int]
  private let axes: [Int]

  init(_ attributes: Attributes) throws(AttributeError) {
    shifts = try attributes[Self.shifts]
    axes = try attributes[Self.axes]
    guard axes.count == shifts.count else {
      throw AttributeError("axes", "lists \(axes.count) numbers, shifts lists \(shifts.count)")
    }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    _ = try resolveAxes(axes, rank: inputs[0].shape.rank)
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    var all = type.dims.map { _ in 0 }
    for (axis, shift) in zip(axes, shifts) {
      let axis = try resolveAxis(axis, rank: type.shape.rank)
      let rest = shift % type.dims[axis]
      all[axis] = rest < 0 ? rest + type.dims[axis] : rest
    }
    return program.emit(
      all.allSatisfy { $0 == 0 } ? .identity : .roll(shifts: all), inputs, type: type)
  }
}
