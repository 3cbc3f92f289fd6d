import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// Every kind that runs, in several shapes and batches, against naive loops.
@Suite struct OperationTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let element: String
    let attributes: [String: String]
    let inputs: [([Int], Layout)]

    init(
      _ element: String, _ attributes: [String: String], _ inputs: ([Int], Layout)...
    ) {
      self.element = element
      self.attributes = attributes
      self.inputs = inputs
    }

    var testDescription: String {
      let numbers = attributes.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
      let shapes = inputs.map { "\($0.0) \($0.1)" }
      return ([element] + numbers + shapes).joined(separator: " ")
    }
  }

  static let convolutions: [Case] = [
    Case("conv", ["filters": "16", "kernel": "3", "padding": "same"], ([1, 16, 9, 9], .nchw)),
    Case("conv", ["filters": "7", "kernel": "3"], ([2, 3, 8, 10], .nchw)),
    Case("conv", ["filters": "24", "kernel": "1"], ([5, 8, 6, 6], .nchw)),
    Case("conv", ["filters": "64", "kernel": "1"], ([2, 64, 14, 14], .nchw)),
    Case(
      "conv", ["filters": "32", "kernel": "7", "stride": "2", "padding": "3"],
      ([1, 3, 32, 32], .nchw)),
    Case(
      "conv", ["filters": "16", "kernel": "3x5", "stride": "1x2", "padding": "1,0,0,2"],
      ([2, 5, 9, 12], .nchw)),
    Case(
      "conv", ["filters": "16", "kernel": "3", "dilation": "2", "padding": "same"],
      ([1, 16, 11, 11], .nchw)),
    Case("conv", ["filters": "12", "kernel": "3", "groups": "3"], ([2, 6, 8, 8], .nchw)),
    Case("conv", ["filters": "64", "kernel": "3", "groups": "2"], ([1, 32, 8, 8], .nchw)),
    Case(
      "conv",
      ["filters": "16", "kernel": "3", "groups": "depthwise", "padding": "1", "bias": "false"],
      ([2, 16, 8, 8], .nchw)),
    Case("conv", ["filters": "10", "kernel": "5", "padding": "same"], ([3, 4, 20], .ncw)),
    Case("conv", ["filters": "8", "kernel": "3"], ([1, 2, 6, 7, 8], .ncdhw)),
  ]

  static let products: [Case] = [
    Case("fc", ["units": "10"], ([1, 7], .nc)),
    Case("fc", ["units": "33", "bias": "false"], ([5, 64], .nc)),
    Case("fc", ["units": "48"], ([2, 8, 5, 5], .nchw)),
    Case("fc", ["units": "20"], ([4, 3, 17], .tnc)),
    Case("fc", ["units": "20"], ([3, 6, 9], .ncw)),
    Case("lstm", ["hidden": "16"], ([5, 1, 12], .tnc)),
    Case("lstm", ["hidden": "8", "direction": "bidirectional"], ([4, 2, 6], .tnc)),
    Case("lstm", ["hidden": "8", "direction": "bidirectional-sum"], ([3, 5, 6], .tnc)),
    Case("lstm", ["hidden": "8", "direction": "backward", "layers": "2"], ([3, 2, 8], .tnc)),
    Case("lstm", ["hidden": "32"], ([1, 2, 32], .tnc)),
    Case("lstm", ["hidden": "32"], ([3, 16, 32], .tnc)),
    Case("gru", ["hidden": "12"], ([4, 2, 7], .tnc)),
    Case("gru", ["hidden": "12", "linear-before-reset": "true"], ([4, 2, 7], .tnc)),
    Case(
      "gru", ["hidden": "6", "direction": "bidirectional", "layers": "2"], ([4, 2, 6], .tnc)),
    Case("rnn", ["hidden": "9", "activation": "tanh"], ([4, 3, 5], .tnc)),
    Case("rnn", ["hidden": "16", "activation": "relu"], ([4, 3, 5], .tnc)),
  ]

  static let windows: [Case] = [
    Case("pool", ["kernel": "2"], ([2, 5, 8, 8], .nchw)),
    Case("pool", ["kernel": "3", "stride": "2", "padding": "1"], ([1, 16, 9, 9], .nchw)),
    Case(
      "pool", ["kernel": "3", "stride": "2", "ceil": "true", "kind": "avg"],
      ([2, 3, 8, 8], .nchw)),
    Case(
      "pool", ["kernel": "3", "stride": "1", "padding": "1", "kind": "avg"], ([1, 4, 5, 5], .nchw)),
    Case(
      "pool",
      [
        "kernel": "3", "stride": "1", "padding": "1", "kind": "avg", "count-include-pad": "true",
      ], ([1, 4, 5, 5], .nchw)),
    Case("pool", ["kernel": "2"], ([2, 3, 9], .ncw)),
    Case("pool", ["kernel": "2"], ([1, 3, 4, 4, 4], .ncdhw)),
    Case("global-pool", ["kind": "avg"], ([2, 16, 7, 7], .nchw)),
    Case("global-pool", ["kind": "max"], ([5, 3, 6, 6], .nchw)),
  ]

  static let elementwise: [Case] = [
    Case("batch-norm", [:], ([2, 16, 5, 5], .nchw)),
    Case("batch-norm", ["epsilon": "0.001"], ([3, 7], .nc)),
    Case("batch-norm", [:], ([4, 2, 9], .tnc)),
    Case("batch-norm", [:], ([4, 3, 10], .ncw)),
    Case("softmax", [:], ([5, 10], .nc)),
    Case("softmax", ["axis": "1"], ([2, 6, 3, 3], .nchw)),
    Case("softmax", [:], ([4, 2, 29], .tnc)),
    Case("add", [:], ([2, 16, 4, 4], .nchw), ([2, 16, 4, 4], .nchw)),
    Case("mul", [:], ([2, 16, 4, 4], .nchw), ([2, 16, 1, 1], .nchw)),
    Case("sub", [:], ([3, 7], .nc), ([3, 7], .nc)),
    Case("max", [:], ([3, 7], .nc), ([3, 7], .nc), ([3, 7], .nc)),
    Case("min", [:], ([4, 2, 5], .tnc), ([4, 2, 5], .tnc)),
    Case("concat", [:], ([2, 16, 4, 4], .nchw), ([2, 8, 4, 4], .nchw)),
    Case("concat", ["axis": "2"], ([4, 2, 5], .tnc), ([4, 2, 3], .tnc)),
    Case("flatten", [:], ([2, 3, 4, 4], .nchw)),
    Case("inlay", ["kind": "copy"], ([2, 3, 4, 4], .nchw)),
    Case("inlay", ["kind": "reorder", "to": "nhwc"], ([2, 3, 4, 4], .nchw)),
    Case("inlay", ["kind": "reorder", "to": "nChw16c"], ([2, 20, 4, 4], .nchw)),
    Case("inlay", ["kind": "reorder", "to": "ntc"], ([5, 2, 4], .tnc)),
    Case("inlay", ["kind": "argmax"], ([3, 9], .nc)),
    Case("dropout", [:], ([3, 9], .nc)),
  ]

  @Test(arguments: convolutions + products + windows + elementwise)
  func agreesWithNaiveLoops(_ test: Case) throws {
    let types = try test.inputs.map { try TensorType(dims: $0.0, $0.1) }
    let graph = try Graph.single(test.element, test.attributes, on: types)
    try expectAgreement(graph.program())
  }

  @Test(arguments: [
    "relu", "leaky-relu", "relu6", "elu", "sigmoid", "hard-sigmoid", "tanh", "swish", "hard-swish",
    "gelu", "gelu-tanh", "mish", "exp", "abs", "square", "linear", "soft-plus", "log-sigmoid",
    "round",
  ])
  func activations(_ kind: String) throws {
    let type = try TensorType(dims: [3, 17], .nc)
    try expectAgreement(
      Graph.single("activation", ["kind": kind], on: [type]).program(), tolerance: 2e-4)
    // Behind a convolution, where it is a post-op.
    var net = try Net([2, 3, 6, 6], .nchw)
    try net.layer(
      "conv", .init("conv", ["filters": "8", "kernel": "3"]), .init("activation", ["kind": kind]))
    try expectAgreement(net.program(), tolerance: 2e-4)
  }
}
