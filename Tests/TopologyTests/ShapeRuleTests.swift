import TestSupport
import Testing
import Topology

/// Shape rules of the layer kinds.
@Suite struct ShapeRuleTests {
  /// An element with its attributes, what it reads, and what it makes.
  struct Case: Sendable, CustomTestStringConvertible {
    var element: String
    var attributes: [String: String]
    var inputs: [String]
    var output: String

    init(
      _ element: String, _ attributes: [String: String] = [:], on inputs: String..., gives: String
    ) {
      self.element = element
      self.attributes = attributes
      self.inputs = inputs
      output = gives
    }

    var testDescription: String { "\(element) \(attributes) \(inputs)" }
  }

  @Test(arguments: convolutions + pools + products + joins + views + inlays)
  func outputType(_ testCase: Case) throws {
    let inputs = try testCase.inputs.map(tensorType)
    let graph = try Graph.single(testCase.element, testCase.attributes, on: inputs)
    #expect(graph.layers[0].outputType.description == testCase.output)
    let program = try graph.program()
    #expect(program.values[program.outputs[0]].description == testCase.output)
  }

  static let convolutions = [
    conv(["kernel": "3"], "1x3x7x9 nchw", "1x8x5x7 nchw"),
    conv(["kernel": "3x5"], "1x3x7x9 nchw", "1x8x5x5 nchw"),
    conv(["kernel": "3", "padding": "valid"], "1x3x7x9 nchw", "1x8x5x7 nchw"),
    conv(["kernel": "3", "padding": "1"], "1x3x7x9 nchw", "1x8x7x9 nchw"),
    conv(["kernel": "3", "padding": "1x2"], "1x3x7x9 nchw", "1x8x7x11 nchw"),
    conv(["kernel": "3", "padding": "0,1,2,3"], "1x3x7x9 nchw", "1x8x7x11 nchw"),
    conv(["kernel": "3", "padding": "same"], "1x3x7x9 nchw", "1x8x7x9 nchw"),
    conv(
      ["kernel": "7", "padding": "same", "stride": "2"], "1x3x224x225 nchw", "1x8x112x113 nchw"),
    conv(["kernel": "1", "padding": "same", "stride": "3"], "1x3x7x9 nchw", "1x8x3x3 nchw"),
    conv(["kernel": "3", "stride": "2x3"], "1x3x7x9 nchw", "1x8x3x3 nchw"),
    conv(["kernel": "3", "dilation": "2"], "1x3x7x9 nchw", "1x8x3x5 nchw"),
    conv(["kernel": "3", "dilation": "2x1", "padding": "same"], "1x3x7x9 nchw", "1x8x7x9 nchw"),
    conv(["kernel": "11", "stride": "4", "padding": "2"], "1x3x224x224 nchw", "1x8x55x55 nchw"),
    conv(["kernel": "3", "groups": "depthwise"], "2x4x5x5 nchw", "2x8x3x3 nchw"),
    conv(["kernel": "3", "groups": "2"], "2x4x5x5 nchw", "2x8x3x3 nchw"),
    conv(["kernel": "3"], "2x4x10 ncw", "2x8x8 ncw"),
    conv(["kernel": "3", "padding": "2,1"], "2x4x10 ncw", "2x8x11 ncw"),
    conv(["kernel": "3", "padding": "1"], "1x3x16x12x10 ncdhw", "1x8x16x12x10 ncdhw"),
    conv(["kernel": "3", "padding": "0,0,0,1,2,3"], "1x3x6x6x6 ncdhw", "1x8x5x6x7 ncdhw"),
  ]

  static let pools = [
    pool(["kernel": "2"], "1x3x7x9 nchw", "1x3x3x4 nchw"),
    pool(["kernel": "2", "ceil": "true"], "1x3x7x9 nchw", "1x3x4x5 nchw"),
    pool(["kernel": "3", "stride": "2", "padding": "1"], "1x3x112x112 nchw", "1x3x56x56 nchw"),
    pool(["kernel": "3", "stride": "2", "ceil": "true"], "1x3x112x112 nchw", "1x3x56x56 nchw"),
    // The third window would start at cell 6, in the end padding.
    pool(
      ["kernel": "3", "padding": "1", "ceil": "true"], "1x1x5x5 nchw", "1x1x2x2 nchw"),
    pool(["kernel": "3", "stride": "2", "padding": "same"], "1x3x7 ncw", "1x3x4 ncw"),
    pool(["kernel": "1x2x2", "kind": "avg"], "1x3x4x6x8 ncdhw", "1x3x4x3x4 ncdhw"),
    Case("global-pool", on: "2x3x7x9 nchw", gives: "2x3x1x1 nchw"),
    Case("global-pool", ["kind": "max"], on: "2x3x7 ncw", gives: "2x3x1 ncw"),
  ]

