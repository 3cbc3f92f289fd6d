import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// Rows that are looked up by what layers make of an input are rows that exist, and many of them.
@Suite("Index inputs")
struct IndexInputTests {
  /// What stands between an input and a look-up: element, attributes, and operands besides.
  struct Step: Sendable, CustomTestStringConvertible {
    let element: String
    let attributes: [String: String]
    let with: [String]

    init(_ element: String, _ attributes: [String: String] = [:], with: [String] = []) {
      self.element = element
      self.attributes = attributes
      self.with = with
    }

    var testDescription: String { "\(element) \(attributes)" }
  }

  static let movements: [[Step]] = [
    [],
    [Step("split", ["axis": "1", "parts": "4", "index": "3"])],
    [Step("slice", ["starts": "1", "ends": "30", "axes": "1", "steps": "2"])],
    [Step("transpose", ["perm": "1,0"])],
    [Step("reshape", ["shape": "4x50"])],
    [Step("unsqueeze", ["axes": "0"])],
    [Step("pad", ["pads": "0,1,0,2"])],
    [Step("pad", ["pads": "0,1,0,2", "mode": "reflect"])],
    [Step("concat", ["axis": "1"], with: ["@input"])],
    [Step("activation", ["kind": "relu"])],
    [Step("activation", ["kind": "linear", "alpha": "3", "beta": "-2"])],
    [Step("activation", ["kind": "abs"])],
    [Step("reduce", ["kind": "max", "axes": "0"])],
    [Step("add", with: ["other"])], [Step("sub", with: ["other"])],
    [Step("mul", with: ["other"])], [Step("max", with: ["other"])],
    [Step("min", with: ["row"])], [Step("add", with: ["row"])],
    [Step("roll", ["shifts": "7,-30", "axes": "0,1"])],
    [Step("expand", ["shape": "3x2x100"])],
    [Step("top-k", ["k": "40"])],
    [Step("reshape", ["shape": "1x8x5x5"]), Step("depth-to-space", ["block": "2"])],
    [
      Step("reshape", ["shape": "1x2x10x10"]), Step("space-to-depth", ["block": "5"]),
      Step("roll", ["shifts": "1", "axes": "1"]),
    ],
    [
      Step("split", ["axis": "0", "parts": "2"]), Step("transpose", ["perm": "1,0"]),
      Step("pad", ["pads": "1,0,0,0"]), Step("add", with: ["column"]),
    ],
  ]

