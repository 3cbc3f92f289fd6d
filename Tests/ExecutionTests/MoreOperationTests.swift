import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// The kinds beyond convolutional and recurrent networks, in several shapes, against naive loops.
@Suite struct MoreOperationTests {
  typealias Case = OperationTests.Case

  static let deconvolutions: [Case] = [
    Case("deconv", ["filters": "8", "kernel": "3"], ([2, 4, 5, 5], .nchw)),
    Case(
      "deconv", ["filters": "16", "kernel": "4", "stride": "2", "padding": "1"],
      ([1, 16, 6, 6], .nchw)),
    Case(
      "deconv",
      ["filters": "5", "kernel": "3", "stride": "2", "padding": "1", "output-padding": "1"],
      ([2, 3, 4, 5], .nchw)),
    Case(
      "deconv", ["filters": "32", "kernel": "3x2", "stride": "3x2", "padding": "same"],
      ([1, 32, 5, 4], .nchw)),
    Case(
      "deconv", ["filters": "8", "kernel": "3", "dilation": "2", "padding": "0,1,2,0"],
      ([2, 8, 6, 6], .nchw)),
    Case(
      "deconv", ["filters": "12", "kernel": "2", "stride": "2", "groups": "3", "bias": "false"],
      ([1, 6, 4, 4], .nchw)),
    Case(
      "deconv", ["filters": "16", "kernel": "3", "groups": "depthwise"], ([2, 16, 5, 5], .nchw)),
    Case("deconv", ["filters": "6", "kernel": "4", "stride": "2"], ([3, 4, 9], .ncw)),
    Case("deconv", ["filters": "4", "kernel": "2", "stride": "2"], ([1, 3, 3, 4, 2], .ncdhw)),
  ]

  static let products: [Case] = [
    Case("matmul", [:], ([3, 5], .nc), ([5, 7], .nc)),
    Case("matmul", [:], ([4, 2, 16], .tnc), ([16, 33], .nc)),
    Case("matmul", ["transpose-b": "true"], ([6, 8, 16], .other), ([6, 9, 16], .other)),
    Case("matmul", ["transpose-a": "true"], ([2, 3, 8, 5], .nchw), ([2, 3, 8, 4], .nchw)),
    Case(
      "matmul", ["transpose-a": "true", "transpose-b": "true"], ([7, 3], .nc), ([4, 7], .nc)),
    Case("matmul", [:], ([2, 1, 4, 6], .nchw), ([1, 3, 6, 5], .nchw)),
    Case("matmul", [:], ([4, 6], .nc), ([3, 6, 5], .other)),
    Case("matmul", ["transpose-b": "true"], ([2, 5, 8], .other), ([1, 3, 8], .other)),
    Case("attention", ["heads": "4"], ([6, 2, 16], .tnc)),
    Case("attention", ["heads": "2", "causal": "true"], ([5, 3, 12], .tnc)),
    Case("attention", ["heads": "1"], ([17, 1, 8], .tnc)),
  ]

  static let normalizations: [Case] = [
    Case("log-softmax", [:], ([5, 10], .nc)),
    Case("log-softmax", ["axis": "1"], ([2, 6, 3, 3], .nchw)),
    Case("layer-norm", [:], ([4, 2, 19], .tnc)),
    Case("layer-norm", ["axis": "1", "epsilon": "0.001"], ([2, 3, 4, 5], .nchw)),
    Case("layer-norm", [:], ([7, 64], .nc)),
    Case("group-norm", ["groups": "2"], ([2, 6, 5, 5], .nchw)),
    Case("group-norm", ["groups": "4"], ([3, 8], .nc)),
    Case("group-norm", ["groups": "16", "epsilon": "0.01"], ([1, 32, 33], .ncw)),
    Case("lrn", ["size": "5", "alpha": "0.5"], ([2, 16, 6, 6], .nchw)),
    Case("lrn", ["size": "3", "alpha": "1", "beta": "0.5", "k": "2"], ([1, 7, 4, 4], .nchw)),
    Case("lrn", ["size": "5", "alpha": "1", "epsilon": "2"], ([3, 20], .nc)),
    Case("lrn", ["size": "3", "alpha": "1"], ([2, 8, 9], .ncw)),
    Case("lrn", ["size": "3", "alpha": "1"], ([1, 5, 2, 3, 4], .ncdhw)),
  ]

