import FoundationEssentials
import Model
import TestSupport
import Testing
import Topology
import TopologyXML

/// What constants are called, and that each slot of a network gets its own.
@Suite struct WeightTableTests {
  private func graph(_ body: String, input: String = "1x4x8x8") throws -> Graph {
    let text = """
      <topology name="t" version="1">
      <input name="x" shape="\(input)"/>
      \(body)
      </topology>
      """
    return try TopologyReader().read(bytes: Array(text.utf8), file: "t.xml").graph
  }

  private func keys(_ graph: Graph) throws -> [String] {
    try WeightTable(graph).entries.map { "\($0.key) \($0.dims)" }
  }

  @Test func severalPrimitivesWithWeightsAreNumberedAmongAll() throws {
    let graph = try graph(
      """
      <layer name="a.b"><conv filters="4" kernel="1"/><activation kind="relu"/><batch-norm/></layer>
      <layer name="c"><activation kind="relu"/><conv filters="2" kernel="1" bias="false"/></layer>
      """)
    #expect(
      try keys(graph) == [
        "a.b.0.weight [4, 4, 1, 1]", "a.b.0.bias [4]", "a.b.2.weight [4]", "a.b.2.bias [4]",
        "a.b.2.running_mean [4]", "a.b.2.running_var [4]", "c.weight [2, 4, 1, 1]",
      ])
  }

  @Test func namesOfEveryKind() throws {
    let image = try graph(
      """
      <layer name="group"><group-norm groups="2"/></layer>
      <layer name="instance"><instance-norm/></layer>
      <layer name="slope"><prelu/></layer>
      <layer name="one"><prelu shared="true"/></layer>
      <layer name="rows"><layer-norm axis="2"/></layer>
      <layer name="squares"><rms-norm/></layer>
      """)
    #expect(
      try keys(image) == [
        "group.weight [4]", "group.bias [4]", "instance.weight [4]", "instance.bias [4]",
        "slope.weight [4]", "one.weight [1]", "rows.weight [8, 8]", "rows.bias [8, 8]",
        "squares.weight [8]",
      ])
    let words = try graph(
      "<layer name=\"words\"><embedding rows=\"10\" dim=\"8\"/></layer>", input: "1x6")
    #expect(try keys(words) == ["words.weight [10, 8]"])
    let attention = try Graph.single(
      "attention", ["heads": "4", "bias": "false"], on: [type("6x1x8 tnc")])
    #expect(
      try keys(attention) == ["layer.in_proj_weight [24, 8]", "layer.out_proj.weight [8, 8]"])
  }

  @Test func attentionOfFewerKeysHasMatricesOfItsOwn() throws {
    let graph = try Graph.single(
      "attention", ["heads": "4", "kv-heads": "2"], on: [type("6x1x8 tnc")])
    #expect(
      try keys(graph) == [
        "layer.q_proj_weight [8, 8]", "layer.k_proj_weight [4, 8]", "layer.v_proj_weight [4, 8]",
        "layer.in_proj_bias [16]", "layer.out_proj.weight [8, 8]", "layer.out_proj.bias [8]",
      ])
    let windows = try Graph.single(
      "attention", ["heads": "2", "relative-bias": "2"], on: [type("4x3x8 tnc")])
    #expect(
      try keys(windows) == [
        "layer.relative_position_bias_table [9, 2]", "layer.in_proj_weight [24, 8]",
        "layer.in_proj_bias [24]", "layer.out_proj.weight [8, 8]", "layer.out_proj.bias [8]",
      ])
  }

  @Test func constantsAreCalledByTheirNames() throws {
    let graph = try graph(
      """
      <constant name="table" shape="1x4x1x1"/>
      <constant name="rule" shape="1x4x1x1" value="2"/>
      <layer name="a"><mul with="table rule"/></layer>
      """)
    #expect(try keys(graph) == ["table [1, 4, 1, 1]"])
  }

  @Test func aKeyThatTwoConstantsHaveIsAnError() throws {
    let graph = try graph(
      """
      <constant name="a.weight" shape="1x4x1x1"/>
      <layer name="a"><conv filters="4" kernel="1"/><add with="a.weight"/></layer>
      """)
    #expect(throws: GraphError.self) { try WeightTable(graph) }
  }

  @Test func sharedWeightsAreOneConstantWithOtherNames() throws {
    let graph = try graph(
      """
      <layer name="a"><conv filters="4" kernel="1"/></layer>
      <layer name="b" weights="a"><conv filters="4" kernel="1"/></layer>
      """)
    let entries = try WeightTable(graph).entries
    #expect(entries.map(\.key.description) == ["a.weight", "a.bias"])
    #expect(entries.map { $0.aliases.map(\.description) } == [["b.weight"], ["b.bias"]])
    // A file that has the constant under the other name only, as savers of tied tensors leave it.
    var tensors = TensorCollection(name: "tied")
    tensors.add("b.weight", KeyedTensor(numbers(16, 1), dims: [4, 4, 1, 1]))
    tensors.add("a.bias", KeyedTensor(numbers(4, 2), dims: [4]))
    let weights = try ModelWeights(graph, source: tensors)
    let program = try graph.program()
    for instruction in 0...1 {
      let slot = program.instructions[instruction].weights[0]
      #expect(
        weights.values(instruction: instruction, slot: slot, index: 0) == numbers(16, 1))
    }
    tensors.add("a.weight", KeyedTensor(numbers(16, 3), dims: [4, 4, 1, 1]))
    let error = try #require(throws: WeightsError.self) {
      try ModelWeights(graph, source: tensors)
    }
    #expect(error.problems == ["a.weight and b.weight differ, but layers share them"])
  }

  /// Every bundled network: its seeded constants under their keys are its seeded constants.
  @Test(arguments: try RepositoryFiles.names(in: "topologies").filter { $0.hasSuffix(".xml") })
  func keysOfABundledNetworkHoldAllItsConstants(_ file: String) throws {
    let path = RepositoryFiles.root.appending(path: "topologies/\(file)").path
    let graph = try TopologyReader().read(file: path).graph
    let table = try WeightTable(graph)
    let program = try graph.program()
    var learned = Set<WeightOwner>()
    for (index, instruction) in program.instructions.enumerated() {
      for (place, slot) in instruction.weights.enumerated() where slot.pattern == nil {
        learned.insert(slot.owner ?? WeightOwner(instruction: index, index: place))
      }
    }
    #expect(Set(table.entries.flatMap(\.slots)) == learned)
    #expect(Set(table.entries.map(\.key.description)).count == table.entries.count)
  }
}
