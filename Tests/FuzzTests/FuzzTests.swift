import FuzzTargets
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
    for document in seeds.prefix(4) + target.crashes { target.run(document) }
    for number in 0..<40 {
      var mutator = TextMutator(seed: UInt64(number) + 1_000_000)
      target.run(mutator.mutate(seeds[number % seeds.count]))
    }
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
