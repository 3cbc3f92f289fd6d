import Execution
import Files
package import Profiling
import TopologyXML

/// Bricks that were measured on the target of a prediction: those in its file, and those that a store has of it.
package struct TargetBricks {
  private let listed: [MachineFile.Brick]
  private let target: PredictionTarget
  private let path: String?

  /// Names the places; nothing is read.
  package init(_ listed: [MachineFile.Brick], of target: PredictionTarget, store path: String?) {
    self.listed = listed
    self.target = target
    self.path = path
  }

  /// What is known of the parts of a network that runs there with these settings.
  package func known(
    of network: LoadedTopology, _ settings: BrickSettings
  ) throws(Failure) -> [Predictor.KnownBrick] {
    let fitting = listed.filter { $0.threads == target.threads && $0.isa == target.cap }
    let timings = Dictionary(
      fitting.map { (StoredBrick.key($0.topology, $0.settings), $0.timing) },
      uniquingKeysWith: { first, _ in first })
    let store = try BrickStore(existing: path)
    guard !timings.isEmpty || store != nil else { return [] }
    let plan = try BrickPlan(
      [network], granularity: 1, settings, lastCacheBytes: target.machine.lastLevelCacheBytes)
    let document = plan.filled(settings) { placed in
      let text = placed.brick.text
      return settings.expecting(on: target.machine, cache: placed.cache).lazy.compactMap { key in
        timings[StoredBrick.key(text, Array(key.dropFirst()))]
          ?? store?.timing(of: text, key) { _ in }
      }.first
    }
    return document.networks[0].parts.compactMap { part in
      part.ns.map { .init(layers: part.layers, ns: $0) }
    }
  }
}

extension BrickStore {
  /// Opens a store that is there; nil where there is none.
  ///
  /// - Throws: ``Failure`` where a path was given and is no folder.
  package convenience init?(existing path: String?) throws(Failure) {
    guard let place = path ?? Self.usualPath else { return nil }
    guard FilePlace(place).kind == .folder else {
      guard path != nil else { return nil }
      throw Failure(
        .noInput, "--store \(place): there is no such folder",
        remedy: "name the folder that 'ntprof bricks --store' was given")
    }
    self.init(OutputFolder(existing: place))
  }

  /// Every brick that a store has of a machine, whatever team and instruction set ran it.
  ///
  /// What is damaged, or of another machine, is left out.
  package static func all(of machine: MachineInfo, in path: String? = nil) -> [MachineFile.Brick] {
    guard let place = path ?? usualPath else { return [] }
    let sides = sides(of: machine)
    let folder = OutputFolder(existing: place)
    return FilePlace(place).entries.sorted().compactMap { name in
      guard name.hasSuffix(".json"), let bytes = try? SavedRecord.bytes(folder.join(name)),
        let stored = try? RecordCoding.decodeStoredBrick(bytes), stored.isSound,
        let side = stored.settings.first.flatMap({ sides[$0] })
      else { return nil }
      return MachineFile.Brick(
        topology: stored.topology, threads: side.threads, isa: side.isa,
        settings: Array(stored.settings.dropFirst()), timing: stored.timing)
    }
  }

  /// Teams and caps by what keys of a machine begin with.
  private static func sides(of machine: MachineInfo) -> [String: (threads: Int, isa: String?)] {
    var found: [String: (threads: Int, isa: String?)] = [:]
    for threads in 1...max(machine.threads ?? 1, 1) {
      let own = CacheFolder.name("brick", for: machine, threads: threads, isa: nil)
      found[own] = (threads, nil)
      for name in OneDNNEngine.isaNames {
        var capped = machine
        let isa = name == "avx512" ? "avx512_core" : name
        capped.onednn?.isa = isa
        found[CacheFolder.name("brick", for: capped, threads: threads, isa: name)] = (threads, isa)
      }
    }
    return found
  }
}
