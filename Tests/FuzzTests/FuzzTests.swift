import FuzzTargets
import TestSupport
import Testing

/// Readers of files survive what is damaged: the seeds, what once crashed them, and a few changes.
///
/// The program `ntprof-fuzz` (`make fuzz`) tries many more.
@Suite("Damaged documents") struct FuzzTests {
  @Test("a reader refuses or reads, and never crashes", arguments: FuzzTarget.all.map(\.name))
  func survives(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let seeds = target.seeds()
    #expect(!seeds.isEmpty && seeds.allSatisfy { !$0.isEmpty })
    // What is refused whole leads nowhere.
    let refused = seeds.prefix(6).indices.filter { !target.run(seeds[$0]) }
    #expect(refused == [], "seeds that are not read")
    for document in target.crashes { _ = target.run(document) }
    for number in 0..<40 {
      _ = target.run(target.changed(seeds[number % seeds.count], seed: UInt64(number) + 1_000_000))
    }
  }

  @Test("readers have names of their own, and folders of crashes are readers'")
  func names() throws {
    let names = FuzzTarget.all.map(\.name)
    #expect(Set(names).count == names.count && names.count >= 30)
    let kept = try RepositoryFiles.names(in: "Tests/FuzzTests/Crashes").filter { $0 != "README.md" }
    #expect(Set(kept).subtracting(names) == [])
  }

  @Test("messages of protobuf are taken apart and written as they were, and changed ones are whole")
  func messages() throws {
    let model = try RepositoryFiles.bytes(of: "Tests/Fixtures/tiny.onnx")
    var (changed, whole): (Set<[UInt8]>, Int) = ([], 0)
    for seed in 0..<60 as Range<UInt64> {
      var (first, second) = (ByteMutator(seed: seed), ByteMutator(seed: seed))
      let result = first.mutate(model)
      #expect(result == second.mutate(model))
      changed.insert(result)
      if MessageShape.isWhole(result) { whole += 1 }
    }
    #expect(MessageShape.isWhole(model) && !MessageShape.isWhole(Array(model.dropLast())))
    #expect(changed.count > 50 && whole > 15)
  }

  @Test("changes are the same for the same seed, and changes")
  func deterministic() {
    let document = Array(#"{"a": [1, 2.5, {"b": "text"}], "c": -3}"#.utf8)
    var changed: Set<[UInt8]> = []
    for seed in 0..<50 as Range<UInt64> {
      var (first, second) = (TextMutator(seed: seed), TextMutator(seed: seed))
      let result = first.mutate(document)
      #expect(result == second.mutate(document))
      changed.insert(result)
    }
    #expect(changed.count > 40)
  }
}
