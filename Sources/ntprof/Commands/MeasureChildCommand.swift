import ArgumentParser
import Machine
import Profiling

/// `ntprof measure-child`: what `diff --processes` and `sweep` run for each process; not for users.
///
/// Measures a topology as `profile` does and writes the record to standard output.
struct MeasureChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure-child", abstract: "Measure a topology for another ntprof.",
    shouldDisplay: false)

  @Argument var topology: String
  @OptionGroup var topologyOptions: TopologyOptions
  @OptionGroup var measurement: MeasurementOptions
  @Option var parent: Int32

  func run() throws {
    guard ChildProcess.endWithParent(parent) else {
      throw Failure(.software, "the process that wanted the record has ended")
    }
    let loaded = try LoadedTopology(
      topology, batch: topologyOptions.batch, assignments: topologyOptions.assignments)
    _ = try loaded.selection(measurement.layers)
    _ = try loaded.program(fitting: Host.read().memoryAvailableBytes)
    Interrupt.install()
    let bench = try Bench(measurement, for: [loaded.graph], quiet: true)
    let run = try NetworkRun(loaded, on: bench, measurement)
    try run.warmUp()
    try run.sample(measurement.rule, quiet: true)
    try run.count(quiet: true)
    try Console.write(RecordCoding.encode(run.record()))
    if Interrupt.isRequested { throw Failure(.interrupted, "interrupted") }
  }
}
