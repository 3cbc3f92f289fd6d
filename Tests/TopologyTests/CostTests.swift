import TestSupport
import Testing
import Topology

/// Parameters, MACs and FLOP against hand arithmetic.
@Suite struct CostTests {
  @Test(arguments: [
    // AlexNet's first convolution: 64·3·11² + 64; 55²·64·3·11².
    (
      "conv", ["filters": "64", "kernel": "11", "stride": "4", "padding": "2"],
      "1x3x224x224 nchw", 23_296, 70_276_800
    ),
    // The grouped second one of the original: 256·48·5² + 256; 27²·256·48·5².
    (
      "conv", ["filters": "256", "kernel": "5", "padding": "2", "groups": "2"],
      "1x96x27x27 nchw", 307_456, 223_948_800
    ),
    // MobileNet's first depthwise one: 32·3²; 112²·32·3².
    (
      "conv",
      ["filters": "32", "kernel": "3", "padding": "1", "groups": "depthwise", "bias": "false"],
      "1x32x112x112 nchw", 288, 3_612_672
    ),
    // C3D's first one: 64·3·3³ + 64; 16·112²·64·3·3³.
    (
      "conv", ["filters": "64", "kernel": "3", "padding": "1"], "1x3x16x112x112 ncdhw", 5_248,
      1_040_449_536
    ),
    // 1-D: 8·4·3 + 8; 2·8·8·4·3.
    ("conv", ["filters": "8", "kernel": "3"], "2x4x10 ncw", 104, 1_536),
    // AlexNet's fc6: 4096·9216 + 4096.
    ("fc", ["units": "4096"], "1x256x6x6 nchw", 37_752_832, 37_748_736),
    // DeepSpeech's fc1 on 16 steps: 2048·494 + 2048; 16·2048·494.
    ("fc", ["units": "2048"], "16x1x494 tnc", 1_013_760, 16_187_392),
    ("fc", ["units": "10", "bias": "false"], "4x20 nc", 200, 800),
    // DeepSpeech's LSTM: 4·2048·4096 + 4·2048; 16·4·2048·4096.
    ("lstm", ["hidden": "2048"], "16x1x2048 tnc", 33_562_624, 536_870_912),
    // Two directions, then two more that read 2·H channels:
    // 2·(4·5·(3 + 5) + 4·5) + 2·(4·5·(10 + 5) + 4·5); 8·(2·160 + 2·300).
    (
      "lstm", ["hidden": "5", "layers": "2", "direction": "bidirectional"], "4x2x3 tnc", 1_000,
      7_360
    ),
    ("gru", ["hidden": "5"], "4x2x3 tnc", 135, 960),
    ("gru", ["hidden": "5", "linear-before-reset": "true"], "4x2x3 tnc", 140, 960),
    ("rnn", ["hidden": "5"], "4x2x3 tnc", 45, 320),
  ])
  func products(
    element: String, attributes: [String: String], input: String, parameters: Int, macs: Int
  ) throws {
    let cost = try Graph.single(element, attributes, on: [tensorType(input)]).cost
    #expect(cost.parameters == parameters)
    #expect(cost.weightElements == parameters)
    #expect(cost.macs == macs)
  }

