package import Execution
import Measuring
package import Profiling

/// What searches found on this machine before.
package struct TuningCache {
  private struct Saved: Codable {
    var found: [String: [TunedImplementation]]
    var reorders: [String: Double]
    var roundings: [String: Double]?
  }

  /// What is known, to which a search adds.
  package let memory: TuningMemory
  private let name: String

  /// Reads what is known for a machine.
  package init(machine: MachineInfo, threads: Int, isa: String?) {
    name = CacheFolder.name("tuning-2", for: machine, threads: threads, isa: isa)
    let saved = CacheFolder.load(Saved.self, name)
    memory = TuningMemory(
      found: saved?.found ?? [:], reorders: saved?.reorders ?? [:],
      roundings: saved?.roundings ?? [:])
  }

  /// Keeps what was added, together with what others kept meanwhile.
  package func save() {
    guard memory.isChanged else { return }
    var saved = CacheFolder.load(Saved.self, name) ?? Saved(found: [:], reorders: [:])
    saved.found.merge(memory.found) { $1 }
    saved.reorders.merge(memory.reorders) { $1 }
    saved.roundings = (saved.roundings ?? [:]).merging(memory.roundings) { $1 }
    CacheFolder.store(saved, as: name)
  }
}
