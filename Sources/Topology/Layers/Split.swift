/// `split`: one of the parts that ONNX's Split makes of its operand along `axis` (0 by default).
///
/// A layer has one output, so each part is a `split` of its own, chosen by `index` (0 by default; a
/// negative one counts from the end). The parts are `parts` of equal extent, the last one smaller
/// where they do not divide the axis, or have the extents that `split` lists. It computes nothing:
/// no parameters, MACs or FLOP.
struct Split: LayerKind {
  static let elements = [
    ElementSchema("split", doc: "A part along an axis.", axis, parts, extents, index)
  ]

  private static let axis = Attribute<Int>(
    "axis", default: 0, in: Attributes.axes, doc: "The axis; a negative one counts from the end.")
  private static let parts = Attribute<Int?>(
    "parts", otherwise: "none",
    doc: "Number of equal parts; the last one is smaller where they do not divide the "
      + "axis.")
  private static let extents = Attribute<[Int]?>(
    "split", .list, otherwise: "none", in: Attributes.counts,
    doc: "Extents of the parts, instead of `parts`.")
  private static let index = Attribute<Int>(
    "index", default: 0, in: Attributes.steps,
    doc: "Which part is the output; a negative one counts from the end.")

  private let axis: Int
  private let parts: Int?
  private let extents: [Int]?
  private let index: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes[Self.axis]
    extents = try attributes[Self.extents]
    parts = try attributes[Self.parts]
    index = try attributes[Self.index]
    if (parts == nil) == (extents == nil) {
      throw AttributeError(nil, "wants either parts or split")
    }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try resolve(inputs[0]).type
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let (type, starts) = try resolve(program.type(of: inputs[0]))
    let slice = Slice(starts: starts, steps: starts.map { _ in 1 })
    return program.emit(.slice(slice), inputs, type: type)
  }

  private func resolve(_ input: TensorType) throws(ShapeError) -> (type: TensorType, starts: [Int])
  {
    let axis = try resolveAxis(axis, rank: input.shape.rank)
    let extents = try extents(of: input.dims[axis])
    let part = index < 0 ? index + extents.count : index
    guard extents.indices.contains(part) else {
      throw ShapeError("there is no part \(index) of \(extents.count)")
    }
    var dims = input.dims
    dims[axis] = extents[part]
    var starts = Array(repeating: 0, count: dims.count)
    starts[axis] = extents[..<part].reduce(0, +)
    return (try TensorType(dims: dims, input.layout), starts)
  }

  private func extents(of whole: Int) throws(ShapeError) -> [Int] {
    if let extents {
      guard extents.reduce(0, +) == whole else {
        throw ShapeError("the parts sum to \(extents.reduce(0, +)), the axis has \(whole)")
      }
      return extents
    }
    let count = parts ?? 1
    let extent = (whole + count - 1) / count
    guard whole > extent * (count - 1) else {
      throw ShapeError("\(whole) does not make \(count) parts")
    }
    return Array(repeating: extent, count: count - 1) + [whole - extent * (count - 1)]
  }
}