  static let movements: [Case] = [
    Case("transpose", [:], ([3, 5], .nc)),
    Case("transpose", ["perm": "1,0,2"], ([4, 3, 5], .tnc)),
    Case("transpose", ["perm": "0,2,3,1"], ([2, 20, 3, 4], .nchw)),
    Case("transpose", ["perm": "2,0,1"], ([2, 1, 4], .other)),
    Case("transpose", ["perm": "3,1,5,0,2,4"], ([2, 3, 2, 4, 3, 2], .other)),
    Case("slice", ["starts": "1,-3", "ends": "3,100"], ([4, 7], .nc)),
    Case("slice", ["starts": "-1", "ends": "-100", "axes": "1", "steps": "-2"], ([3, 7], .nc)),
    Case(
      "slice", ["starts": "0,1", "ends": "9,9", "axes": "-1,1", "steps": "2,1"],
      ([2, 5, 3, 8], .nchw)),
    Case("slice", ["starts": "3", "ends": "0", "steps": "-1"], ([4, 2, 5], .tnc)),
    Case("split", ["axis": "1", "parts": "3", "index": "2"], ([2, 8, 3, 3], .nchw)),
    Case("split", ["axis": "-1", "split": "2,5,1", "index": "-2"], ([4, 2, 8], .tnc)),
    Case("quantize", ["scale": "0.0078125"], ([3, 17], .nc)),
    Case("quantize", ["scale": "0.01", "zero-point": "-3", "type": "s8"], ([2, 3, 4, 4], .nchw)),
    Case("dequantize", ["scale": "0.5", "zero-point": "128"], ([3, 17], .nc)),
    Case("pad", ["pads": "0,0,1,2,0,0,3,0", "value": "-1.5"], ([2, 3, 4, 5], .nchw)),
    Case("pad", ["pads": "1,0,2,1", "mode": "edge"], ([3, 4], .nc)),
    Case("pad", ["pads": "0,0,2,1,0,0,3,4", "mode": "reflect"], ([1, 2, 4, 5], .nchw)),
    Case("pad", ["pads": "2,1,0,0,1,3"], ([2, 1, 3], .tnc)),
    Case("squeeze", ["axes": "2"], ([2, 5, 1, 7], .nchw)),
    Case("squeeze", [:], ([1, 5, 1, 7], .nchw)),
    Case("unsqueeze", ["axes": "0,-1"], ([3, 4], .nc)),
    Case("resample", ["scale": "2"], ([2, 16, 3, 4], .nchw)),
    Case("resample", ["scale": "2x3", "kind": "linear"], ([1, 5, 4, 3], .nchw)),
    Case("resample", ["scale": "0.5", "kind": "linear"], ([1, 3, 8, 8], .nchw)),
    Case("resample", ["scale": "1.5"], ([2, 3, 8], .ncw)),
    Case("resample", ["scale": "2", "kind": "linear"], ([1, 3, 2, 3, 4], .ncdhw)),
    Case("reduce", ["kind": "sum"], ([3, 7], .nc)),
    Case("reduce", ["kind": "mean", "axes": "2,3"], ([2, 16, 5, 5], .nchw)),
    Case("reduce", ["kind": "max", "axes": "0", "keepdims": "false"], ([4, 2, 9], .tnc)),
    Case("reduce", ["kind": "min", "axes": "-1"], ([4, 2, 9], .tnc)),
    Case("reduce", ["kind": "prod", "axes": "1"], ([3, 4], .nc)),
    Case("reduce", ["kind": "max", "axes": "1"], ([2, 17, 5, 6], .nchw)),
    Case("reduce", ["kind": "sum", "axes": "0,2"], ([3, 4, 5, 20], .nchw)),
    Case("reduce", ["kind": "l2", "axes": "1"], ([2, 17, 33], .ncw)),
    Case("reduce", ["kind": "l1", "axes": "1"], ([3, 9, 2], .ncw)),
    Case("reduce", ["kind": "l2", "keepdims": "false"], ([3, 9], .nc)),
    Case("reduce", ["kind": "l1", "axes": "0"], ([1, 9], .nc)),
    Case("gather", ["axis": "1"], ([2, 6, 3], .other), ([4, 2], .nc)),
    Case("gather", [:], ([10, 3], .nc), ([5], .other)),
    Case("embedding", ["rows": "50", "dim": "8"], ([7, 2], .nc)),
    Case("embedding", ["rows": "20", "dim": "4"], ([5, 2, 1], .tnc)),
    Case("embedding", ["rows": "3", "dim": "5"], ([6], .other)),
  ]

