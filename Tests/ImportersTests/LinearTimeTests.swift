import Foundation
import Importers
import ONNX
import TestSupport
import Testing
import Topology
import TopologyXML

/// Reading and writing take time in proportion to the nodes.
///
/// Twice the nodes may take three times the CPU time of the thread, four times the nodes nine times: a step
/// that looks at all nodes for each of them takes sixteen. The best of several is compared, for time is
/// only ever added.
@Suite("Linear time", .serialized) struct LinearTimeTests {
  static let counts = [2_000, 4_000, 8_000]

  /// Fewer for what only stands in another order or bears other names.
  private func counts(_ isFull: Bool) -> [Int] { Self.counts.map { isFull ? $0 : $0 / 2 } }

  /// The least time of a few, as long as a ratio of them is too large.
  private func expectLinear(_ name: String, _ work: [() throws -> Void]) throws {
    var least = [Double](repeating: .infinity, count: work.count)
    for _ in 0..<4 {
      for (place, body) in work.enumerated() {
        let begin = ThreadTime.now()
        try body()
        least[place] = min(least[place], ThreadTime.now() - begin)
      }
      if least[1] < 3 * least[0], least[2] < 9 * least[0] { break }
    }
    #expect(least[1] < 3 * least[0] && least[2] < 9 * least[0], "\(name): \(least) ns")
  }

  /// A model of so many nodes.
  private func model(_ kind: String, nodes count: Int) throws -> [UInt8] {
    var model = TestModel([("x", [1, 3, 4, 4])])
    model.weight("w", [3, 3, 1, 1])
    for index in 0..<count / 2 {
      let source = index == 0 ? "x" : "v\(index)"
      let name = kind == "one name" ? "node" : ""
      model.node("Conv", [source, "w"], ["c\(index)"], name: name)
      model.node(
        "Add", [source, "c\(index)"], [index == count / 2 - 1 ? "y" : "v\(index + 1)"], name: name)
    }
    if kind == "backwards" { model.graph.node.reverse() }
    return try model.bytes()
  }

  @Test("an ONNX model is read", arguments: ["in order", "one name", "backwards"])
  func models(kind: String) throws {
    let files = try counts(kind == "in order").map { try model(kind, nodes: $0) }
    try expectLinear(
      kind,
      files.map { bytes in
        { try Files.withFile(bytes) { file in _ = try ModelImport.onnx(file) } }
      })
  }

  /// A chain of so many layers, numbered in a way.
  private func chain(_ kind: String, layers count: Int) throws -> Graph {
    var builder = GraphBuilder(name: "chain")
    try builder.addInput(name: "x", type: TensorType(dims: [1, 8, 2, 2], .nchw))
    for index in 0..<count {
      // No two distances between neighbours are alike where they are scattered.
      let number = kind == "scattered" ? index * index : index
      try builder.addLayer(
        name: "l\(number)",
        primitives: [
          .init(
            "conv",
            [
              "filters": "8", "kernel": kind == "unlike" && index % 3 == 0 ? "2" : "1",
              "padding": "same",
            ]),
          .init("activation", ["kind": "relu"]),
        ])
    }
    return try builder.build()
  }

  @Test("a topology is written and read", arguments: ["counted", "scattered", "unlike"])
  func topologies(kind: String) throws {
    let graphs = try counts(kind == "counted").map { try chain(kind, layers: $0 / 2) }
    var texts = [String](repeating: "", count: graphs.count)
    for marked in [false, true] {
      try expectLinear(
        "\(kind), written",
        graphs.indices.map { place in
          {
            texts[place] = try TopologyWriter(comment: [], marksRepeats: marked).write(
              graphs[place])
          }
        })
    }
    try expectLinear(
      "\(kind), read",
      texts.map { text in
        { _ = try TopologyReader().read(bytes: Array(text.utf8), file: "chain.xml") }
      })
    #expect(
      try TopologyReader().read(bytes: Array(texts[0].utf8), file: "chain.xml").graph.layers.count
        == graphs[0].layers.count)
  }
}
