import ONNX
import Topology

extension Translation {
  /// `BatchNormalization`, whose channels are dimension 1; a sequence becomes T·N rows for it.
  mutating func addBatchNormalization(_ epsilon: Double) throws(GraphError) {
    let source = inputType()
    let isSequence = source.layout == .tnc
    let channels = source.dims[isSequence ? 2 : 1]
    var operands = [
      isSequence
        ? add("Reshape", [input(), integers([source.elementCount / channels, channels])]) : input()
    ]
    let roles: [(WeightRole, String)] = [
      (.scale, "scale"), (.shift, "shift"), (.mean, "mean"), (.variance, "variance"),
    ]
    for (role, name) in roles { operands.append(try weight(role, name, dims: [channels])) }
    let attributes: [ONNXAttribute] = [.float("epsilon", epsilon)]
    guard isSequence else {
      finish("BatchNormalization", operands, attributes)
      return
    }
    let rows = add("BatchNormalization", operands, attributes)
    finish("Reshape", [rows, integers(source.dims)])
  }

  mutating func addLayerNormalization(_ epsilon: Double) throws(GraphError) {
    let dims = inputType().dims
    let width = instruction.weights[0].elementCount
    let axis = lastAxis(spanning: width, of: dims)
    let part = Array(dims[axis...])
    finish(
      "LayerNormalization",
      [input(), try weight(.scale, "scale", dims: part), try weight(.shift, "shift", dims: part)],
      [.int("axis", axis), .float("epsilon", epsilon)])
  }

  /// Opset 17 has no group normalisation: an instance is a group's channels in a row, and the
  /// channels' scale and shift follow.
  mutating func addGroupNormalization(groups: Int, _ epsilon: Double) throws(GraphError) {
    let dims = inputType().dims
    // An instance has space.
    if groups == dims[1], dims.count > 2 {
      return finish(
        "InstanceNormalization",
        [
          input(), try weight(.scale, "scale", dims: [groups]),
          try weight(.shift, "shift", dims: [groups]),
        ], [.float("epsilon", epsilon)])
    }
    let rows = add("Reshape", [input(), integers([dims[0], groups, -1])])
    let ones = constant("ones", .float, dims: [groups], [Float](repeating: 1, count: groups))
    let zeros = constant("zeros", .float, dims: [groups], [Float](repeating: 0, count: groups))
    let standard = add(
      "InstanceNormalization", [rows, ones, zeros], [.float("epsilon", epsilon)])
    let image = add("Reshape", [standard, integers(dims)])
    let perChannel = [dims[1]] + Array(repeating: 1, count: dims.count - 2)
    let scaled = add("Mul", [image, try weight(.scale, "scale", dims: perChannel)])
    finish("Add", [scaled, try weight(.shift, "shift", dims: perChannel)])
  }

  /// Opset 17 has no normalisation by the root of the mean of squares.
  mutating func addRootMeanSquareNormalization(_ epsilon: Double) throws(GraphError) {
    let dims = inputType().dims
    let axis = lastAxis(spanning: instruction.weights[0].elementCount, of: dims)
    let square = add("Mul", [input(), input()])
    let mean = add("ReduceMean", [square], [.ints("axes", Array(axis..<dims.count))])
    let sum = add("Add", [mean, scalar(epsilon)])
    let standard = add("Div", [input(), add("Sqrt", [sum])])
    finish("Mul", [standard, try weight(.scale, "scale", dims: Array(dims[axis...]))])
  }

  /// Slopes with ones behind them, so that they meet the channels.
  mutating func addParametricRelu() throws(GraphError) {
    let type = inputType()
    let slopes = instruction.weights[0].elementCount
    let behind = slopes == 1 ? 0 : type.dims.count - 1 - (type.layout.channelAxis ?? 1)
    let dims = [slopes] + Array(repeating: 1, count: behind)
    finish("PRelu", [input(), try weight(.slope, "slope", dims: dims)])
  }

  /// The last axis behind which, itself included, lie as many elements.
  private func lastAxis(spanning width: Int, of dims: [Int]) -> Int {
    var axis = dims.count - 1
    while axis > 0, dims[axis...].reduce(1, *) < width { axis -= 1 }
    return axis
  }

  /// `LRN` of an image, which is all that ONNX Runtime takes; others are made one.
  mutating func addLocalResponse(_ response: LocalResponse) {
    let attributes: [ONNXAttribute] = [
      .int("size", response.size), .float("alpha", response.alpha),
      .float("beta", response.beta), .float("bias", response.k),
    ]
    let dims = inputType().dims
    guard dims.count != 4 else { return finish("LRN", [input()], attributes) }
    let image = add("Reshape", [input(), integers([dims[0], dims[1], -1, 1])])
    finish("Reshape", [add("LRN", [image], attributes), integers(dims)])
  }
}