  static let namesakes: [Case] = [
    Case("roll", ["shifts": "2", "axes": "1"], ([3, 7], .nc)),
    Case("roll", ["shifts": "-3,1", "axes": "2,-1"], ([2, 3, 7, 8], .nchw)),
    Case("roll", ["shifts": "9,-20,4", "axes": "0,1,2"], ([4, 3, 5], .tnc)),
    Case("roll", ["shifts": "7", "axes": "1"], ([3, 7], .nc)),
    Case("rms-norm", [:], ([4, 2, 19], .tnc)),
    Case("rms-norm", ["axis": "1", "epsilon": "0.001"], ([2, 3, 4, 5], .nchw)),
    Case("rms-norm", [:], ([40, 512], .nc)),
    Case("instance-norm", [:], ([2, 6, 5, 5], .nchw)),
    Case("instance-norm", ["epsilon": "0.01"], ([1, 32, 33], .ncw)),
    Case("prelu", [:], ([2, 16, 5, 5], .nchw)),
    Case("prelu", [:], ([3, 7], .nc)),
    Case("prelu", [:], ([4, 2, 9], .tnc)),
    Case("prelu", ["shared": "true"], ([2, 5, 3, 4], .nchw)),
    Case("prelu", ["shared": "true"], ([4, 2, 9], .tnc)),
    Case("prelu", [:], ([2, 3, 2, 2, 2, 2], .other)),
    Case("prelu", ["shared": "true"], ([33], .other)),
    Case("cumsum", [:], ([3, 17], .nc)),
    Case("cumsum", ["axis": "0", "exclusive": "true"], ([9, 300], .nc)),
    Case("cumsum", ["axis": "1", "reverse": "true"], ([2, 9, 5], .other)),
    Case("cumsum", ["exclusive": "true", "reverse": "true"], ([5, 2, 4], .tnc)),
    Case("cumsum", ["axis": "0", "exclusive": "true", "reverse": "true"], ([70, 600], .nc)),
    Case("add", [:], ([4, 1, 5], .other), ([1, 3, 5], .other)),
    Case("sub", [:], ([2, 1, 4, 1], .nchw), ([3, 1, 6], .other)),
    Case("div", [:], ([7], .other), ([3, 7], .nc)),
    Case("mul", [:], ([6, 1], .nc), ([2, 1, 1, 7], .nchw), ([4, 1, 1], .other)),
    Case("max", [:], ([5, 1], .nc), ([1, 8], .nc)),
    Case("resample", ["size": "5x9"], ([2, 3, 4, 4], .nchw)),
    Case("resample", ["size": "6", "kind": "linear"], ([1, 16, 4, 9], .nchw)),
    Case("fc", ["units": "10", "axes": "-1"], ([2, 3, 4, 7], .other)),
    Case("fc", ["units": "9", "axes": "-1", "bias": "false"], ([2, 16, 4, 8], .nchw)),
    Case("fc", ["units": "10", "axes": "2,3"], ([2, 3, 4, 7], .nchw)),
    Case("fc", ["units": "10", "axes": "-1"], ([5, 6, 7], .other)),
    Case("expand", ["shape": "4x1x5"], ([4, 3, 1], .tnc)),
    Case("expand", ["shape": "2x6x-1x1"], ([6, 1, 5], .other)),
    Case("expand", ["shape": "3x7"], ([1], .other)),
    Case("depth-to-space", ["block": "2"], ([2, 12, 3, 5], .nchw)),
    Case("depth-to-space", ["block": "3", "mode": "crd"], ([1, 18, 4, 2], .nchw)),
    Case("space-to-depth", ["block": "2"], ([2, 5, 6, 4], .nchw)),
    Case("where", [:], ([3, 7], .nc), ([3, 7], .nc), ([3, 7], .nc)),
    Case("where", [:], ([5, 1, 4], .other), ([2, 1, 3, 1], .nchw), ([1], .other)),
    Case("where", [:], ([6, 6], .nc), ([1], .other), ([2, 3, 6, 6], .nchw)),
    Case("where", [:], ([40, 1000], .nc), ([40, 1000], .nc), ([1000], .other)),
  ]

