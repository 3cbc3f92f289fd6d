import Importers
import Model
import ONNX
import Testing
import Topology

/// Constants and arithmetic on shapes are gone before layers are made.
@Suite("Folding")
struct FoldingTests {
  /// Shape → Gather → Mul → Concat → Reshape, as PyTorch writes `view(n, c * h, -1)`.
  @Test("arithmetic on shapes becomes a reshape")
  func shapes() throws {
    var model = TestModel([("x", [2, 3, 4, 5])])
    model.node("Shape", ["x"], ["s"])
    for (index, name) in ["n", "c", "h"].enumerated() {
      model.integers("i\(index)", [index], dims: [])
      model.node("Gather", ["s", "i\(index)"], [name], ["axis": 0])
    }
    model.node("Mul", ["c", "h"], ["ch"])
    model.integers("zero", [0])
    model.node("Unsqueeze", ["n", "zero"], ["n1"])
    model.node("Unsqueeze", ["ch", "zero"], ["ch1"])
    model.integers("rest", [-1])
    model.node("Concat", ["n1", "ch1", "rest"], ["shape"], ["axis": 0])
    model.node("Reshape", ["x", "shape"], ["v"])
    model.node("Relu", ["v"])
    let graph = try model.imported().model.graph
    #expect(graph.layers.map { $0.primitives.map(\.element) } == [["reshape", "activation"]])
    #expect(graph.layers[0].outputType.dims == [2, 12, 5])
  }

  @Test("a fill of 400 MB stays a description")
  func fill() throws {
    var model = TestModel([("x", [1, 10000])])
    model.integers("shape", [10000, 10000])
    model.node("ConstantOfShape", ["shape"], ["w"])
    model.node("MatMul", ["x", "w"])
    let imported = try model.imported()
    #expect(imported.model.graph.cost.parameters == 100_000_000)
    #expect(imported.model.weights?.tensor("w")?.dims == nil)
    #expect(imported.model.weights?.keys == ["y.weight"])
  }

  @Test("a branch whose condition follows from a shape or a value is taken", arguments: [1.0, 0.0])
  func branches(value: Double) throws {
    func branch(_ type: String) -> ONNXGraph {
      var inner = TestModel([], outputs: ["inner"])
      inner.node(type, ["x"], ["inner"])
      return inner.graph
    }
    var model = TestModel([("x", [1, 4]), ("flag", [])])
    model.graph.input[1].type.tensorType.elemType = Int32(ONNXTensor.DataType.bool.rawValue)
    model.node(
      "If", ["flag"], ["y"], ["then_branch": branch("Relu"), "else_branch": branch("Neg")])
    var options = ImportOptions()
    options.values["flag"] = value
    #expect(
      try model.run([[-1, 2, -3, 4]], options) == [value == 1 ? [0, 2, 0, 4] : [1, -2, 3, -4]])
    #expect(throws: ImportError.self) { try model.imported() }
  }

  @Test("identities lead to one set of weights, which both layers share")
  func identities() throws {
    var model = TestModel([("x", [1, 4])])
    model.weight("w", [4, 4])
    model.node("Identity", ["w"], ["w1"])
    model.node("Identity", ["w1"], ["w2"])
    model.node("Gemm", ["x", "w"], ["a"], name: "one")
    model.node("Gemm", ["a", "w2"], ["y"], name: "two")
    let imported = try model.imported()
    #expect(imported.model.graph.cost.parameters == 16)
    #expect(imported.model.weights?.keys == ["one.weight"])
    #expect(imported.model.graph.layers[1].sharesWeights == 0)
  }

  @Test("integers keep their 64 bits: a slice to the end")
  func sliceToTheEnd() throws {
    var model = TestModel([("x", [1, 6])])
    model.integers("starts", [2])
    model.integers("ends", [Int.max])
    model.integers("axes", [1])
    model.node("Slice", ["x", "starts", "ends", "axes"])
    #expect(try model.run([[0, 1, 2, 3, 4, 5]]) == [[2, 3, 4, 5]])
  }

  @Test("quantised weights fold to fractions, a scale a channel")
  func quantizedWeights() throws {
    var model = TestModel([("x", [1, 2])])
    var weights = ONNXTensor()
    weights.name = "q"
    weights.dims = [2, 2]
    weights.dataType = Int32(ONNXTensor.DataType.int8.rawValue)
    weights.int32Data = [1, -2, 3, 4]
    model.graph.initializer.append(weights)
    model.weight("scales", [2], [0.5, 2])
    model.node("DequantizeLinear", ["q", "scales"], ["w"], ["axis": 0])
    model.node("Gemm", ["x", "w"], ["y"], ["transB": 1])
    #expect(try model.run([[1, 10]]) == [[0.5 - 10, 6 + 80]])
  }

  @Test("arithmetic that has no result is an error, no trap")
  func divisionByZero() throws {
    var model = TestModel([("x", [1, 4])])
    model.integers("a", [1])
    model.integers("b", [0])
    model.node("Div", ["a", "b"], ["s"])
    model.node("Reshape", ["x", "s"])
    #expect(throws: ImportError.self) { try model.imported() }
    model.graph.initializer[0] = TestModel.integers("a", [Int.min])
    model.graph.initializer[1] = TestModel.integers("b", [-1])
    #expect(throws: ImportError.self) { try model.imported() }
  }
}
