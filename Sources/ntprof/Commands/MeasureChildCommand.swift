import ArgumentParser
import Counters
import Engines
import Execution
import Glibc
import Machine
import Measuring
import Profiling
import Session

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
  /// What searches found comes on standard input, and nothing is tried.
  @Flag var decided = false
  /// Nothing is measured: what is to run is decided, and written to standard output.
  @Flag var decide = false
  /// Outputs are compared with those in f32, also where they are f32 themselves.
  @Flag var similarity = false

  func run() throws {
    try child.follow()
    let loaded = try child.load(topology, topologyOptions)
    _ = try loaded.selection(measurement.layers)
    _ = try loaded.program(
      fitting: Host.read().memoryAvailableBytes, limit: measurement.memoryLimit?.bytes)
    Interrupt.install()
    if decide { return try write(decisionsFor: loaded) }
    let tunings = decided ? DecidedTuning(Console.readAll(STDIN_FILENO)) : nil
    try Console.write(RecordCoding.encode(try record(of: loaded, tunings)))
    if Interrupt.isRequested { throw Failure(.interrupted, "interrupted") }
  }

  private func record(
    of loaded: LoadedTopology, _ tunings: DecidedTuning?
  ) throws(Failure) -> RunRecord {
    if measurement.engineOptions.engine != .onednn {
      let bench = try Bench(
        measurement.with(measurement.engineOptions.engine), for: [loaded.graph], quiet: true)
      let run = try EngineRun(loaded, on: bench, measurement)
      try run.sample(quiet: true)
      return run.record()
    }
    let bench = try Bench(measurement, for: [loaded.graph], quiet: true)
    let run = try NetworkRun(loaded, on: bench, measurement, decided: tunings)
    run.comparesWithF32 = similarity
    try run.warmUp()
    try run.sample(measurement.rule, quiet: true)
    try run.count(quiet: true)
    return run.finish()
  }

  private func write(decisionsFor topology: LoadedTopology) throws(Failure) {
    let host = Host.read()
    let (threads, pin, _) = try Bench.team(measurement, on: host)
    defer { withExtendedLifetime(pin) {} }
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    let program = try topology.program(
      fitting: host.memoryAvailableBytes, limit: measurement.memoryLimit?.bytes)
    let options = measurement.settled(for: topology.graph).planOptions(threads: threads)
    let cache = TuningCache(machine: machine, threads: threads, isa: measurement.isa)
    let search = SafeSearch(
      topology: topology, options: measurement, threads: threads, memory: cache.memory,
      weights: try topology.chosenWeights().provider)
    _ = try search.decide(program, options)
    cache.save()
    try search.settle(program, options)
    if Interrupt.isRequested { throw Failure(.interrupted, "interrupted") }
    try Console.write(SearchJournal.encode(cache.memory.decided()))
  }
}
