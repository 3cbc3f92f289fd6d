import Machine
package import Profiling
import Topology
import TopologyXML

/// Measures bricks that the store does not know, and whole networks where that is asked for, each in fresh
/// processes: all in turn, and each round in the reverse order of the one before, so that drift of the machine
/// falls on all alike.
package struct BrickRun {
  package private(set) var document: Bricks
  /// Why it ended early, if it was not the user.
  package private(set) var failure: Failure?
  private let plan: BrickPlan
  private let settings: BrickSettings
  private let store: BrickStore
  private let observer: any SessionObserver
  /// What each network's processes measured.
  private var wholes: [[BrickNetwork.Measured]]
  /// What runs, decided for all; nil where nothing is to be decided.
  private var decided: TuningDecision?
  /// Processes that are over, of how many, and when the first began.
  private var progress: (done: Int, due: Int, begin: UInt64) = (0, 0, 0)

  package init(
    _ plan: BrickPlan, _ settings: BrickSettings, store: BrickStore, document: Bricks,
    observer: any SessionObserver
  ) {
    self.plan = plan
    self.settings = settings
    self.store = store
    self.document = document
    self.observer = observer
    wholes = Array(repeating: [], count: document.networks.count)
  }

  /// What one process measures.
  private enum Subject {
    case brick(Int)
    case network(Int)
  }

  /// Measures until everything is known, or Ctrl-C.
  ///
  /// - Parameters:
  ///   - again: Whether bricks are measured that the store knows.
  ///   - networks: Whether whole networks are, too.
  package mutating func run(again: Bool, networks: Bool) {
    do throws(Failure) {
      try measure(again: again, networks: networks)
    } catch {
      failure = error
    }
    document.interrupted = Interrupt.isRequested
    document.conclude()
    observer.progressEnded()
  }

  private mutating func measure(again: Bool, networks: Bool) throws(Failure) {
    if !again {
      for index in document.bricks.indices { take(index, sayingFaults: true) }
    }
    var subjects = document.bricks.indices.filter { lacking($0) > 0 }.map(Subject.brick)
    progress.due = document.bricks.indices.reduce(0) { $0 + lacking($1) }
    if networks {
      document.networkSeconds = 0
      subjects += document.networks.indices.map(Subject.network)
      progress.due += settings.processes * document.networks.count
    }
    guard !subjects.isEmpty, try decide() else { return }
    let folder = try PrivateFolder()
    let files = OutputFolder(existing: folder.path)
    progress.begin = Clock.now()
    for round in 0..<settings.processes {
      for subject in round % 2 == 0 ? subjects : subjects.reversed() {
        if Interrupt.isRequested { return }
        switch subject {
        case .brick(let index): try measure(brick: index, round, again: again, in: files)
        case .network(let index): try measure(network: index)
        }
      }
    }
  }

  /// Decides what all processes run, so that bricks run as their networks do; false after Ctrl-C.
  ///
  /// Of a network that cannot be planned as a whole nothing is decided: its bricks may run all the same.
  private mutating func decide() throws(Failure) -> Bool {
    guard settings.decides else { return true }
    var found: [TuningDecision] = []
    for network in plan.networks {
      do throws(Failure) {
        let decision = try TuningDecision.of(
          [RunSettings(network.childSettings, settings.measurement)], observer
        ) {
          observer.progress("choosing implementations: \(network.graph.name)")
        }
        guard let decision else { return false }
        found.append(decision)
      } catch {
        guard error.exit != .usage, error.exit != .unavailable else { throw error }
        observer.note(
          "! nothing is searched for \(network.graph.name): \(error.message)")
      }
    }
    decided = TuningDecision(merging: found)
    return true
  }

  // MARK: Bricks

  /// How many processes have measured a brick.
  private func known(_ index: Int) -> Int { document.bricks[index].timing?.measured.count ?? 0 }

  /// How many have yet to.
  private func lacking(_ index: Int) -> Int {
    document.bricks[index].state == .failed ? 0 : max(0, settings.processes - known(index))
  }

  private mutating func measure(
    brick index: Int, _ round: Int, again: Bool, in files: OutputFolder
  ) throws(Failure) {
    // Another run may have measured it meanwhile.
    if !again, lacking(index) > 0 { take(index, sayingFaults: false) }
    guard lacking(index) > 0, known(index) <= round else { return }
    let begin = Clock.now()
    defer { document.brickSeconds += Double(Clock.now() - begin) * 1e-9 }
    let placed = plan.bricks[index]
    let row = document.bricks[index]
    let bytes = Array(placed.brick.text.utf8)
    let path = try files.write(bytes, as: "brick-\(row.id).xml")
    var place = NetworkSettings(path)
    place.sha256 = SHA256.hexDigest(of: bytes)
    let words = row.kinds + row.inputShapes.map(\.description)
    let measured = try measure(
      RunSettings(place, settings.measurement(cache: placed.cache)),
      "measuring bricks: \(words.joined(separator: " "))")
    switch measured {
    case .record(let record): settle(index, placed, record)
    case .failed(let reason): fail(index, reason.replacing("\(path): ", with: ""))
    case .interrupted: break
    }
  }

  private mutating func settle(_ index: Int, _ placed: PlacedBrick, _ record: RunRecord) {
    guard let timing = BrickTiming(record, movers: BrickPlan.movers(placed.brick)) else {
      let isSlow = record.layers.contains { $0.untimed == .timedOut }
      fail(index, isSlow ? "it ran longer than --layer-timeout" : "nothing was timed")
      return
    }
    let all = document.bricks[index].timing?.adding(timing) ?? timing
    document.bricks[index].timing = all
    document.bricks[index].state = .measured
    store.keep(all, of: placed.brick.text, key(placed), observer: observer)
  }

  private mutating func fail(_ index: Int, _ reason: String) {
    document.bricks[index].timing = nil
    document.bricks[index].state = .failed
    document.bricks[index].reason = reason
  }

  private func key(_ placed: PlacedBrick) -> [String] {
    settings.key(on: document.machine, cache: placed.cache)
  }

  /// Takes what the store knows of a brick, where that is more than is known here.
  private mutating func take(_ index: Int, sayingFaults: Bool) {
    let placed = plan.bricks[index]
    let found = store.timing(of: placed.brick.text, key(placed)) { fault in
      if sayingFaults { observer.note("! \(fault) → the brick is measured again") }
    }
    guard let found, found.measured.count > known(index) else { return }
    document.bricks[index].timing = found
    if lacking(index) == 0 { document.bricks[index].state = .stored }
  }

  // MARK: Networks

  private mutating func measure(network index: Int) throws(Failure) {
    guard document.networks[index].reason == nil else { return }
    let begin = Clock.now()
    defer {
      document.networkSeconds = (document.networkSeconds ?? 0) + Double(Clock.now() - begin) * 1e-9
    }
    let network = plan.networks[index]
    let measured = try measure(
      RunSettings(network.childSettings, settings.measurement),
      "measuring networks: \(network.graph.name)")
    switch measured {
    case .record(let record):
      guard !record.layers.contains(where: { $0.untimed == .timedOut }) else {
        return fail(network: index, "a layer ran longer than --layer-timeout")
      }
      if let one = BrickNetwork.Measured(record) { wholes[index].append(one) }
      document.networks[index].measured = BrickNetwork.Measured(wholes[index])
    case .failed(let reason): fail(network: index, reason)
    case .interrupted: break
    }
  }

  private mutating func fail(network index: Int, _ reason: String) {
    document.networks[index].measured = nil
    document.networks[index].reason = reason
  }

  // MARK: Processes

  private enum Outcome {
    case record(RunRecord)
    case failed(String)
    case interrupted
  }

  /// One process; what cannot be measured is no reason to lose the others.
  private mutating func measure(
    _ settings: RunSettings, _ what: String
  ) throws(Failure) -> Outcome {
    let line = "\(what), \(progress.done) of \(progress.due) done\(left)"
    progress.done += 1
    do throws(Failure) {
      let record = try MeasuredProcess.measure(settings, decided: decided, observer: observer) {
        observer.progress(line)
      }
      guard let record, !record.interrupted else { return .interrupted }
      return .record(record)
    } catch {
      guard error.exit != .usage, error.exit != .unavailable else { throw error }
      return .failed(error.message)
    }
  }

  private var left: String {
    guard progress.done > 0 else { return "" }
    let each = Double(Clock.now() - progress.begin) * 1e-9 / Double(progress.done)
    let count = max(0, progress.due - progress.done)
    return ", about \(SimulationProgress.duration(each * Double(count))) left"
  }
}
