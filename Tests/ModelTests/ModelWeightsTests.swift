import Model
import TestSupport
import Testing
import Topology

@Suite struct ModelWeightsTests {
  private func network() throws -> Graph {
    var builder = GraphBuilder(name: "net")
    try builder.addInput(name: "x", type: type("1x2x4x4 nchw"))
    try builder.addLayer(
      name: "a", primitives: [.init("conv", ["filters": "3", "kernel": "1"])])
    try builder.addLayer(name: "b", primitives: [.init("batch-norm")])
    return try builder.build()
  }

  private func problems(_ tensors: TensorCollection) throws -> [String] {
    try #require(throws: WeightsError.self) { try ModelWeights(network(), source: tensors) }
      .problems
  }

  @Test func everythingThatDoesNotFitIsSaidAtOnce() throws {
    var tensors = TensorCollection(name: "w")
    tensors.add("a.weight", KeyedTensor(numbers(6, 1), dims: [2, 3, 1, 1]))
    tensors.add("a.bias", KeyedTensor([1, .nan, 3], dims: [3]))
    tensors.add("b.weight", KeyedTensor([1, 2, 3], dims: [3]))
    tensors.add("b.num_batches_tracked", KeyedTensor([7], dims: []))
    tensors.add("c.weight", KeyedTensor([7], dims: [1]))
    #expect(
      try problems(tensors) == [
        "b.bias (3) is missing", "b.running_mean (3) is missing", "b.running_var (3) is missing",
        "a.weight is 2x3x1x1 where the network has 3x2x1x1", "a.bias holds NaN at [1]",
        "c.weight is left over: the network has no such constant",
      ])
  }

  @Test func whatIsMissingIsSeededWhereThatIsAsked() throws {
    var tensors = TensorCollection(name: "w")
    tensors.add("a.bias", KeyedTensor([1, .infinity, 3], dims: [3]))
    let weights = try ModelWeights(network(), source: tensors, missing: .seeded(4))
    #expect(weights.found == 1)
    #expect(weights.seeded.count == 5)
    let slots = try network().program().instructions[0].weights
    #expect(weights.values(instruction: 0, slot: slots[1], index: 1) == [1, .infinity, 3])
    #expect(
      weights.values(instruction: 0, slot: slots[0], index: 0)
        == SeededWeights(seed: 4).values(instruction: 0, slot: slots[0], index: 0))
  }

  @Test func leftOverKeysAreLetBeWhereThatIsAsked() throws {
    var tensors = try randomTensors(network())
    tensors.add("c.weight", KeyedTensor([7], dims: [1]))
    #expect(throws: WeightsError.self) { try ModelWeights(network(), source: tensors) }
    #expect(try ModelWeights(network(), source: tensors, ignoresLeftOver: true).seeded.isEmpty)
  }

  @Test func onesBeforeTheDimsOfANormalisationDoNotCount() throws {
    let graph = try Graph.single("layer-norm", [:], on: [type("2x1x4 tnc")])
    var tensors = TensorCollection(name: "w")
    tensors.add("layer.weight", KeyedTensor(numbers(4, 1), dims: [1, 4]))
    tensors.add("layer.bias", KeyedTensor(numbers(4, 2), dims: [4]))
    #expect(try ModelWeights(graph, source: tensors).found == 2)
  }
}