  /// What decides or counts; the numbers it reads may not be rounded before.
  static let decisions: [Case] = [
    Case("equal", [:], ([3, 7], .nc), ([3, 7], .nc)),
    Case("greater", [:], ([2, 16, 4, 4], .nchw), ([16, 1, 1], .other)),
    Case("greater-or-equal", [:], ([7], .other), ([3, 7], .nc)),
    Case("less", [:], ([4, 1], .nc), ([1, 9], .nc)),
    Case("less-or-equal", [:], ([4, 2, 9], .tnc), ([4, 2, 9], .tnc)),
    Case("one-hot", ["depth": "6"], ([9], .other)),
    Case("one-hot", ["depth": "5"], ([4, 2, 1], .tnc)),
    Case("one-hot", ["depth": "7", "axis": "1", "on": "2", "off": "-1"], ([3, 40], .nc)),
    Case("one-hot", ["depth": "3", "axis": "0"], ([3, 4, 5], .other)),
    Case("top-k", ["k": "3"], ([5, 20], .nc)),
    Case("top-k", ["k": "4", "output": "indices"], ([300, 70], .nc)),
    Case("top-k", ["k": "5", "axis": "1", "largest": "false"], ([2, 5, 3, 4], .nchw)),
    Case("top-k", ["k": "1", "axis": "0", "output": "indices"], ([9, 2, 4], .tnc)),
  ]

  @Test(arguments: deconvolutions + products + normalizations + movements + namesakes + decisions)
  func agreesWithNaiveLoops(_ test: Case) throws {
    let types = try test.inputs.map { try TensorType(dims: $0.0, $0.1) }
    let graph = try Graph.single(test.element, test.attributes, on: types)
    try expectAgreement(graph.program())
  }

  /// Blocked formats come in, and functions follow that want to be fused.
  @Test(arguments: [
    Case("deconv", ["filters": "16", "kernel": "2", "stride": "2"]),
    Case("lrn", ["size": "5", "alpha": "1"]), Case("group-norm", ["groups": "4"]),
    Case("layer-norm", ["axis": "1"]), Case("log-softmax", [:]),
    Case("transpose", ["perm": "0,2,3,1"]), Case("transpose", ["perm": "1,0,3,2"]),
    Case("slice", ["starts": "1", "ends": "9", "axes": "1"]),
    Case("pad", ["pads": "0,0,1,1,0,0,1,1"]), Case("resample", ["scale": "2"]),
    Case("resample", ["scale": "2", "kind": "linear"]), Case("reduce", ["kind": "mean"]),
    Case("unsqueeze", ["axes": "0"]), Case("prelu", [:]), Case("prelu", ["shared": "true"]),
    Case("instance-norm", [:]), Case("rms-norm", [:]), Case("cumsum", ["axis": "1"]),
    Case("roll", ["shifts": "3", "axes": "1"]), Case("space-to-depth", ["block": "2"]),
    Case("depth-to-space", ["block": "2"]), Case("expand", ["shape": "4x1x1x1x1"]),
    Case("top-k", ["k": "4", "axis": "1"]), Case("fc", ["units": "7", "axes": "-1"]),
  ])
  func worksBetweenOthers(_ test: Case) throws {
    var net = try Net([2, 3, 6, 6], .nchw)
    try net.layer(
      "first", .init("conv", ["filters": "20", "kernel": "3", "padding": "1"]),
      .init("activation", ["kind": "relu"]))
    try net.layer(
      "second", .init(test.element, test.attributes), .init("activation", ["kind": "tanh"]))
    try net.layer("third", .init("add", with: ["second"]))
    try expectAgreement(net.program())
  }

  /// Comparisons and selections among functions that want to be fused.
  @Test func masksInTheMiddle() throws {
    var net = try Net([2, 3, 6, 6], .nchw)
    try net.layer(
      "first", .init("conv", ["filters": "20", "kernel": "3", "padding": "1"]),
      .init("activation", ["kind": "tanh"]))
    try net.layer("other", from: ["data"], .init("conv", ["filters": "20", "kernel": "1"]))
    try net.layer("mask", from: ["first", "other"], .init("greater"))
    try net.layer(
      "chosen", from: ["mask", "first", "other"], .init("where"),
      .init("activation", ["kind": "relu"]))
    try net.layer(
      "count", from: ["mask"], .init("cumsum", ["axis": "-1"]), .init("mul", with: ["chosen"]))
    try net.layer("rows", from: ["chosen"], .init("reduce", ["kind": "mean", "axes": "3"]))
    try net.layer(
      "two-sided", from: ["chosen"], .init("reduce", ["kind": "mean", "axes": "2"]),
      .init("sub", with: ["rows"]))
    try expectAgreement(net.program())
  }

  @Test func aSharedSlopeIsFused() throws {
    var net = try Net([2, 16, 6, 6], .nchw)
    try net.layer(
      "conv", .init("conv", ["filters": "16", "kernel": "3"]),
      .init("prelu", ["shared": "true"]))
    let plan = try expectAgreement(net.program())
    #expect(plan.steps.filter { !$0.sources.isEmpty }.map(\.kind) == ["convolution"])
  }

