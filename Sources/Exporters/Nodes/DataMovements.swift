import ONNX
import Topology

extension Translation {
  /// `Flatten` where N stays, else `Reshape`.
  mutating func addReshape() {
    let (from, to) = (inputType().dims, type.dims)
    if to.count == 2, from.count > 2, to[0] == from[0] {
      return finish("Flatten", [input()], [.int("axis", 1)])
    }
    finish("Reshape", [input(), integers(to)])
  }

  mutating func addSlice(_ slice: Slice) {
    let extents = inputType().dims
    let axes = type.dims.indices.filter { axis in
      slice.starts[axis] != 0 || slice.steps[axis] != 1 || type.dims[axis] != extents[axis]
    }
    guard !axes.isEmpty else { return finish("Identity", [input()]) }
    let ends = axes.map { axis in
      let end = slice.starts[axis] + type.dims[axis] * slice.steps[axis]
      // A negative one would count from the end; so far below 0 it means before the first one.
      return end < 0 ? -extents[axis] - 1 : end
    }
    finish(
      "Slice",
      [
        input(), integers(axes.map { slice.starts[$0] }), integers(ends), integers(axes),
        integers(axes.map { slice.steps[$0] }),
      ])
  }

  mutating func addPad(_ padding: Padding) {
    let ends = type.dims.indices.map { axis in
      type.dims[axis] - inputType().dims[axis] - padding.begins[axis]
    }
    var inputs = [input(), integers(padding.begins + ends)]
    if padding.mode == .constant { inputs.append(scalar(padding.value)) }
    finish("Pad", inputs, [.string("mode", padding.mode.rawValue)])
  }

  /// Of each axis the end, then the beginning: ONNX has no operator that rolls.
  mutating func addRoll(_ shifts: [Int]) {
    let axes = shifts.indices.filter { shifts[$0] != 0 }
    var value = input()
    for axis in axes {
      let cut = type.dims[axis] - shifts[axis]
      func part(_ start: Int, _ end: Int) -> String {
        add("Slice", [value, integers([start]), integers([end]), integers([axis])])
      }
      let parts = [part(cut, type.dims[axis]), part(0, cut)]
      if axis == axes.last { return finish("Concat", parts, [.int("axis", axis)]) }
      value = add("Concat", parts, [.int("axis", axis)])
    }
  }

  mutating func addSpaceBlocks(_ blocks: SpaceBlocks) {
    let size = ONNXAttribute.int("blocksize", blocks.block)
    switch blocks.direction {
    case .toDepth: finish("SpaceToDepth", [input()], [size])
    case .toSpace: finish("DepthToSpace", [input()], [size, .string("mode", "DCR")])
    case .toSpaceChannelsFirst: finish("DepthToSpace", [input()], [size, .string("mode", "CRD")])
    }
  }

  mutating func addCumulativeSum(_ sum: CumulativeSum) {
    let axis = constant("axis", .int64, dims: [], [Int64(sum.axis)])
    finish(
      "CumSum", [input(), axis],
      [.int("exclusive", sum.isExclusive ? 1 : 0), .int("reverse", sum.isReversed ? 1 : 0)])
  }

  mutating func addTopK(_ topK: TopK) {
    let attributes: [ONNXAttribute] = [
      .int("axis", topK.axis), .int("largest", topK.isLargest ? 1 : 0), .int("sorted", 1),
    ]
    let inputs = [input(), integers([type.dims[topK.axis]])]
    if topK.output == .values { return finish("TopK", inputs, attributes, others: 1) }
    let indices = addSeveral("TopK", inputs, attributes, others: 1).others
    finish("Cast", indices, [.int("to", ONNXTensor.DataType.float.rawValue)])
  }

  mutating func addOneHot(_ oneHot: OneHot) {
    let index = add("Cast", [input()], [.int("to", ONNXTensor.DataType.int64.rawValue)])
    let depth = constant("depth", .int64, dims: [], [Int64(type.dims[oneHot.axis])])
    let values = constant("values", .float, dims: [2], [Float(oneHot.off), Float(oneHot.on)])
    finish("OneHot", [index, depth, values], [.int("axis", oneHot.axis)])
  }

  mutating func addGather(axis: Int) {
    let indices = addIndices(input(1), below: inputType(0).dims[axis])
    finish("Gather", [input(0), indices], [.int("axis", axis)])
  }

  mutating func addEmbedding() throws(GraphError) {
    let dims = instruction.weights[0].dims
    let table = try weight(.weights, "weight", dims: dims)
    var source = input()
    // Indices T x N x 1 choose T x N rows.
    let places = Array(type.dims.dropLast())
    if inputType().dims != places { source = add("Reshape", [source, integers(places)]) }
    finish("Gather", [table, addIndices(source, below: dims[0])], [.int("axis", 0)])
  }

  /// Numbers as indices: truncated, those beyond an end meaning that end.
  private mutating func addIndices(_ values: String, below count: Int) -> String {
    let inside = add("Clip", [values, scalar(-Double(count)), scalar(Double(count - 1))])
    return add("Cast", [inside], [.int("to", ONNXTensor.DataType.int64.rawValue)])
  }

  mutating func addReduction(_ kind: ReductionKind) {
    let folded = type.dims.indices.filter { type.dims[$0] != inputType().dims[$0] }
    if kind == .sum {
      finish("ReduceSum", [input(), integers(folded)], [.int("keepdims", 1)])
      return
    }
    finish(kind.operatorName, [input()], [.ints("axes", folded), .int("keepdims", 1)])
  }
}

extension ReductionKind {
  /// ONNX's name.
  fileprivate var operatorName: String {
    switch self {
    case .sum: "ReduceSum"
    case .mean: "ReduceMean"
    case .max: "ReduceMax"
    case .min: "ReduceMin"
    case .prod: "ReduceProd"
    case .l1: "ReduceL1"
    case .l2: "ReduceL2"
    }
  }
}
