import Foundation
import Importers
import Model
import ONNX
import Testing
import Topology

/// Operators become layers that a person would write.
@Suite("Operators to layers")
struct TranslationTests {
  @Test("a residual block is two layers, the second with normalisation, addition and activation")
  func residual() throws {
    var model = TestModel([("x", [1, 4, 8, 8])])
    for name in ["w1", "w2"] { model.weight(name, [4, 4, 3, 3]) }
    for name in ["s", "b", "m"] { model.weight(name, [4]) }
    model.weight("v", [4], [1, 1, 1, 1])
    model.node("Conv", ["x", "w1"], ["c1"], name: "conv1", ["pads": [1, 1, 1, 1]])
    model.node("Relu", ["c1"], ["r1"], name: "relu1")
    model.node("Conv", ["r1", "w2"], ["c2"], name: "conv2", ["pads": [1, 1, 1, 1]])
    model.node("BatchNormalization", ["c2", "s", "b", "m", "v"], ["n2"], name: "bn2")
    model.node("Add", ["x", "n2"], ["a"], name: "add")
    model.node("Relu", ["a"], ["y"], name: "relu2")
    let imported = try model.imported()
    let graph = imported.model.graph
    #expect(graph.layers.map(\.name) == ["conv1", "conv2"])
    #expect(
      graph.layers.map { $0.primitives.map(\.element) } == [
        ["conv", "activation"], ["conv", "batch-norm", "add", "activation"],
      ])
    #expect(
      imported.model.weights?.keys == [
        "conv1.weight", "conv2.0.weight", "conv2.1.weight", "conv2.1.bias",
        "conv2.1.running_mean", "conv2.1.running_var",
      ])
    #expect(imported.outputs == [.init(name: "y", graphName: "conv2")])
  }

  @Test("a bias that is added becomes the product's own, by channel or by unit")
  func biases() throws {
    var model = TestModel([("x", [1, 2, 4, 4])])
    model.weight("w", [3, 2, 1, 1])
    model.weight("b", [1, 3, 1, 1], [1, 2, 3])
    model.node("Conv", ["x", "w"], ["c"], name: "conv")
    model.node("Add", ["c", "b"], ["y"])
    #expect(try model.imported().model.weights?.keys == ["conv.weight", "conv.bias"])
    var product = TestModel([("x", [2, 3, 4])])
    product.weight("w", [4, 5])
    product.weight("b", [5])
    product.node("MatMul", ["x", "w"], ["m"], name: "fc")
    product.node("Add", ["b", "m"], ["y"])
    #expect(try product.elements() == [["fc"]])
    #expect(try product.imported().model.graph.cost.parameters == 25)
  }

  @Test("nodes without names are named by what they make; names that cannot be are mended")
  func names() throws {
    var model = TestModel([("in put", [1, 4])])
    model.node("Softmax", ["in put"], ["a,b"])
    model.node("LogSoftmax", ["a,b"], ["y"], name: "@odd..name")
    let graph = try model.imported().model.graph
    #expect(graph.inputs[0].name == "in_put")
    #expect(graph.layers.map(\.name) == ["a_b", "_odd._name"])
  }

  @Test("names that two nodes have are told apart")
  func duplicateNames() throws {
    var model = TestModel([("x", [1, 4])])
    model.node("Softmax", ["x"], ["a"], name: "x")
    model.node("LogSoftmax", ["a"], ["y"], name: "x")
    #expect(try model.imported().model.graph.layers.map(\.name) == ["x_2", "x_3"])
  }

  @Test(
    "what is written out by hand is one activation",
    arguments: [
      "gelu", "gelu-tanh", "hard-swish", "hard-swish 2", "swish", "mish", "log-sigmoid",
      "hard-sigmoid",
    ])
  func patterns(name: String) throws {
    var model = TestModel([("x", [1, 8])])
    model.weight("two", [], [2])
    model.weight("three", [], [3])
    model.weight("half", [], [0.5])
    model.weight("one", [], [1])
    model.weight("six", [], [6])
    model.weight("zero", [], [0])
    let kind = name.split(separator: " ")[0]
    switch name {
    case "gelu":
      model.weight("root", [], [Float(2).squareRoot()])
      model.node("Div", ["x", "root"], ["a"])
      model.node("Erf", ["a"], ["b"])
      model.node("Add", ["b", "one"], ["c"])
      model.node("Mul", ["x", "c"], ["d"])
      model.node("Mul", ["d", "half"])
    case "gelu-tanh":
      model.weight("f", [], [0.044715])
      model.weight("g", [], [Float((2 / Double.pi).squareRoot())])
      model.node("Pow", ["x", "three"], ["a"])
      model.node("Mul", ["f", "a"], ["b"])
      model.node("Add", ["x", "b"], ["c"])
      model.node("Mul", ["c", "g"], ["d"])
      model.node("Tanh", ["d"], ["e"])
      model.node("Add", ["one", "e"], ["h"])
      model.node("Mul", ["half", "x"], ["i"])
      model.node("Mul", ["i", "h"])
    case "hard-swish":
      model.node("Add", ["x", "three"], ["a"])
      model.node("Clip", ["a", "zero", "six"], ["b"])
      model.node("Mul", ["x", "b"], ["c"])
      model.node("Div", ["c", "six"])
    case "hard-swish 2":
      model.node("HardSigmoid", ["x"], ["a"], ["alpha": 1.0 / 6, "beta": 0.5])
      model.node("Mul", ["a", "x"])
    case "swish":
      model.node("Sigmoid", ["x"], ["a"])
      model.node("Mul", ["x", "a"])
    case "mish":
      model.node("Softplus", ["x"], ["a"])
      model.node("Tanh", ["a"], ["b"])
      model.node("Mul", ["x", "b"])
    case "log-sigmoid":
      model.node("Neg", ["x"], ["a"])
      model.node("Softplus", ["a"], ["b"])
      model.node("Neg", ["b"])
    default:
      model.node("Add", ["x", "three"], ["a"])
      model.node("Clip", ["a", "zero", "six"], ["b"])
      model.node("Div", ["b", "six"])
    }
    let graph = try model.imported().model.graph
    #expect(graph.layers.count == 1 && graph.layers[0].primitives.count == 1)
    let wanted = try LayerKindText.activation(String(kind))
    #expect("\(graph.layers[0].primitives[0].kind)".prefix(60) == wanted.prefix(60))
  }

  @Test("a layer normalisation written out by hand is one, with its weights")
  func layerNormalization() throws {
    var model = TestModel([("x", [2, 3, 4])])
    model.weight("g", [4], [1, 2, 3, 4])
    model.weight("b", [4], [0.1, 0.2, 0.3, 0.4])
    model.weight("e", [], [1e-6])
    model.weight("two", [], [2])
    model.node("ReduceMean", ["x"], ["m"], ["axes": [-1]])
    model.node("Sub", ["x", "m"], ["d"])
    model.node("Pow", ["d", "two"], ["q"])
    model.node("ReduceMean", ["q"], ["v"], ["axes": [-1]])
    model.node("Add", ["v", "e"], ["ve"])
    model.node("Sqrt", ["ve"], ["r"])
    model.node("Div", ["d", "r"], ["n"])
    model.node("Mul", ["n", "g"], ["s"])
    model.node("Add", ["s", "b"], ["y"], name: "norm")
    #expect(try model.elements() == [["layer-norm"]])
    #expect(try model.imported().model.weights?.keys == ["norm.weight", "norm.bias"])
    let given = try model.run([(0..<24).map { Float($0 * $0 % 11) }])[0]
    let row: [Float] = [0, 1, 4, 9]
    let mean: Float = 3.5
    let deviation = (row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4).squareRoot()
    for place in 0..<4 {
      let wanted =
        (row[place] - mean) / deviation * Float(place + 1) + Float(place + 1) / 10
      #expect(abs(given[place] - wanted) < 1e-4)
    }
  }

  @Test("before version 13 a softmax is over everything from its axis on")
  func oldSoftmax() throws {
    var model = TestModel([("x", [1, 2, 2])], opset: 11)
    model.node("Softmax", ["x"])
    let given = try model.run([[0, 0, 0, 0]])[0]
    #expect(given == [0.25, 0.25, 0.25, 0.25])
    model.opset = 13
    #expect(try model.run([[0, 0, 0, 0]])[0] == [0.5, 0.5, 0.5, 0.5])
  }

  @Test("weights that are inputs of the network are weights, random where nobody gives them")
  func weightsAsInputs() throws {
    var model = TestModel([("x", [1, 1, 4, 4]), ("w", [2, 1, 3, 3])])
    model.node("Conv", ["x", "w"], ["y"], name: "conv")
    let imported = try model.imported()
    #expect(imported.inputs.map(\.name) == ["x"])
    #expect(imported.unknownWeights == ["conv.weight"])
    #expect(imported.model.weights == nil)
    var options = ImportOptions()
    options.offered["w"] = ConstantTensor(dims: [2, 1, 3, 3], elementType: .f32, fill: 1)
    let given = try model.run([[Float](repeating: 1, count: 16)], options)
    #expect(given == [[Float](repeating: 9, count: 8)])
  }

  @Test("last states leave the network under the model's names")
  func states() throws {
    var model = TestModel([("x", [3, 1, 2])], outputs: ["h", "c"])
    model.weight("w", [1, 8, 2])
    model.weight("r", [1, 8, 2])
    model.node("LSTM", ["x", "w", "r"], ["", "h", "c"], name: "lstm", ["hidden_size": 2])
    let imported = try model.imported()
    #expect(
      imported.outputs == [
        .init(name: "h", graphName: "lstm.h"), .init(name: "c", graphName: "lstm.c"),
      ])
    #expect(try Runner.run(imported, nil).map(\.count) == [2, 2])
  }

  @Test("a resize that no resample equals picks its cells")
  func resize() throws {
    var model = TestModel([("x", [1, 1, 1, 4])])
    model.weight("scales", [4], [1, 1, 1, 2])
    model.node(
      "Resize", ["x", "", "scales"], ["y"],
      [
        "mode": "nearest", "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
      ])
    #expect(try model.elements() == [["resample"]])
    #expect(try model.run([[1, 2, 3, 4]]) == [[1, 1, 2, 2, 3, 3, 4, 4]])
    // Rounded up, a cell's right half is the next one's: a resample has no such rule.
    model.graph.node[0].attribute.removeAll { $0.name == "nearest_mode" }
    model.graph.node[0].attribute[0].s = Data("asymmetric".utf8)
    var rule = ONNXAttribute()
    rule.name = "nearest_mode"
    rule.type = .string
    rule.s = Data("ceil".utf8)
    model.graph.node[0].attribute.append(rule)
    #expect(try model.elements() == [["gather"]])
    #expect(try model.run([[1, 2, 3, 4]]) == [[1, 2, 2, 3, 3, 4, 4, 4]])
  }

  @Test(
    "what is quantised while it runs is a product with the weights' steps, its rounding left out")
  func dynamicQuantization() throws {
    var model = TestModel([("x", [2, 3])], opset: 13)
    var weights = ONNXTensor()
    weights.name = "w"
    weights.dims = [3, 2]
    weights.dataType = Int32(ONNXTensor.DataType.int8.rawValue)
    weights.rawData = Data([1, 2, 3, 4, 5, 0xff])
    model.graph.initializer.append(weights)
    var zeros = weights
    zeros.name = "z"
    zeros.dims = [2]
    zeros.rawData = Data([1, 0])
    model.graph.initializer.append(zeros)
    model.weight("s", [2], [0.5, 0.25])
    model.node("DynamicQuantizeLinear", ["x"], ["q", "sx", "zx"])
    model.node("MatMulInteger", ["q", "w", "zx", "z"], ["i"], name: "fc")
    model.node("Cast", ["i"], ["f"], ["to": 1])
    model.node("Mul", ["sx", "s"], ["sw"])
    model.node("Mul", ["f", "sw"])
    #expect(try model.elements().first == ["fc"])
    // Columns (0, 2, 4)/2 and (2, 4, -1)/4.
    #expect(try model.run([[1, 1, 1, 0, 1, 2]])[0] == [3, 1.25, 5, 0.5])
    var leaving = TestModel([("x", [2, 3])], outputs: ["q"], opset: 13)
    leaving.node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"])
    #expect(throws: ImportError.self) { _ = try leaving.imported() }
  }
}

/// What an element's kind prints as, to compare kinds by.
enum LayerKindText {
  static func activation(_ kind: String) throws -> String {
    let numbers =
      kind == "hard-sigmoid" ? ["alpha": String(describing: Float(1.0 / 6)), "beta": "0.5"] : [:]
    let attributes = Attributes(
      element: "activation", ["kind": kind].merging(numbers) { first, _ in first })
    let reader = try #require(LayerKinds.standard["activation"])
    return "\(try reader.init(attributes))"
  }
}
