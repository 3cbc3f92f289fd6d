import TestSupport
import Testing
import Topology

/// Shape rules of the layer kinds.
@Suite struct ShapeTests {
  /// An element with attributes, what it reads, and what it makes.
  struct Case: CustomTestStringConvertible {
    var element: String
    var attributes: [String: String]
    var inputs: [TensorType]
    var output: String

    init(_ element: String, _ attributes: [String: String], _ inputs: [String], _ output: String)
      throws
    {
      self.element = element
      self.attributes = attributes
      self.inputs = try inputs.map(tensorType)
      self.output = output
    }

    var testDescription: String { "\(element) \(attributes) \(inputs)" }
  }

  @Test(arguments: try convolutions + pools + others)
  func outputShape(_ testCase: Case) throws {
    let graph = try Graph.single(testCase.element, testCase.attributes, on: testCase.inputs)
    #expect(graph.layers[0].outputType.description == testCase.output)
    let program = try graph.program()
    #expect(program.values[program.outputs[0]].description == testCase.output)
  }

  static var convolutions: [Case] {
    get throws {
      [
        try Case("conv", ["filters": "8", "kernel": "3"], ["1x3x7x9 nchw"], "1x8x5x7 nchw")
      ]
    }
  }

  static var pools: [Case] { get throws { [] } }
  static var others: [Case] { get throws { [] } }
}

/// Reads a type as ``TensorType`` describes itself, such as `1x3x4x4 nchw`.
func tensorType(_ text: String) throws -> TensorType {
  let parts = text.split(separator: " ")
  return try TensorType(
    dims: parts[0].split(separator: "x").compactMap { Int($0) },
    parts.count > 1 ? try #require(Layout(rawValue: String(parts[1]))) : .other)
}
