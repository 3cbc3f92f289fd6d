import Execution
import FoundationEssentials
import Measuring
import Profiling
import Session
import TestSupport
import Topology

/// What is kept between runs, and what processes of a search tell each other.
extension FuzzTarget {
  static let roofs = FuzzTarget(
    name: "roofs",
    seeds: {
      guard let roofs = SampleRecords.deepspeech().machine.rooflines else { return [] }
      var memory = RoofMemory()
      _ = memory.admit(roofs)
      return [(try? JSONEncoder().encode(memory)).map { Array($0) } ?? []]
    },
    run: { bytes in
      guard var memory = try? CheckedJSON.decode(RoofMemory.self, from: bytes) else { return false }
      for roofs in memory.entries.compactMap(\.roofs) {
        _ = RoofChecks.contradictions(in: roofs, others: [roofs], hasTiles: false)
        _ = memory.admit(roofs, isDoubtful: true)
        memory.raise(to: roofs.peakFlops, handOff: roofs.handOff)
      }
      return true
    })

  /// What is planned with a memory.
  private static let program = SampleNetwork.graph.flatMap { try? $0.program() }

  /// Plans with what a memory holds, and with what searches of the sample found.
  private static func plan(with memory: TuningMemory) {
    guard let program else { return }
    memory.restart(.known)
    _ = try? Plan(program, options: PlanOptions(tuning: .search), tunings: memory)
    _ = try? Plan.hasOpenPlaces(program, options: PlanOptions(tuning: .auto), tunings: memory)
    _ = try? JSONEncoder().encode(TuningCache.Saved(memory.decided()))
  }

  /// What a search of the sample finds, and the lines that it writes meanwhile.
  private static func searched() -> (memory: TuningMemory, lines: [UInt8]) {
    let memory = TuningMemory()
    var lines: [UInt8] = []
    memory.journal = { lines += SearchJournal.line($0) }
    if let program {
      try? Plan.search(program, options: PlanOptions(tuning: .search), tunings: memory)
    }
    return (memory, lines)
  }

  static let tunings = FuzzTarget(
    name: "tunings",
    seeds: {
      [(try? JSONEncoder().encode(TuningCache.Saved(searched().memory))).map { Array($0) } ?? []]
    },
    run: { bytes in
      guard let saved = try? CheckedJSON.decode(TuningCache.Saved.self, from: bytes) else {
        return false
      }
      plan(with: saved.memory)
      return true
    })

  static let journal = FuzzTarget(
    name: "journal",
    seeds: {
      let (memory, lines) = searched()
      return [lines, SearchJournal.encode(memory)]
    },
    run: { bytes in
      let known = SearchJournal.memory(bytes)
      let events = SearchJournal.decode(bytes)
      for event in events { known.note(event) }
      _ = known.noteCrash()
      guard !events.isEmpty || !known.found.isEmpty else { return false }
      plan(with: known)
      return true
    })
}