  /// The program, and the value that looks rows up.
  private func program(_ steps: [Step], rows: Int) throws -> (program: Program, indices: ValueID) {
    var net = try Net([2, 100], .nc)
    for (name, dims) in [("other", [2, 100]), ("row", [1, 100]), ("column", [101, 1])] {
      try net.builder.addInput(name: name, type: TensorType(dims: dims, .nc))
    }
    let primitives = try steps.map {
      try GraphBuilder.PrimitiveSpec($0.element, $0.attributes, with: $0.with)
    }
    try net.builder.addLayer(
      name: "look", inputs: ["data"],
      primitives: primitives + [.init("embedding", ["rows": "\(rows)", "dim": "4"])])
    let program = try net.program()
    let last = try #require(
      program.instructions.last { if case .embedding = $0.operation { true } else { false } })
    return (program, last.inputs[0])
  }

  @Test("behind any movement and whole-number arithmetic", arguments: movements)
  func movement(_ steps: [Step]) throws {
    let rows = 60
    let (program, indices) = try program(steps, rows: rows)
    let values = reference(program)[indices]
    #expect(values.allSatisfy { $0 == $0.rounded() && (0..<Float(rows)).contains($0) })
    #expect(Set(values).count > 5, "\(Set(values).sorted())")
    try expectAgreement(program)
  }

  @Test("parts of one input may look up tables of different sizes, and the rest is data")
  func parts() throws {
    var net = try Net([8, 30], .nc)
    for (part, rows) in [4, 1000].enumerated() {
      try net.layer(
        "table\(rows)", from: ["data"],
        .init("split", ["axis": "1", "parts": "3", "index": "\(part)"]),
        .init("embedding", ["rows": "\(rows)", "dim": "2"]))
    }
    try net.layer(
      "dense", from: ["data"], .init("split", ["axis": "1", "parts": "3", "index": "2"]),
      .init("fc", ["units": "3"]))
    let input = SeededWeights(seed: 3).input(0, of: try net.program())
    var columns: [[Float]] = [[], [], []]
    for (place, value) in input.enumerated() { columns[place % 30 / 10].append(value) }
    #expect(Set(columns[0]) == [0, 1, 2, 3])
    #expect(columns[1].contains { $0 > 500 } && columns[1].allSatisfy { $0 == $0.rounded() })
    #expect(columns[2].allSatisfy { abs($0) <= 1 && $0 != $0.rounded() })
  }

  @Test("rows of a gathered table of indices, and positions of the largest")
  func gathered() throws {
    var net = try Net([40], .other)
    try net.builder.addInput(name: "which", type: TensorType(dims: [9], .other))
    try net.layer(
      "look", from: ["data", "which"], .init("gather"),
      .init("embedding", ["rows": "7", "dim": "2"]))
    let program = try net.program()
    let inputs = (0..<2).map { SeededWeights(seed: 1).input($0, of: program) }
    #expect(Set(inputs[0]) == Set((0..<7).map { Float($0) }))
    #expect(inputs[1].allSatisfy { $0 == $0.rounded() && (0..<40).contains($0) })
    var largest = try Net([5, 6], .nc)
    try largest.layer(
      "look", .init("fc", ["units": "12"]), .init("inlay", ["kind": "argmax"]),
      .init("embedding", ["rows": "12", "dim": "2"]))
    _ = try largest.program()
    var best = try Net([5, 6], .nc)
    try best.layer(
      "look", .init("fc", ["units": "12"]), .init("top-k", ["k": "3", "output": "indices"]),
      .init("one-hot", ["depth": "12"]))
    _ = try best.program()
  }

  @Test(
    "what cannot be told to be an index is an error that names the layer",
    arguments: [
      [Step("fc", ["units": "5"])], [Step("activation", ["kind": "tanh"])],
      [Step("div", with: ["other"])], [Step("reduce", ["kind": "mean", "axes": "0"])],
      [Step("pad", ["pads": "0,1,0,2", "value": "-1"])],
      [Step("pad", ["pads": "0,1,0,2", "value": "60"])],
      [Step("activation", ["kind": "linear", "alpha": "0.5"])],
      [Step("inlay", ["kind": "ctc-greedy"])],
    ])
  func refused(_ steps: [Step]) throws {
    do {
      _ = try program(steps, rows: 60)
      Issue.record("\(steps) was accepted")
    } catch let error as GraphError {
      #expect(error.layer == "look", "\(error)")
    } catch is ShapeError {}
  }

  @Test("one number cannot be two indices that have none in common")
  func contradiction() throws {
    var net = try Net([8], .other)
    try net.layer("a", from: ["data"], .init("embedding", ["rows": "10", "dim": "2"]))
    try net.layer(
      "b", from: ["data"], .init("activation", ["kind": "linear", "alpha": "1", "beta": "-20"]),
      .init("embedding", ["rows": "10", "dim": "2"]))
    #expect(throws: GraphError.self) { _ = try net.program() }
  }

  @Test(
    "indices keep their precision whatever the network computes in",
    arguments: [Precision.bf16, .int8])
  func precision(_ precision: Precision) throws {
    guard OneDNNEngine().obstacle(to: precision) == nil else { return }
    var net = try Net([1, 26], .nc)
    try net.layer(
      "look", .init("split", ["axis": "1", "parts": "26", "index": "3"]),
      .init("embedding", ["rows": "10000", "dim": "64"]))
    try net.layer("fc", .init("fc", ["units": "8"]))
    let program = try net.program()
    let plan = try Plan(program, options: PlanOptions(precision: precision))
    #expect(try #require(try plan.cosineSimilarity()) > 0.98)
  }
}
