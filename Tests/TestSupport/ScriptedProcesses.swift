public import Profiling

/// Processes that take exactly as long as they are told (a test double for what `measure-child`
/// runs): records of a small network whose every time is a given factor of the sample's.
public struct ScriptedProcesses {
  /// What is scaled.
  private let base: RunRecord

  /// Scripts processes of a network; two layers of the sample are enough.
  public init(_ base: RunRecord = SampleRecords.deepspeech()) { self.base = base }

  /// One process whose passes take the sample's times `factor`.
  public func process(_ factor: Double, spread: ProcessSpread? = nil) -> RunRecord {
    var record = base
    func scale(_ time: TimeSummary?) -> TimeSummary? {
      time.map { TimeSummary(samples: $0.samples.map { $0 * factor }) }
    }
    if let time = scale(record.endToEnd?.time) { record.endToEnd?.time = time }
    record.endToEnd?.processSpread = spread
    if let time = scale(record.timedPass?.time) { record.timedPass?.time = time }
    for index in record.layers.indices {
      record.layers[index].time = scale(record.layers[index].time)
      record.layers[index].processSpread = spread
    }
    for index in record.segments.indices {
      record.segments[index].time = scale(record.segments[index].time)
    }
    if let time = scale(record.unattributed?.time) { record.unattributed?.time = time }
    return record
  }

  /// One record of several processes, each with its factor, taken in turn with others' of the same
  /// rounds.
  public func record(
    _ factors: [Double], rounds: String? = "one", spread: ProcessSpread? = nil
  ) -> RunRecord {
    RunRecord.merging(processes: factors.map { process($0, spread: spread) }, rounds: rounds)
  }
}
