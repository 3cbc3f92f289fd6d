import Counters
import Execution
import Files
package import Profiling
import TopologyXML

/// What networks take by the bricks that the store has of this machine, where it has all of them; nothing is
/// measured.
package struct BrickForecast {
  private let machine: MachineInfo
  private let path: String?
  /// Whether there is any brick to look for.
  package let hasBricks: Bool

  /// Looks at a store.
  ///
  /// Asking for the machine fixes oneDNN's instruction set.
  package init(store path: String? = BrickStore.usualPath) {
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    self.machine = machine
    self.path = path
    hasBricks = path.map { FilePlace($0).entries.contains { $0.hasSuffix(".json") } } ?? false
  }

  /// The sum of a network's bricks, ns; nil where one is not known as it would run.
  package func ns(of network: LoadedTopology, _ settings: BrickSettings) -> Double? {
    guard hasBricks, let path else { return nil }
    var there = machine
    if let isa = settings.planning.isa { there.onednn?.isa = isa == "avx512" ? "avx512_core" : isa }
    let store = BrickStore(OutputFolder(existing: path))
    guard let plan = try? BrickPlan([network], granularity: 1, settings) else { return nil }
    return plan.filled(settings) { placed in
      settings.expecting(on: there, cache: placed.cache).lazy
        .compactMap { store.timing(of: placed.brick.text, $0) { _ in } }.first
    }.networks[0].sequentialNs
  }
}

extension BrickPlan {
  /// The document with what is known of its bricks.
  package func filled(
    _ settings: BrickSettings, _ timing: (PlacedBrick) -> BrickTiming?
  ) -> Bricks {
    var document = document(settings)
    for (index, placed) in bricks.enumerated() {
      document.bricks[index].timing = timing(placed)
    }
    document.conclude()
    return document
  }
}
