import TestSupport
import Testing
import Topology

/// What kinds lower to, and the values of small cases worked out by hand.
@Suite struct LoweringTests {
  private func run(
    _ element: String, _ attributes: [String: String] = [:], on types: [String],
    _ inputs: [[Float]], weights: [WeightRole: [Float]] = [:]
  ) throws -> [Float] {
    let program = try Graph.single(element, attributes, on: types.map(tensorType)).program()
    let values = ReferenceInterpreter.run(program, inputs: inputs) { _, slot in
      weights[slot.role] ?? []
    }
    return values[program.outputs[0]]
  }

  private func operation(
    _ element: String, _ attributes: [String: String], on type: String
  ) throws -> Topology.Operation {
    try Graph.single(element, attributes, on: [tensorType(type)]).program().instructions[0]
      .operation
  }

  @Test func samePaddingPutsTheOddCellAtTheEnd() throws {
    let attributes = ["filters": "1", "kernel": "2x4", "padding": "same"]
    guard case .convolution(let conv) = try operation("conv", attributes, on: "1x1x5x5 nchw")
    else { return #expect(Bool(false)) }
    #expect(conv.paddingBegin == [0, 1])
    #expect(conv.paddingEnd == [1, 2])
  }

  @Test func ceilWidensTheEndPadding() throws {
    let attributes = ["kernel": "3", "stride": "2", "ceil": "true"]
    guard case .pooling(let pooling) = try operation("pool", attributes, on: "1x1x6x7 nchw")
    else { return #expect(Bool(false)) }
    #expect(pooling.paddingBegin == [0, 0])
    #expect(pooling.paddingEnd == [1, 0])
  }

  @Test func convolutionWeights() throws {
    func dims(_ groups: String) throws -> [[Int]] {
      let attributes = ["filters": "8", "kernel": "3x5", "groups": groups]
      return try Graph.single("conv", attributes, on: [tensorType("1x4x9x9 nchw")]).program()
        .instructions[0].weights.map(\.dims)
    }
    #expect(try dims("1") == [[8, 4, 3, 5], [8]])
    #expect(try dims("2") == [[2, 4, 2, 3, 5], [8]])
    #expect(try dims("depthwise") == [[4, 2, 1, 3, 5], [8]])
  }

  @Test func stackedLayersFeedOnWhatTheirDirectionGives() throws {
    let attributes = ["hidden": "5", "layers": "2", "direction": "bidirectional"]
    let program = try Graph.single("lstm", attributes, on: [tensorType("4x2x3 tnc")]).program()
    #expect(program.instructions.map(\.inputs) == [[0], [1]])
    let weights = program.instructions.map { $0.weights.map(\.dims) }
    #expect(weights[0] == [[1, 2, 3, 4, 5], [1, 2, 5, 4, 5], [1, 2, 4, 5]])
    #expect(weights[1] == [[1, 2, 10, 4, 5], [1, 2, 5, 4, 5], [1, 2, 4, 5]])
  }

  @Test func convolutionByHand() throws {
    // Two taps two cells apart, one zero before: 0·2 + 2, 1·2 + 3, 2·2 + 4, and a bias of 10.
    let result = try run(
      "conv", ["filters": "1", "kernel": "2", "dilation": "2", "padding": "1,0"],
      on: ["1x1x4 ncw"], [[1, 2, 3, 4]], weights: [.weights: [2, 1], .bias: [10]])
    #expect(result == [12, 15, 18])
  }

  @Test func depthwiseByHand() throws {
    let result = try run(
      "conv", ["filters": "4", "kernel": "1", "groups": "depthwise", "bias": "false"],
      on: ["1x2x2 ncw"], [[1, 2, 3, 4]], weights: [.weights: [1, 10, 1, 10]])
    #expect(result == [1, 2, 10, 20, 3, 4, 30, 40])
  }

  @Test(arguments: [
    (["kernel": "2", "stride": "1", "padding": "1"], [1, 2, 3, 3] as [Float]),
    (["kernel": "2", "ceil": "true"], [2, 3]),
    (["kind": "avg", "kernel": "2", "stride": "1", "padding": "1"], [1, 1.5, 2.5, 3]),
    (
      ["kind": "avg", "kernel": "2", "stride": "1", "padding": "1", "count-include-pad": "true"],
      [0.5, 1.5, 2.5, 1.5]
    ),
  ])
  func poolingByHand(attributes: [String: String], expected: [Float]) throws {
    #expect(try run("pool", attributes, on: ["1x1x3 ncw"], [[1, 2, 3]]) == expected)
  }

  @Test(
    arguments: [
      ("relu", [:], [0, 0, 4]),
      ("leaky-relu", [:], [-0.02, 0, 4]),
      ("clipped-relu", ["max": "3"], [0, 0, 3]),
      ("relu6", [:], [0, 0, 4]),
      ("hard-sigmoid", [:], [0.1, 0.5, 1]),
      ("hard-swish", [:], [-1.0 / 3, 0, 4]),
      ("linear", ["alpha": "2", "beta": "1"], [-3, 1, 9]),
      ("clip", ["alpha": "-1", "beta": "1"], [-1, 0, 1]),
      ("pow", ["alpha": "2", "beta": "3"], [-16, 0, 128]),
      ("square", [:], [4, 0, 16]),
      ("abs", [:], [2, 0, 4]),
      ("sigmoid", [:], [0.1192029, 0.5, 0.9820138]),
      ("tanh", [:], [-0.9640276, 0, 0.9993293]),
      ("elu", [:], [-0.8646647, 0, 4]),
      ("swish", [:], [-0.2384058, 0, 3.928055]),
      ("gelu", [:], [-0.0455003, 0, 3.999873]),
      ("gelu-tanh", [:], [-0.0454023, 0, 3.999930]),
      ("mish", [:], [-0.2525015, 0, 3.997413]),
      ("exp", [:], [0.1353353, 1, 54.59815]),
      ("soft-plus", [:], [0.1269280, 0.6931472, 4.018150]),
      ("log-sigmoid", [:], [-2.126928, -0.6931472, -0.01814993]),
      ("round", [:], [-2, 0, 4]),
    ] as [(String, [String: String], [Float])])
  func activations(kind: String, attributes: [String: String], expected: [Float]) throws {
    let result = try run(
      "activation", attributes.merging(["kind": kind]) { $1 }, on: ["1x3 nc"], [[-2, 0, 4]])
    for (value, wanted) in zip(result, expected) { #expect(abs(value - wanted) < 2e-6) }
  }

  @Test func squareRootAndLogarithm() throws {
    let sqrt = try run("activation", ["kind": "sqrt"], on: ["1x2 nc"], [[4, 9]])
    #expect(sqrt == [2, 3])
    let log = try run("activation", ["kind": "log"], on: ["1x2 nc"], [[1, 7.389056]])
    #expect(log[0] == 0 && abs(log[1] - 2) < 1e-6)
  }

  @Test(arguments: [
    ("add", [11, 12, 13, 24, 25, 26] as [Float]),
    ("sub", [-9, -8, -7, -16, -15, -14]),
    ("mul", [10, 20, 30, 80, 100, 120]),
    ("div", [0.1, 0.2, 0.3, 0.2, 0.25, 0.3]),
    ("max", [10, 10, 10, 20, 20, 20]),
    ("min", [1, 2, 3, 4, 5, 6]),
  ])
  func broadcasting(element: String, expected: [Float]) throws {
    let result = try run(
      element, on: ["2x3 nc", "2x1 nc"], [[1, 2, 3, 4, 5, 6], [10, 20]])
    #expect(result == expected)
  }

  @Test func smallerOperandsFirstAndOfLowerRank() throws {
    let result = try run(
      "add", on: ["3", "1x2x3 tnc", "2x1"], [[1, 2, 3], [10, 20, 30, 40, 50, 60], [100, 200]])
    #expect(result == [111, 122, 133, 241, 252, 263])
  }

  @Test func concatAlongTheChannels() throws {
    let result = try run(
      "concat", on: ["2x1x2 ncw", "2x2x2 ncw"], [[1, 2, 3, 4], [5, 6, 7, 8, 9, 10, 11, 12]])
    #expect(result == [1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12])
  }

  @Test func batchNormByHand() throws {
    let result = try run(
      "batch-norm", ["epsilon": "0"], on: ["1x2x2 ncw"], [[1, 2, 3, 4]],
      weights: [.scale: [2, 3], .shift: [10, 20], .mean: [1, 2], .variance: [4, 9]])
    #expect(result == [10, 11, 21, 22])
  }

  @Test func fullyConnectedOnSequences() throws {
    let result = try run(
      "fc", ["units": "1"], on: ["2x1x2 tnc"], [[1, 2, 3, 4]],
      weights: [.weights: [10, 1], .bias: [0.5]])
    #expect(result == [12.5, 34.5])
  }

  @Test func fullyConnectedOnDimsOfNoMeaning() throws {
    let program = try Graph.single("fc", ["units": "7"], on: [tensorType("2x3x4x5x6x7")]).program()
    #expect(program.values.map(\.description) == ["2x3x4x5x6x7", "2x2520 nc", "2x7 nc"])
    #expect(program.instructions[1].weights.map(\.dims) == [[7, 2520], [7]])
  }

  /// With state weights of zero and x = ln 3, a sigmoid gate is 3/4 and tanh is 4/5.
  @Test func recurrentCellsByHand() throws {
    let x = [Float(1.0986123)]
    func cell(_ element: String, _ gates: Int, _ attributes: [String: String] = [:]) throws
      -> Float
    {
      let biases = attributes["linear-before-reset"] == nil ? gates : gates + 1
      return try run(
        element, attributes.merging(["hidden": "1"]) { $1 }, on: ["1x1x1 tnc"], [x],
        weights: [
          .weights: Array(repeating: 1, count: gates),
          .weightsIteration: Array(repeating: 0, count: gates),
          .bias: Array(repeating: 0, count: biases),
        ])[0]
    }
    // o · tanh(i · c̃) = 3/4 · tanh(3/4 · 4/5)
    #expect(try abs(cell("lstm", 4) - 0.75 * 0.5370496) < 1e-6)
    // (1 − u) · o = 1/4 · 4/5
    #expect(try abs(cell("gru", 3) - 0.2) < 1e-6)
    #expect(try abs(cell("gru", 3, ["linear-before-reset": "true"]) - 0.2) < 1e-6)
    #expect(try abs(cell("rnn", 1) - 0.8) < 1e-6)
    #expect(try abs(cell("rnn", 1, ["activation": "sigmoid"]) - 0.75) < 1e-6)
    #expect(try abs(cell("rnn", 1, ["activation": "relu"]) - 1.0986123) < 1e-6)
  }

  /// A relu cell of unit weights sums its inputs so far.
  @Test(arguments: [
    ("forward", [1, 3, 6] as [Float]),
    ("backward", [6, 5, 3]),
    ("bidirectional", [1, 6, 3, 5, 6, 3]),
    ("bidirectional-sum", [7, 8, 9]),
  ])
  func directions(direction: String, expected: [Float]) throws {
    let count = direction.hasPrefix("bi") ? 2 : 1
    let result = try run(
      "rnn", ["hidden": "1", "activation": "relu", "direction": direction], on: ["3x1x1 tnc"],
      [[1, 2, 3]],
      weights: [
        .weights: Array(repeating: 1, count: count),
        .weightsIteration: Array(repeating: 1, count: count),
        .bias: Array(repeating: 0, count: count),
      ])
    #expect(result == expected)
  }

  @Test func argmaxTakesTheFirstOfEquals() throws {
    let result = try run(
      "inlay", ["kind": "argmax"], on: ["2x3 nc"], [[1, 5, 5, 7, -1, 2]])
    #expect(result == [1, 0])
  }
}
