import Execution
import FoundationEssentials
import Machine
import Measuring
package import Profiling
import Topology

/// Predicts what a network takes on a machine that is not here, as `ntprof predict` does.
package struct PredictionSession {
  private let settings: RunSettings
  private let topology: LoadedTopology
  private let file: MachineFile?
  private let machine: String?
  private let store: String?
  private let observer: any SessionObserver

  /// Reads the network.
  ///
  /// - Parameters:
  ///   - settings: What is predicted, and how it would run there; its time is that of measuring here, where no record fits.
  ///   - file: The target; nil for this machine with other threads or another instruction set.
  ///   - machine: What the target is called in messages.
  ///   - store: Where bricks of the target may lie.
  ///   - observer: Who is told how it gets on.
  /// - Throws: ``Failure`` where the network cannot be read.
  package init(
    _ settings: RunSettings, for file: MachineFile?, named machine: String?, store: String?,
    observer: any SessionObserver
  ) throws(Failure) {
    self.settings = settings
    self.file = file
    self.machine = machine
    self.store = store
    self.observer = observer
    topology = try LoadedTopology(settings.network)
  }

  private var measurement: MeasurementSettings { settings.measurement }

  /// Predicts by records of this machine, and of the target where there are some; measures where none fits.
  package func predict(from records: [RunRecord], command: [String]) throws(Failure) -> Prediction {
    let target = try target()
    let predictor = Predictor(for: target, from: records)
    let known = predictor.source(
      of: topology.info, batch: topology.graph.inputs.first?.type.batch ?? 1,
      precision: PrecisionName(rawValue: measurement.precision), cache: measurement.cache)
    let source: RunRecord
    if let known { source = known } else { source = try measured(target) }
    let bricks = try TargetBricks(file?.bricks ?? [], of: target, store: store)
      .known(of: topology, brickSettings(for: target))
    do throws(PredictionFault) {
      return try predictor.predict(
        source, bricks: bricks, created: Date.now.formatted(.iso8601), command: command,
        tool: .ntprof)
    } catch {
      throw Failure(
        .data, "the record of \(source.topology.name) \(error.reason)", remedy: error.remedy)
    }
  }

  private func target() throws(Failure) -> PredictionTarget {
    let known: MachineFile
    if let file {
      known = file
    } else {
      known = try ThisMachine(
        threads: measurement.threads, measurement.planning, pin: measurement.pin,
        observer: observer
      ).file
    }
    do throws(PredictionFault) {
      return try PredictionTarget(
        known, threads: file == nil ? nil : measurement.threads,
        isa: file == nil ? nil : measurement.isa)
    } catch {
      throw Failure(
        error.isAbsent ? .unavailable : .data, "\(machine ?? "this machine") \(error)",
        remedy: error.remedy)
    }
  }

  /// How a brick ran on the target.
  private func brickSettings(for target: PredictionTarget) -> BrickSettings {
    var planning = measurement.planning
    if file != nil { planning.isa = target.cap }
    return BrickSettings(
      threads: target.threads, pin: measurement.pin, precision: measurement.precision,
      cache: BrickSettings.cache(of: measurement.cache), planning: planning,
      seconds: measurement.time ?? 1, iterations: nil, warmup: nil)
  }

  /// The network as it runs here, as like to the target as this machine can: in as many threads, and by code for the
  /// same instruction set.
  private func measured(_ target: PredictionTarget) throws(Failure) -> RunRecord {
    guard file != nil else {
      throw Failure(
        .usage, "none of the records of --from is of \(topology.source) as it is asked for",
        remedy:
          "'ntprof profile \(topology.source)' makes one; batch, params, precision and caches count"
      )
    }
    try topology.checkMemory(measurement)
    let here = VectorISA.best.rawValue
    var planning = measurement.planning
    planning.isa = nil
    if let most = InstructionSet(here).lanes, let wanted = InstructionSet(target.isa).lanes,
      wanted < most, OneDNNEngine.isaNames.contains(target.isa)
    {
      planning.isa = target.isa
    }
    var how = brickSettings(for: target)
    how.planning = planning
    how.threads = min(target.threads, Host.read().defaultThreads)
    var told = how.measurement
    // What it reached of this machine's roofs is what tells of the target.
    told.measuresRoofs = true
    let record = try MeasuredProcess.measure(
      RunSettings(topology.childSettings, told), observer: observer
    ) {
      observer.progress("measuring \(topology.graph.name) here")
    }
    observer.progressEnded()
    guard let record, !record.interrupted else { throw Failure(.interrupted, "interrupted") }
    return record
  }
}

extension MachineFile {
  /// Reads what `ntprof machine --format json` printed, or a record.
  package static func load(_ path: String) throws(Failure) -> MachineFile {
    let bytes = try SavedRecord.bytes(path)
    do throws(RecordError) { return try RecordCoding.decodeMachine(bytes) } catch {
      throw Failure(
        .data, "\(path): \(error)",
        remedy: "name what 'ntprof machine --format json' printed there, or a record")
    }
  }
}
