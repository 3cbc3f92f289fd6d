import FoundationEssentials
import TestSupport
import Testing
import TopologyXML
import TortureTargets

@testable import Topology

/// Random networks of everything: the generator knows it all, some of what it draws is run, and what
/// fails is made smaller.
@Suite("Random networks") struct TortureTests {
  private static let networks = (0..<900 as Range<UInt64>).map {
    NetworkGenerator.network(seed: $0)
  }

  private static let primitives = networks.flatMap(\.layers).flatMap(\.primitives)

  /// A kind that the generator does not know fails here: add it to its rules.
  @Test func everyElementIsDrawn() {
    #expect(Set(NetworkGenerator.rules.keys) == Set(LayerKinds.standard.elements.map(\.name)))
    let drawn = Set(Self.primitives.map(\.element))
    #expect(Set(LayerKinds.standard.elements.map(\.name)).subtracting(drawn) == [])
  }

  /// And so does an attribute of one.
  @Test func everyAttributeIsDrawn() {
    var drawn: [String: Set<String>] = [:]
    for primitive in Self.primitives {
      drawn[primitive.element, default: []].formUnion(primitive.attributes.keys)
    }
    for schema in LayerKinds.standard.elements {
      let known = Set(schema.required + schema.optional)
      #expect(known.subtracting(drawn[schema.name] ?? []) == [], "attributes of <\(schema.name)>")
    }
  }

  @Test func everyChoiceIsDrawn() {
    func values(_ element: String, _ attribute: String) -> Set<String> {
      Set(Self.primitives.filter { $0.element == element }.compactMap { $0.attributes[attribute] })
    }
    #expect(values("activation", "kind") == Set(Activation.Function.allCases.map(\.rawValue)))
    #expect(values("inlay", "kind") == Set(Inlay.kinds.map { $0.name }))
    #expect(values("reduce", "kind") == Set(ReductionKind.allCases.map(\.rawValue)))
    let constants = Set(Self.networks.flatMap(\.constants).compactMap { $0.attributes["kind"] })
    let implied: Set = ["random", "fill", "list"]
    #expect(constants == Set(ConstantSchema.Kind.allCases.map(\.rawValue)).subtracting(implied))
    #expect(Self.networks.contains { $0.outputs != nil })
    #expect(Self.networks.flatMap(\.layers).contains { $0.weights != nil })
    #expect(
      Self.networks.flatMap(\.layers).flatMap(\.primitives).flatMap(\.with).contains("@input"))
    #expect(Self.networks.flatMap(\.layers).flatMap(\.inputs).contains { $0.hasSuffix(".h") })
  }

  @Test func everyNetworkIsValidAndTheSameForItsSeed() throws {
    for (seed, network) in Self.networks.enumerated().prefix(300) {
      _ = try network.graph().program()
      if seed < 20 { #expect(NetworkGenerator.network(seed: UInt64(seed)) == network) }
    }
  }

  @Test(arguments: 0..<50)
  func agreesWithNaiveLoops(number: Int) {
    let outcome = Examiner().examine(TortureCase.drawn(UInt64(number), seed: 1))
    #expect(outcome.failure == nil, "ntprof-torture --case \(number) 1")
  }

  /// Cases that once failed.
  @Test(arguments: (try? RepositoryFiles.names(in: "Tests/TortureTests/Found")) ?? [])
  func staysMended(name: String) throws {
    let bytes = try RepositoryFiles.bytes(of: "Tests/TortureTests/Found/\(name)")
    let found = try JSONDecoder().decode(TortureCase.self, from: Data(bytes))
    // What the language no longer takes would be no test.
    _ = try found.network.graph()
    let outcome = Examiner().examine(found)
    #expect(outcome.failure == nil)
  }

  /// A fault that shows wherever a convolution reads 5 channels or more.
  @Test func whatFailsIsMadeSmaller() throws {
    func fails(_ drawn: TortureCase) -> Bool {
      guard let graph = try? drawn.network.graph() else { return false }
      guard !drawn.settings.isEmpty else { return false }
      return graph.layers.flatMap(\.primitives).contains {
        $0.element == "conv" && $0.inputTypes[0].dims[1] >= 5
      }
    }
    var smallest = try #require(
      (0..<2000 as Range<UInt64>).lazy.map { TortureCase.drawn($0, seed: 3) }.first {
        fails($0) && $0.network.layers.count > 4
      })
    var steps = 0
    while let simpler = Shrinker.simpler(than: smallest).first(where: fails), steps < 500 {
      smallest = simpler
      steps += 1
    }
    #expect(smallest.network.layers.count == 1)
    #expect(smallest.network.layers[0].primitives.map(\.element) == ["conv"])
    #expect(smallest.network.inputs.count == 1)
    let dims = smallest.network.inputs[0].dims
    #expect(dims[1] == 5 && dims.reduce(1, *) == 5)
    let attributes = smallest.network.layers[0].primitives[0].attributes
    #expect(Set(attributes.keys).subtracting(["groups"]) == ["filters", "kernel"])
    #expect(
      smallest.settings.map(\.description) == [
        "--threads 1 --tuning fast --precision f32 --no-fusion"
      ])
    #expect(!smallest.asksEngine)
    #expect(smallest.batch == nil)
  }
}
