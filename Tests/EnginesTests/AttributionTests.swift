import Exporters
import FoundationEssentials
import Profiling
import TestSupport
import Testing
import Topology
import TopologyXML

@testable import Engines

/// Nodes of engines find their layers: graphs as engines gave them, stored in `Profiles`.
@Suite struct AttributionTests {
  /// An engine and a network whose profile is stored.
  struct Case: CustomTestStringConvertible {
    let engine: String
    let network: String
    var parameters: [String: Int] = [:]
    var testDescription: String { "\(engine) \(network)" }

    func profile() throws -> EngineProfile {
      let bytes = try RepositoryFiles.bytes(
        of: "Tests/EnginesTests/Profiles/\(engine)-\(network).json")
      return try JSONDecoder().decode(EngineProfile.self, from: Data(bytes))
    }

    func graph() throws -> Graph {
      let root = RepositoryFiles.root.path(percentEncoded: false)
      return try TopologyReader(options: .init(parameters: parameters))
        .read(file: "\(root)/topologies/\(network).xml").graph
    }

    func rows(
      _ change: (inout EngineProfile) -> Void = { _ in }
    ) throws -> (EngineRows, Graph, EngineProfile) {
      let graph = try graph()
      var profile = try profile()
      change(&profile)
      let table = try ONNXExport(
        graph, weights: SeededWeights(seed: 1), producer: ("test", "1")
      ).nodes
      let rows = EngineRows(
        profile, of: graph, table: table, selection: graph.layers.map { _ in true })
      return (rows, graph, profile)
    }
  }

  static let small = ["layers": 2, "hidden": 96, "words": 1000, "steps": 16]
  static let cases = ["onnxruntime", "openvino"].flatMap { engine in
    [
      Case(engine: engine, network: "mobilenet-v2"), Case(engine: engine, network: "deepspeech"),
      Case(engine: engine, network: "bert-base", parameters: small),
    ]
  }

  @Test("all of the time is a layer's", arguments: cases)
  func everythingIsAttributed(_ which: Case) throws {
    let (rows, _, profile) = try which.rows()
    #expect(profile.fault == nil)
    #expect(rows.strangers == [])
    #expect(rows.attributedShare == 1)
  }

  @Test("layers and the rest add up to the pass", arguments: cases)
  func closes(_ which: Case) throws {
    let (rows, graph, profile) = try which.rows()
    var record = Self.record(of: graph)
    rows.fill(&record, threads: 1)
    let layers = record.layers.compactMap { $0.time?.mean }.reduce(0, +)
    let rest = try #require(record.unattributed?.time.mean)
    let pass = try #require(record.timedPass?.time.mean)
    #expect((layers + rest - pass).magnitude < 1e-6 * pass)
    let nodes = record.layers.flatMap(\.primitives)
    #expect(nodes.count == profile.nodes.count)
    #expect(Set(nodes.compactMap(\.node)) == Set(profile.nodes.map(\.name)))
    for layer in record.layers {
      #expect((layer.time == nil) == (layer.untimed != nil))
      #expect((layer.untimed == .fused) == (layer.fusedInto != nil))
    }
  }

  @Test(
    "nodes and what lies between them are the pass, nodes of no layer too", arguments: cases)
  func nodesAndWhatLiesBetween(_ which: Case) throws {
    let (rows, graph, profile) = try which.rows { profile in
      let all = profile.nodes
      profile.stepNs = 1000
      profile.returnNs = profile.passesNs.map { $0 / 100 }
      // A quarter as long as all others together.
      profile.nodes.append(
        TimedNode(
          name: "stranger", op: "Copy",
          ns: profile.passesNs.indices.map { pass in all.reduce(0) { $0 + $1.ns[pass] } / 4 }))
    }
    #expect(profile.fault == nil && rows.strangers == ["stranger"])
    var record = Self.record(of: graph)
    rows.fill(&record, threads: 1)
    let rest = try #require(record.unattributed)
    let nodes = try #require(rest.nodes)
    let pass = try #require(record.timedPass?.time.mean)
    let layers = record.layers.compactMap { $0.time?.mean }.reduce(0, +)
    #expect((nodes.executedNs - 1.25 * layers).magnitude < 1e-6 * pass)
    #expect((nodes.attributedShare - 0.8).magnitude < 1e-9)
    #expect((nodes.executedNs + nodes.betweenNs - pass).magnitude < 1e-6 * pass)
    // The rest holds what lies between and the node that is no layer's.
    let foreign = nodes.executedNs * (1 - nodes.attributedShare)
    #expect((nodes.betweenNs + foreign - rest.time.mean).magnitude < 1e-6 * pass)
    #expect(nodes.cutNs == 500 * Double(profile.nodes.count))
    #expect((try #require(nodes.returnNs) - pass / 100).magnitude < 1e-6 * pass)
    let median = try #require(rows.executedNs)
    let sums = profile.passesNs.indices.map { pass in
      profile.nodes.reduce(0) { $0 + $1.ns[pass] }
    }
    #expect(median == Percentiles.median(of: sums))
  }

  @Test("returns of other passes than there are, and clocks of no step, are refused")
  func faultyReturns() throws {
    let (_, _, profile) = try Self.cases[0].rows()
    var changed = profile
    changed.returnNs = Array(repeating: 1, count: profile.passesNs.count)
    #expect(changed.fault == nil)
    changed.returnNs?.append(1)
    #expect(changed.fault?.contains("returns") == true)
    changed.returnNs = profile.passesNs.map { _ in -1 }
    #expect(changed.fault?.contains("negative") == true)
    changed = profile
    changed.stepNs = -1
    #expect(changed.fault?.contains("negative") == true)
  }

