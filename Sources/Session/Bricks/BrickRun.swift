import Machine
package import Profiling
import Topology
import TopologyXML

/// Measures bricks that the store does not know, and whole networks where that is asked for, each in a fresh
/// process.
package struct BrickRun {
  package private(set) var document: Bricks
  /// Why it ended early, if it was not the user.
  package private(set) var failure: Failure?
  private let plan: BrickPlan
  private let settings: BrickSettings
  private let store: BrickStore
  private let observer: any SessionObserver
  private let begin = Clock.now()

  package init(
    _ plan: BrickPlan, _ settings: BrickSettings, store: BrickStore, document: Bricks,
    observer: any SessionObserver
  ) {
    self.plan = plan
    self.settings = settings
    self.store = store
    self.document = document
    self.observer = observer
  }

  /// Measures until everything is known, or Ctrl-C.
  ///
  /// - Parameters:
  ///   - again: Whether bricks are measured that the store knows.
  ///   - networks: Whether whole networks are, too.
  package mutating func run(again: Bool, networks: Bool) {
    do throws(Failure) {
      try measureBricks(again: again)
      if networks { try measureNetworks() }
    } catch {
      failure = error
    }
    document.interrupted = Interrupt.isRequested
    document.conclude()
    observer.progressEnded()
  }

  private mutating func measureBricks(again: Bool) throws(Failure) {
    let folder = try PrivateFolder()
    let files = OutputFolder(existing: folder.path)
    if !again {
      for index in document.bricks.indices { _ = take(index, sayingFaults: true) }
    }
    let due = document.bricks.indices.filter { document.bricks[$0].state == .pending }
    for (done, index) in due.enumerated() {
      if Interrupt.isRequested { break }
      // Another run may have measured it meanwhile.
      if !again, take(index, sayingFaults: false) { continue }
      let brick = plan.decomposition.bricks[index]
      let row = document.bricks[index]
      let bytes = Array(brick.text.utf8)
      let path = try files.write(bytes, as: "brick-\(row.id).xml")
      var place = NetworkSettings(path)
      place.sha256 = SHA256.hexDigest(of: bytes)
      let measured = try measure(place) {
        "measuring bricks: \(row.kinds.joined(separator: " ")) \(row.inputShapes.map(\.description).joined(separator: " ")), "
          + "\(done) of \(due.count) done" + left(done, of: due.count)
      }
      switch measured {
      case .record(let record):
        settle(index, brick, record)
      case .failed(let reason):
        document.bricks[index].state = .failed
        document.bricks[index].reason = reason.replacing("\(path): ", with: "")
      case .interrupted: break
      }
    }
    document.brickSeconds = elapsed
  }

  private mutating func settle(_ index: Int, _ brick: Brick, _ record: RunRecord) {
    guard let timing = BrickTiming(record, movers: BrickPlan.movers(brick)) else {
      let isSlow = record.layers.contains { $0.untimed == .timedOut }
      document.bricks[index].state = .failed
      document.bricks[index].reason =
        isSlow ? "it ran longer than --layer-timeout" : "nothing was timed"
      return
    }
    document.bricks[index].timing = timing
    document.bricks[index].state = .measured
    store.keep(timing, of: brick.text, observer: observer)
  }

  /// Takes what the store knows of a brick.
  private mutating func take(_ index: Int, sayingFaults: Bool) -> Bool {
    let found = store.timing(of: plan.decomposition.bricks[index].text) { fault in
      if sayingFaults { observer.note("! \(fault) → the brick is measured again") }
    }
    guard let found else { return false }
    document.bricks[index].timing = found
    document.bricks[index].state = .stored
    return true
  }

  private mutating func measureNetworks() throws(Failure) {
    let start = Clock.now()
    defer { document.networkSeconds = Double(Clock.now() - start) * 1e-9 }
    for (index, network) in plan.networks.enumerated() {
      if Interrupt.isRequested { return }
      let measured = try measure(network.childSettings) {
        "measuring networks: \(network.graph.name), \(index) of \(plan.networks.count) done"
      }
      switch measured {
      case .record(let record):
        document.networks[index].measured = .init(record)
        if record.layers.contains(where: { $0.untimed == .timedOut }) {
          document.networks[index].measured = nil
          document.networks[index].reason = "a layer ran longer than --layer-timeout"
        }
      case .failed(let reason): document.networks[index].reason = reason
      case .interrupted: return
      }
    }
  }

  private enum Outcome {
    case record(RunRecord)
    case failed(String)
    case interrupted
  }

  /// One process; what cannot be measured is no reason to lose the others.
  private func measure(
    _ network: NetworkSettings, _ note: () -> String
  ) throws(Failure) -> Outcome {
    do throws(Failure) {
      let record = try MeasuredProcess.measure(
        RunSettings(network, settings.measurement), observer: observer
      ) {
        observer.progress(note())
      }
      guard let record, !record.interrupted else { return .interrupted }
      return .record(record)
    } catch {
      guard error.exit != .usage, error.exit != .unavailable else { throw error }
      return .failed(error.message)
    }
  }

  private var elapsed: Double { Double(Clock.now() - begin) * 1e-9 }

  private func left(_ done: Int, of count: Int) -> String {
    guard done > 0 else { return "" }
    let each = elapsed / Double(done)
    return ", about \(SimulationProgress.duration(each * Double(count - done))) left"
  }
}