  static let products = [
    Case("fc", ["units": "10"], on: "2x3x7x9 nchw", gives: "2x10 nc"),
    Case("fc", ["units": "10"], on: "2x3 nc", gives: "2x10 nc"),
    Case("fc", ["units": "10"], on: "16x2x494 tnc", gives: "16x2x10 tnc"),
    Case("lstm", ["hidden": "5"], on: "4x2x3 tnc", gives: "4x2x5 tnc"),
    Case(
      "lstm", ["hidden": "5", "direction": "bidirectional", "layers": "3"], on: "4x2x3 tnc",
      gives: "4x2x10 tnc"),
    Case(
      "gru", ["hidden": "5", "direction": "bidirectional-sum", "layers": "2"], on: "4x2x3 tnc",
      gives: "4x2x5 tnc"),
    Case("rnn", ["hidden": "5", "direction": "backward"], on: "4x2x3 tnc", gives: "4x2x5 tnc"),
    Case("batch-norm", on: "2x3x7x9 nchw", gives: "2x3x7x9 nchw"),
    Case("softmax", ["axis": "-2"], on: "4x2x3 tnc", gives: "4x2x3 tnc"),
    Case("activation", ["kind": "relu"], on: "4x2x3", gives: "4x2x3"),
  ]

  static let joins = [
    Case("add", on: "2x3x4x5 nchw", "2x3x4x5 nchw", gives: "2x3x4x5 nchw"),
    Case("mul", on: "2x3x4x5 nchw", "2x3x1x1 nchw", gives: "2x3x4x5 nchw"),
    Case("mul", on: "2x3x1x1 nchw", "2x3x4x5 nchw", gives: "2x3x4x5 nchw"),
    Case("sub", on: "4x2x3 tnc", "3", gives: "4x2x3 tnc"),
    Case("max", on: "5", "2x5 nc", "2x1 nc", gives: "2x5 nc"),
    Case("concat", on: "2x3x4x5 nchw", "2x1x4x5 nchw", "2x2x4x5 nchw", gives: "2x6x4x5 nchw"),
    Case("concat", ["axis": "-1"], on: "4x2x3 tnc", "4x2x5 tnc", gives: "4x2x8 tnc"),
  ]

  static let views = [
    Case("flatten", on: "2x3x4x5 nchw", gives: "2x60 nc"),
    Case("flatten", ["axis": "2"], on: "4x2x3 tnc", gives: "8x3"),
    Case("flatten", ["axis": "-1"], on: "2x3x4x5 nchw", gives: "24x5"),
    Case("reshape", ["shape": "0x-1"], on: "2x3x4x5 nchw", gives: "2x60 nc"),
    Case("reshape", ["shape": "0x0x20"], on: "2x3x4x5 nchw", gives: "2x3x20"),
    Case("reshape", ["shape": "0x0x-1", "layout": "ncw"], on: "2x3x4x5 nchw", gives: "2x3x20 ncw"),
    Case("reshape", ["shape": "4x3x2"], on: "3x2x4 tnc", gives: "4x3x2 tnc"),
    Case("dropout", ["rate": "0.1"], on: "2x3 nc", gives: "2x3 nc"),
  ]

  static let inlays = [
    Case("inlay", ["kind": "mfcc"], on: "2x16000 nc", gives: "49x2x494 tnc"),
    Case(
      "inlay",
      ["kind": "mfcc", "window": "25", "step": "10", "coefficients": "13", "context": "0"],
      on: "1x16000 nc", gives: "98x1x13 tnc"),
    Case("inlay", ["kind": "ctc-beam-search", "width": "8"], on: "16x2x29 tnc", gives: "2x16 nc"),
    Case("inlay", ["kind": "ctc-greedy"], on: "16x2x29 tnc", gives: "2x16 nc"),
    Case("inlay", ["kind": "copy"], on: "2x3x4x5 nchw", gives: "2x3x4x5 nchw"),
    Case("inlay", ["kind": "reorder", "to": "nhwc"], on: "2x3x4x5 nchw", gives: "2x3x4x5 nchw"),
    Case("inlay", ["kind": "argmax"], on: "2x1000 nc", gives: "2"),
  ]

  private static func conv(_ attributes: [String: String], _ input: String, _ output: String)
    -> Case
  {
    Case("conv", attributes.merging(["filters": "8"]) { $1 }, on: input, gives: output)
  }

  private static func pool(_ attributes: [String: String], _ input: String, _ output: String)
    -> Case
  {
    Case("pool", attributes, on: input, gives: output)
  }
}

/// Reads a type as ``TensorType`` describes itself, such as `1x3x4x4 nchw`.
func tensorType(_ text: String) throws -> TensorType {
  let parts = text.split(separator: " ")
  return try TensorType(
    dims: parts[0].split(separator: "x").compactMap { Int($0) },
    parts.count > 1 ? try #require(Layout(rawValue: String(parts[1]))) : .other)
}
