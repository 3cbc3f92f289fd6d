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
  @OptionGroup var child: ChildOptions

  func run() throws {
    try child.follow()
    let loaded = try child.load(topology, topologyOptions)
    _ = try loaded.selection(measurement.layers)
    _ = try loaded.program(
      fitting: Host.read().memoryAvailableBytes, limit: measurement.memoryLimit?.bytes)
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
