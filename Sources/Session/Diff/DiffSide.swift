public import Engines
public import Profiling

/// One side of a comparison: a saved record, or a network that is measured now.
public struct DiffSide {
  /// What was saved; nil where it is measured.
  package let record: RunRecord?
  /// What is measured; nil where a record is there.
  package let topology: LoadedTopology?
  /// What runs it.
  package let engine: EngineName
  /// Layers that will be timed, or were.
  package let timed: Int

  /// Whether it is measured now.
  public var isMeasured: Bool { topology != nil }

  /// A record that was saved.
  public init(saved record: RunRecord) {
    self.record = record
    topology = nil
    engine = .onednn
    timed = record.layers.count { $0.time != nil }
  }

  /// A network that is to be measured.
  ///
  /// - Parameters:
  ///   - network: Which one.
  ///   - measurement: How all are measured.
  ///   - engine: What runs it; nil for what the settings say.
  /// - Throws: ``Failure`` where it cannot be read, or a layer is not there.
  public init(
    _ network: NetworkSettings, _ measurement: MeasurementSettings, engine: EngineName? = nil
  ) throws(Failure) {
    let loaded = try LoadedTopology(network)
    record = nil
    topology = loaded
    timed = try loaded.selection(measurement.layers).flags.count { $0 }
    self.engine = engine ?? measurement.engine
  }
}