  /// Inputs are nowhere 0, so the mask is made of two.
  @Test(arguments: [
    ([3, 7], [3, 7], [3, 7]), ([5, 1, 4], [2, 1, 3, 1], [1]), ([6, 6], [1], [2, 3, 6, 6]),
    ([40, 1000], [40, 1000], [1000]), ([4, 1], [1, 9], [4, 9]), ([1], [2, 3], [3]),
    ([2, 3, 1], [1, 3, 50], [2, 1, 50]),
  ])
  func selectsByMasksOfAnyShape(mask: [Int], first: [Int], second: [Int]) throws {
    var builder = GraphBuilder(name: "where")
    for (name, dims) in [("a", mask), ("b", mask), ("x", first), ("y", second)] {
      try builder.addInput(name: name, type: TensorType(dims: dims, .other))
    }
    try builder.addLayer(name: "mask", inputs: ["a", "b"], primitives: [.init("greater")])
    try builder.addLayer(name: "where", inputs: ["mask", "x", "y"], primitives: [.init("where")])
    try expectAgreement(builder.build().program())
  }

  @Test func convolutionBehindSpaceOperations() throws {
    var net = try Net([1, 8, 6, 6], .nchw)
    try net.layer(
      "up", .init("deconv", ["filters": "16", "kernel": "4", "stride": "2"]),
      .init("batch-norm"), .init("activation", ["kind": "relu"]))
    try net.layer(
      "conv", .init("conv", ["filters": "16", "kernel": "3", "padding": "same"]),
      .init("add", with: ["up"]), .init("activation", ["kind": "relu"]))
    try net.layer("double", .init("resample", ["scale": "2"]), .init("lrn", ["size": "3"]))
    try net.layer("last", .init("conv", ["filters": "4", "kernel": "1"]))
    try expectAgreement(net.program())
  }

  @Test func encoderBlock() throws {
    var net = try Net([7, 2, 16], .tnc)
    try net.layer(
      "attention", .init("attention", ["heads": "4"]), .init("add", with: ["data"]),
      .init("layer-norm"))
    try net.layer("up", .init("fc", ["units": "64"]), .init("activation", ["kind": "gelu"]))
    try net.layer(
      "down", .init("fc", ["units": "16"]), .init("add", with: ["attention"]),
      .init("layer-norm"))
    try expectAgreement(net.program())
  }

  @Test func functionsBehindAProductAreFused() throws {
    var net = try Net([2, 4, 6, 8], .nchw)
    try net.layer(
      "product", from: ["data", "data"], .init("matmul", ["transpose-b": "true"]),
      .init("activation", ["kind": "linear", "alpha": "0.5"]), .init("activation", ["kind": "tanh"])
    )
    let plan = try expectAgreement(net.program())
    #expect(plan.steps.filter { $0.kind == "matmul" }.map(\.postOps.count) == [2])
  }

  @Test func indicesOfSeededInputsSpreadOverTheRows() throws {
    let type = try TensorType(dims: [400], .other)
    let program = try Graph.single("embedding", ["rows": "10", "dim": "2"], on: [type]).program()
    let indices = SeededWeights(seed: 1).input(0, of: program)
    #expect(Set(indices) == Set((0..<10).map { Float($0) }))
    let oneHot = try Graph.single("one-hot", ["depth": "7"], on: [type]).program()
    #expect(
      Set(SeededWeights(seed: 1).input(0, of: oneHot)) == Set((0..<7).map { Float($0) }))
  }

  @Test func equalElementsAreTakenInOrder() throws {
    let type = try TensorType(dims: [2, 6], .nc)
    for (largest, expected) in [("true", [1, 2, 4, 0, 3, 5]), ("false", [0, 3, 5, 1, 2, 4])] {
      let plan = try Plan(
        Graph.single(
          "top-k", ["k": "6", "largest": largest, "output": "indices"], on: [type]
        ).program())
      plan.writeInput(0, [1, 2, 2, 1, 2, 1, 1, 2, 2, 1, 2, 1])
      try plan.run()
      #expect(plan.readOutput(0) == (expected + expected).map { Float($0) })
    }
  }

  @Test func indicesBeyondTheEndsAreOnNowhere() throws {
    let type = try TensorType(dims: [5], .other)
    let plan = try Plan(Graph.single("one-hot", ["depth": "3"], on: [type]).program())
    plan.writeInput(0, [0, 2.9, -1, 3, -4])
    try plan.run()
    #expect(plan.readOutput(0) == [1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  }
}
