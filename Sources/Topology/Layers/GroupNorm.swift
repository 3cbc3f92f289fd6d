/// `group-norm`: scale · (x − mean) / √(variance + epsilon) + shift with the statistics of a
/// sample's group of channels.
///
/// With C channels: parameters = 2·C (scale and shift); FLOP = elements: one per element. No MACs.
struct GroupNorm: LayerKind {
  static let elements = [
    ElementSchema("group-norm", doc: "Group normalisation.", groups, NormalizedAxes.epsilon)
  ]

  private static let groups = Attribute<Int>(
    "groups", doc: "Number of groups; divides the channels.")

  private let groups: Int
  private let epsilon: Double

  init(_ attributes: Attributes) throws(AttributeError) {
    groups = try attributes[Self.groups]
    epsilon = try attributes[NormalizedAxes.epsilon]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    guard input.shape.rank >= 2, input.layout != .tnc else {
      throw ShapeError("wants N x C and space, not \(input)")
    }
    guard input.dims[1].isMultiple(of: groups) else {
      throw ShapeError("\(groups) groups do not divide \(input.dims[1]) channels")
    }
    return input
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(parameters: 2 * inputs[0].dims[1], flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    let dims = [type.dims[1]]
    return program.emit(
      .groupNormalization(groups: groups, epsilon: epsilon), inputs,
      weights: [WeightSlot(.scale, dims: dims), WeightSlot(.shift, dims: dims)], type: type)
  }
}
