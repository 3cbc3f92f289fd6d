/// `slice`: a part of the operand, as ONNX's Slice.
///
/// Along each of `axes` (the first ones by default) the elements from `starts` until before `ends`,
/// every one of `steps` (1; a negative one walks backwards). Negative indices count from the end,
/// those beyond it mean the end. It computes nothing: no parameters, MACs or FLOP.
struct SliceLayer: LayerKind {
  static let elements = [
    ElementSchema("slice", doc: "A part of the operand.", starts, ends, axes, steps)
  ]

  private static let starts = Attribute<[Int]>(
    "starts", .list, doc: "First index along each axis; a negative one counts from the end.")
  private static let ends = Attribute<[Int]>(
    "ends", .list, doc: "The index before which it ends; beyond the end means the end.")
  private static let axes = Attribute<[Int]?>(
    "axes", .list, otherwise: "the first ones", in: Attributes.axes, doc: "The axes.")
  private static let steps = Attribute<[Int]?>(
    "steps", .list, otherwise: .value("1"), in: Attributes.steps,
    doc: "Distances of neighbours, not 0; a negative one walks backwards.")

  private let starts: [Int]
  private let ends: [Int]
  private let axes: [Int]
  private let steps: [Int]

  init(_ attributes: Attributes) throws(AttributeError) {
    starts = try attributes[Self.starts]
    ends = try attributes[Self.ends]
    axes = try attributes[Self.axes] ?? Array(starts.indices)
    steps = try attributes[Self.steps] ?? starts.map { _ in 1 }
    for (name, list) in [("ends", ends), ("axes", axes), ("steps", steps)]
    where list.count != starts.count {
      throw AttributeError(name, "lists \(list.count) numbers, starts lists \(starts.count)")
    }
    if steps.contains(0) { throw AttributeError("steps", "holds a 0") }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try TensorType(dims: resolve(inputs[0]).dims, inputs[0].layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    return program.emit(
      .slice(try resolve(input).slice), inputs, type: try outputType([input]))
  }

  private func resolve(_ input: TensorType) throws(ShapeError) -> (slice: Slice, dims: [Int]) {
    let rank = input.shape.rank
    _ = try resolveAxes(axes, rank: rank)
    var slice = Slice(
      starts: Array(repeating: 0, count: rank), steps: Array(repeating: 1, count: rank))
    var dims = input.dims
    for (index, axis) in axes.enumerated() {
      let axis = try resolveAxis(axis, rank: rank)
      let (extent, step) = (input.dims[axis], steps[index])
      let bounds = step > 0 ? 0...extent : -1...extent - 1
      let start = clamp(starts[index], extent, step > 0 ? bounds : 0...extent - 1)
      let end = clamp(ends[index], extent, bounds)
      let count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step
      guard count > 0 else {
        throw ShapeError(
          "\(starts[index]) to \(ends[index]) by \(step) leaves nothing of \(extent)")
      }
      slice.starts[axis] = start
      slice.steps[axis] = step
      dims[axis] = count
    }
    return (slice, dims)
  }

  private func clamp(_ index: Int, _ extent: Int, _ bounds: ClosedRange<Int>) -> Int {
    let index = index < 0 ? index + extent : index
    return min(max(index, bounds.lowerBound), bounds.upperBound)
  }
}
