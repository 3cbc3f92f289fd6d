package import Execution
import Measuring
package import Profiling

/// What searches found on this machine before.
package struct TuningCache {
  /// What the file holds.
  package struct Saved: Codable {
    var found: [String: [TunedImplementation]]
    var reorders: [String: Double]
    var roundings: [String: Double]?

    /// What a memory holds.
    package init(_ memory: TuningMemory) {
      found = memory.found
      reorders = memory.reorders
      roundings = memory.roundings
    }

    /// A memory that holds it.
    package var memory: TuningMemory {
      TuningMemory(found: found, reorders: reorders, roundings: roundings ?? [:])
    }
  }

  /// What is known, to which a search adds.
  package let memory: TuningMemory
  private let name: String

  /// Reads what is known for a machine.
  package init(machine: MachineInfo, threads: Int, isa: String?) {
    name = CacheFolder.name("tuning-2", for: machine, threads: threads, isa: isa)
    memory = CacheFolder.load(Saved.self, name)?.memory ?? TuningMemory()
  }

  /// Keeps what was added, together with what others kept meanwhile.
  package func save() {
    guard memory.isChanged else { return }
    var saved = CacheFolder.load(Saved.self, name) ?? Saved(TuningMemory())
    saved.found.merge(memory.found) { $1 }
    saved.reorders.merge(memory.reorders) { $1 }
    saved.roundings = (saved.roundings ?? [:]).merging(memory.roundings) { $1 }
    CacheFolder.store(saved, as: name)
  }
}