  @Test(arguments: [
    ("batch-norm", [:], ["2x3x4x5 nchw"], 120),
    ("activation", ["kind": "hard-sigmoid"], ["2x3x4x5 nchw"], 120),
    ("softmax", [:], ["4x2x3 tnc"], 24),
    ("pool", ["kernel": "3", "stride": "2"], ["1x2x7x7 nchw"], 2 * 9 * 9),
    ("global-pool", [:], ["1x2x7x7 nchw"], 98),
    ("add", [:], ["2x3 nc", "2x3 nc", "3"], 12),
    ("mul", [:], ["3", "2x3 nc"], 6),
    ("concat", [:], ["2x3 nc", "2x3 nc"], 0),
    ("flatten", [:], ["2x3x4x5 nchw"], 0),
    ("reshape", ["shape": "-1"], ["2x3x4x5 nchw"], 0),
    ("dropout", [:], ["2x3 nc"], 0),
    ("inlay", ["kind": "copy"], ["2x3 nc"], 0),
    ("fc", ["units": "10"], ["4x20 nc"], 2 * 800),
    ("conv", ["filters": "8", "kernel": "3"], ["2x4x10 ncw"], 2 * 1_536),
    ("lstm", ["hidden": "5"], ["4x2x3 tnc"], 8 * (2 * 160 + 9 * 5)),
    (
      "gru", ["hidden": "5", "direction": "bidirectional-sum"], ["4x2x3 tnc"],
      8 * (2 * 2 * 120 + 2 * 8 * 5 + 5)
    ),
  ])
  func operations(
    element: String, attributes: [String: String], inputs: [String], flops: Int
  ) throws {
    let cost = try Graph.single(element, attributes, on: inputs.map(tensorType)).cost
    #expect(cost.flops == flops)
  }

  @Test func batchNormReadsMoreThanItTrains() throws {
    let cost = try Graph.single("batch-norm", on: [tensorType("2x3x4x5 nchw")]).cost
    #expect(cost.parameters == 6)
    #expect(cost.weightElements == 12)
    let sequence = try Graph.single("batch-norm", on: [tensorType("4x2x5 tnc")]).cost
    #expect(sequence.parameters == 10)
  }

  /// An LSTM cell of h inputs and h hidden channels costs 16·h² FLOP a step and sample.
  @Test(arguments: [64, 256, 2048], [1, 2, 8])
  func lstmSlope(hidden: Int, layers: Int) throws {
    func flops(_ layers: Int) throws -> Int {
      try Graph.single(
        "lstm", ["hidden": "\(hidden)", "layers": "\(layers)"],
        on: [TensorType(dims: [16, 2, hidden], .tnc)]
      ).cost.flops
    }
    let slope = try Double(flops(2 * layers) - flops(layers)) / Double(layers * 16 * 2)
    let expected = Double(16 * hidden * hidden)
    #expect(abs(slope / expected - 1) < 0.01)
  }

  /// DeepSpeech 0.9, one direction: 47.2 M parameters.
  @Test func deepSpeech() throws {
    var builder = GraphBuilder(name: "deepspeech")
    try builder.addInput(name: "features", type: tensorType("16x1x494 tnc"))
    for name in ["fc1", "fc2", "fc3"] { try builder.addDense(name, units: 2048) }
    try builder.addLayer(
      name: "lstm", primitives: [GraphBuilder.PrimitiveSpec("lstm", ["hidden": "2048"])])
    try builder.addDense("fc5", units: 2048)
    try builder.addLayer(
      name: "fc6",
      primitives: [
        GraphBuilder.PrimitiveSpec("fc", ["units": "29"]), GraphBuilder.PrimitiveSpec("softmax"),
      ])
    let graph = try builder.build()
    #expect(graph.cost.parameters == 47_224_861)
    #expect(graph.cost.macs == 16 * (494 * 2048 + 3 * 2048 * 2048 + 8 * 2048 * 2048 + 2048 * 29))
  }

  @Test func countsThatLeave64BitsAreErrors() throws {
    let error = try #require(throws: GraphError.self) {
      _ = try Graph.single(
        "conv", ["filters": "1024", "kernel": "32768", "padding": "same"],
        on: [TensorType(dims: [1, 1, 32768, 32768], .nchw)])
    }
    #expect(error.message.contains("does not fit 64 bits"))
  }
}

extension GraphBuilder {
  fileprivate mutating func addDense(_ name: String, units: Int) throws {
    try addLayer(
      name: name,
      primitives: [
        PrimitiveSpec("fc", ["units": "\(units)"]),
        PrimitiveSpec("activation", ["kind": "clipped-relu", "max": "20"]),
      ])
  }
}
