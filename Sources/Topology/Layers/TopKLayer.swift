/// `top-k`: the `k` largest elements along `axis` (the last by default), largest first, or the
/// smallest ones, as ONNX's TopK.
///
/// A layer has one output, so `output` says whether it is the values or the indices; of equal
/// elements the first one wins. Indices are written as `Float`s.
/// FLOP = |in|: one per element. No parameters or MACs.
struct TopKLayer: LayerKind {
  static let elements = [
    ElementSchema(
      "top-k", doc: "The largest or smallest elements in order.", count, CommonAttributes.lastAxis,
      largest, output)
  ]

  private static let count = Attribute<Int>("k", doc: "How many.")
  private static let largest = Attribute<Bool>(
    "largest", default: true,
    doc: "Whether the largest ones are taken, largest first, or the smallest ones.")
  private static let output = Attribute<TopK.Output>(
    "output", default: .values,
    doc: "`values`, or `indices` along the axis; of equal elements the first one wins.")

  private let count: Int
  private let axis: Int
  private let isLargest: Bool
  private let output: TopK.Output

  init(_ attributes: Attributes) throws(AttributeError) {
    count = try attributes[Self.count]
    axis = try attributes[CommonAttributes.lastAxis]
    isLargest = try attributes[Self.largest]
    output = try attributes[Self.output]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let axis = try resolveAxis(axis, rank: input.shape.rank)
    guard count <= input.dims[axis] else {
      throw ShapeError("there are no \(count) elements among \(input.dims[axis])")
    }
    guard output == .values || input.dims[axis] <= 1 << 24 else {
      throw ShapeError("an index below \(input.dims[axis]) is no exact Float")
    }
    var dims = input.dims
    dims[axis] = count
    return try TensorType(dims: dims, input.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: inputs[0].elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    let topK = TopK(
      axis: try resolveAxis(axis, rank: input.shape.rank), isLargest: isLargest, output: output)
    return program.emit(.topK(topK), inputs, type: try outputType([input]))
  }
}

extension TopK.Output: AttributeChoice {
  /// `topOutput`.
  public static let typeName = "topOutput"
  /// What the schema says of it.
  public static let typeDoc = "What is told of elements."
}
