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
    let bricks = plan.decomposition.bricks.map(\.text)
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
      + plan.decomposition.bricks.map(\.text)
    return String(SHA256.hexDigest(of: Array(words.joined(separator: "\n").utf8)).prefix(16))
  }

  private static func check(
    _ part: MeasuredPart, _ path: String, bricks: [String], networks: [TopologyInfo]
  ) throws(Failure) {
    let remedy = "move it out of the folder of the parts; the same command goes on"
    let item = part.place.item
    guard item < bricks.count + networks.count else {
      throw Failure(.data, "\(path): is none of what is measured", remedy: remedy)
    }
    if part.fault != nil { return }
    if item < bricks.count {
      guard let brick = part.brick, brick.isSound, brick.topology == bricks[item] else {
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
    let key = Array(settings.key(on: document.machine).dropFirst())
    var list = plan.decomposition.bricks.enumerated().map { index, brick in
      ClusterRun.Due(
        place: .init(item: index, round: 0),
        settings: RunSettings(NetworkSettings("brick.xml"), settings.measurement), decides: false,
        brick: LaunchedTask.Brick(
          text: brick.text, movers: BrickPlan.movers(brick).sorted(), store: store, again: again,
          threads: settings.threads, isa: settings.planning.isa, settings: key))
    }
    if networks {
      list += plan.networks.enumerated().map { index, network in
        ClusterRun.Due(
          place: .init(item: plan.decomposition.bricks.count + index, round: 0),
          settings: RunSettings(network.childSettings, settings.measurement),
          decides: settings.decides)
      }
    }
    return list.filter { cluster.parts[$0.place] == nil }
  }

  /// Puts what was measured into the document.
  private mutating func take() {
    let count = plan.decomposition.bricks.count
    for index in document.bricks.indices {
      let place = MeasuredPart.Place(item: index, round: 0)
      guard let part = cluster.parts[place] else {
        document.bricks[index].reason = cluster.reasons[place]
        continue
      }
      document.bricks[index].timing = part.brick?.timing
      document.bricks[index].state = part.fault == nil ? .measured : .failed
      document.bricks[index].reason = part.fault?.message
    }
    if networks {
      for index in document.networks.indices {
        let place = MeasuredPart.Place(item: count + index, round: 0)
        let part = cluster.parts[place]
        document.networks[index].measured = part?.record.flatMap { .init($0) }
        document.networks[index].reason = part?.fault?.message ?? cluster.reasons[place]
        if part?.record?.layers.contains(where: { $0.untimed == .timedOut }) ?? false {
          document.networks[index].measured = nil
          document.networks[index].reason = "a layer ran longer than --layer-timeout"
        }
      }
    }
    if let kind = try? cluster.folder.machine(nil) { document.machine = kind.machine }
  }
}

extension BrickSettings {
  /// Whether anything is decided before processes that run alike.
  package var decides: Bool { measurement.tuning != "fast" }
}
