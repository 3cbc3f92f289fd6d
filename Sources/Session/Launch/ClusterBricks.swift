import Machine
package import Profiling
import Topology
import TopologyXML

/// Measures bricks, and whole networks where that is asked for, by the nodes of a cluster.
///
/// What is known of a brick on a machine like theirs, the nodes find in the store themselves. The folder
/// of the parts is named after what is measured, so that the same command goes on.
package struct ClusterBricks {
  package private(set) var document: Bricks
  /// Why it ended early, if it was not the user.
  package private(set) var failure: Failure?
  private let plan: BrickPlan
  private let settings: BrickSettings
  private let store: String?
  private let again: Bool
  private let networks: Bool
  private let cluster: ClusterRun
  private let observer: any SessionObserver

  /// Takes up what is measured in a folder.
  ///
  /// - Parameters:
  ///   - plan: The networks, taken apart.
  ///   - settings: How all is measured.
  ///   - store: As ``BrickStore`` takes it.
  ///   - document: Of which nothing is measured.
  ///   - launch: Options of `sbatch`.
  ///   - tasks: Of an array job, where that was said.
  ///   - folder: What the parts' folder is made in.
  ///   - again: Whether bricks are measured that the store knows.
  ///   - networks: Whether whole networks are measured, too.
  ///   - observer: Who is told meanwhile.
  package init(
    _ plan: BrickPlan, _ settings: BrickSettings, store: String?, document: Bricks,
    launch: [String], tasks: Int?, in folder: String, again: Bool, networks: Bool,
    observer: any SessionObserver
  ) {
    self.plan = plan
    self.settings = settings
    self.store = store.map { PartsFolder($0).path }
    self.document = document
    self.again = again
    self.observer = observer
    self.networks = networks
    let run = Self.run(plan, settings, again: again, networks: networks)
    let bricks = plan.bricks
    let wholes = plan.networks.map(\.info)
    cluster = ClusterRun(
      PartsFolder("\(folder)/bricks-\(run).parts"), name: "bricks", run: run, options: launch,
      tasks: tasks, observer: observer
    ) { (part, path) throws(Failure) in
      try Self.check(part, path, bricks: bricks, networks: wholes)
      return part
    }
  }

  /// The name of what is measured: of the bricks, the networks and how.
  private static func run(
    _ plan: BrickPlan, _ settings: BrickSettings, again: Bool, networks: Bool
  ) -> String {
    let words =
      [Tool.ntprof.version, RunSettings(NetworkSettings(""), settings.measurement).text]
      + (again ? ["again"] : [])
      + (networks ? plan.networks.map { RunSettings($0.childSettings).text } : [])
      + plan.bricks.flatMap { [$0.cache, $0.brick.text] }
    return String(SHA256.hexDigest(of: Array(words.joined(separator: "\n").utf8)).prefix(16))
  }

  private static func check(
    _ part: MeasuredPart, _ path: String, bricks: [PlacedBrick], networks: [TopologyInfo]
  ) throws(Failure) {
    let remedy = "move it out of the folder of the parts; the same command goes on"
    let item = part.place.item
    guard item < bricks.count + networks.count else {
      throw Failure(.data, "\(path): is none of what is measured", remedy: remedy)
    }
    if part.fault != nil { return }
    if item < bricks.count {
      guard let brick = part.brick, brick.isSound, brick.topology == bricks[item].brick.text,
        brick.settings.contains("cache \(bricks[item].cache)")
      else {
        throw Failure(.data, "\(path): is not the brick that its name says", remedy: remedy)
      }
    } else {
      let network = networks[item - bricks.count]
      guard let record = part.record, record.topology.sha256 == network.sha256 else {
        throw Failure(
          .data, "\(path): is a part of another topology than \(network.source)", remedy: remedy)
      }
    }
  }

  /// What goes on after Ctrl-C, and how that is ended.
  package var remains: String? {
    Slurm.isUnderWay(cluster.jobName) == false
      ? nil : "the jobs go on (scancel --name=\(cluster.jobName) ends them)"
  }

  /// Gathers what is there, and measures what is not.
  package mutating func run() {
    let begin = Clock.now()
    do throws(Failure) {
      try cluster.gather()
      if try cluster.awaitEarlier(expecting: due()) == .over {
        _ = try cluster.measure(due(), seconds: settings.seconds + 0.7)
      }
    } catch {
      failure = error
    }
    take()
    document.brickSeconds = Double(Clock.now() - begin) * 1e-9
    document.interrupted = Interrupt.isRequested
    document.conclude()
    observer.progressEnded()
  }

  /// What has no part yet.
  private func due() -> [ClusterRun.Due] {
    var list: [ClusterRun.Due] = []
    for round in 0..<settings.processes {
      for (index, placed) in plan.bricks.enumerated() {
        let key = Array(settings.key(on: document.machine, cache: placed.cache).dropFirst())
        list.append(
          ClusterRun.Due(
            place: .init(item: index, round: round),
            settings: RunSettings(
              NetworkSettings("brick.xml"), settings.measurement(cache: placed.cache)),
            decides: false,
            brick: LaunchedTask.Brick(
              text: placed.brick.text, movers: BrickPlan.movers(placed.brick).sorted(),
              store: store, again: again, threads: settings.threads, isa: settings.planning.isa,
              settings: key)))
      }
      guard networks else { continue }
      for (index, network) in plan.networks.enumerated() {
        list.append(
          ClusterRun.Due(
            place: .init(item: plan.bricks.count + index, round: round),
            settings: RunSettings(network.childSettings, settings.measurement),
            decides: settings.decides))
      }
    }
    return list.filter { cluster.parts[$0.place] == nil }
  }

  /// Puts what was measured into the document, and all processes of a brick into the store.
  private mutating func take() {
    let store = try? BrickStore(self.store)
    for (index, placed) in plan.bricks.enumerated() {
      let (parts, reason) = gathered(index)
      let bricks = parts.compactMap(\.brick)
      let fault = parts.lazy.compactMap(\.fault).first
      document.bricks[index].reason = fault?.message ?? (bricks.isEmpty ? reason : nil)
      guard fault == nil, let first = bricks.first else {
        if fault != nil { document.bricks[index].state = .failed }
        continue
      }
      let timing = bricks.dropFirst().reduce(first.timing) { $0.adding($1.timing) }
      document.bricks[index].timing = timing
      document.bricks[index].state = .measured
      // Of tasks that kept theirs at the same time, one's time is not there.
      let known = store?.timing(of: placed.brick.text, first.settings) { _ in }
      if known?.measured.count ?? 0 < bricks.count {
        store?.keep(timing, of: placed.brick.text, first.settings, observer: observer)
      }
    }
    if networks {
      for index in document.networks.indices {
        let (parts, reason) = gathered(plan.bricks.count + index)
        let records = parts.compactMap(\.record)
        let fault = parts.lazy.compactMap(\.fault).first
        document.networks[index].measured =
          fault == nil
          ? BrickNetwork.Measured(records.compactMap { BrickNetwork.Measured($0) }) : nil
        document.networks[index].reason = fault?.message ?? (records.isEmpty ? reason : nil)
        if records.contains(where: { $0.layers.contains { $0.untimed == .timedOut } }) {
          document.networks[index].measured = nil
          document.networks[index].reason = "a layer ran longer than --layer-timeout"
        }
      }
    }
    if let kind = try? cluster.folder.machine(nil) { document.machine = kind.machine }
  }

  /// The parts of an item, in the order of its processes, and why one is not there.
  private func gathered(_ item: Int) -> (parts: [MeasuredPart], reason: String?) {
    let places = (0..<settings.processes).map { MeasuredPart.Place(item: item, round: $0) }
    return (
      places.compactMap { cluster.parts[$0] }, places.lazy.compactMap { cluster.reasons[$0] }.first
    )
  }
}

extension BrickSettings {
  /// Whether anything is decided before processes that run alike.
  package var decides: Bool { measurement.tuning != "fast" }
}