  @Test("a network whose layers hold their activations has none without a time", arguments: cases)
  func noneVanishes(_ which: Case) throws {
    let (rows, _, _) = try which.rows()
    #expect(rows.fusedInto.isEmpty)
  }

  @Test func nodesWithoutNamesBelongToWhatNeedsThem() throws {
    let (rows, graph, _) = try Case(engine: "openvino", network: "deepspeech").rows()
    var record = Self.record(of: graph)
    rows.fill(&record, threads: 1)
    let lstm = try #require(record.layers.first { $0.name == "bilstm" })
    #expect(lstm.primitives.count { $0.kind == "LSTMSequence" } == 2)
    #expect(lstm.share == nil)
  }

  @Test func whatIsFusedStandsInTheCostliestNode() throws {
    let (rows, graph, _) = try Case(engine: "onnxruntime", network: "mobilenet-v2").rows()
    var record = Self.record(of: graph)
    rows.fill(&record, threads: 1)
    let first = try #require(record.layers.first)
    let node = try #require(first.primitives.first { $0.kind == "Conv" })
    #expect(node.implementation == "mlas:nchwc")
    #expect(node.postOps == ["BatchNormalization", "Clip"])
    #expect(record.layers.flatMap(\.primitives).contains { $0.kind == "reorder" })
  }

  // MARK: Graphs made for one rule

  /// `conv` and `relu` as layers of their own, then a product.
  private let table = [
    ExportedNode(
      name: "conv", op: "Conv", inputs: ["x", "w"], outputs: ["conv"], layer: 0, primitive: 0),
    ExportedNode(
      name: "relu", op: "Relu", inputs: ["conv"], outputs: ["relu"], layer: 1, primitive: 0),
    ExportedNode(
      name: "fc", op: "Gemm", inputs: ["relu", "v"], outputs: ["fc"], layer: 2, primitive: 0),
  ]

  @Test func aNodeOfSeveralLayersBelongsToItsMainOperation() {
    let graph = [
      EngineNode(name: "relu_nchwc", op: "Conv", outputs: ["r"]),
      EngineNode(name: "fc", op: "Gemm", inputs: [0], outputs: ["fc"]),
    ]
    let found = Attribution(of: graph, table: table)
    #expect(found.owners == [0, 2])
    #expect(found.rules == [.value, .name])
    #expect(found.covered == [1: 0])
  }

  @Test func theWayUpEndsAtWhatAnotherNodeComputes() {
    let graph = [
      EngineNode(name: "conv", op: "Conv", outputs: ["conv"]),
      EngineNode(name: "relu", op: "Relu", inputs: [0], outputs: ["relu"]),
      EngineNode(name: "fc", op: "Gemm", inputs: [1], outputs: ["fc"]),
    ]
    let found = Attribution(of: graph, table: table)
    #expect(found.owners == [0, 1, 2])
    #expect(found.covered.isEmpty)
  }

  @Test func originsCountWhereTheNodeHasAnotherName() {
    let graph = [
      EngineNode(name: "Multiply_7", op: "Convolution", origin: ["Multiply_7", "relu", "conv"])
    ]
    let found = Attribution(of: graph, table: table)
    #expect(found.owners == [0])
    #expect(found.rules == [.origin])
    #expect(found.covered == [1: 0])
  }

  @Test func aReorderBelongsToItsReaderAndTheLastToItsSource() {
    let graph = [
      EngineNode(name: "ReorderInput", op: "ReorderInput", outputs: ["a"]),
      EngineNode(name: "conv", op: "Conv", inputs: [0], outputs: ["conv"]),
      EngineNode(name: "ReorderOutput", op: "ReorderOutput", inputs: [1], outputs: ["b"]),
      EngineNode(name: "alone", op: "Copy"),
    ]
    let found = Attribution(of: graph, table: table)
    #expect(found.owners == [0, 0, 0, nil])
    #expect(found.rules == [.consumer, .name, .producer, .none])
  }

  @Test(
    "names without what optimisers add",
    arguments: [
      ("a_nchwc", ["a"]), ("a_token_12", ["a"]), ("a_new_reshape_token_3", ["a_new_reshape", "a"]),
      ("fc/MatMul/MatMulAddFusion", ["fc/MatMul"]),
      ("x_11/MatmulTransposeFusion//MatMulScaleFusion/", nil), ("plain", []), ("_token_x", []),
    ] as [(String, [String]?)])
  func strippedNames(_ name: String, _ expected: [String]?) {
    let found = EngineNames.stripped(name)
    if let expected { #expect(found == expected) } else { #expect(found.last == "x_11") }
  }

  static func record(of graph: Graph) -> RunRecord {
    let rows = graph.layers.map { layer in
      LayerRecord(
        index: layer.index, name: layer.name, line: nil, kind: layer.kind, segments: [],
        precision: "f32", inputShapes: [], outputShape: Dims(layer.outputType.shape.dims),
        parameters: layer.cost.parameters, macs: layer.cost.macs, flops: layer.cost.flops,
        bytes: Bytes(weights: 4, input: 4, output: 4), arithmeticIntensity: 1)
    }
    return RunRecord(
      created: "2026-01-01T00:00:00Z", tool: Tool(name: "test", version: "1"), command: [],
      topology: TopologyInfo(name: graph.name, source: "", sha256: "", parameters: [:]),
      options: RunOptions(batch: 1, threads: 1, seed: 1), machine: SampleRecords.machine(),
      totals: Totals(layers: rows.count, parameters: 0, macs: 0, flops: 0, bytes: 0), layers: rows,
      segments: graph.segments.map { segment in
        SegmentRecord(name: segment.name, layers: segment.layers.map { graph.layers[$0].name })
      })
  }
}
