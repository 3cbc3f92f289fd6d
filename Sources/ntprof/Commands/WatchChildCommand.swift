import ArgumentParser
import Execution
import Machine
import Measuring
import Session

/// `ntprof watch-child`: what `--layer-timeout` runs the layers in; not for users.
///
/// Runs every layer once and says before each which one it is, so that its parent knows what hangs.
struct WatchChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch-child", abstract: "Run layers one by one for another ntprof.",
    shouldDisplay: false)

  @Argument var topology: String
  @OptionGroup var topologyOptions: TopologyOptions
  @OptionGroup var measurement: MeasurementOptions
  @OptionGroup var child: ChildOptions
  /// Indices of layers that are left out, joined by commas.
  @Option var without: String = ""

  func run() throws {
    try child.follow()
    let loaded = try child.load(topology, topologyOptions)
    let program = try loaded.program(fitting: Host.read().memoryAvailableBytes)
    let leftOut = Set(without.split(separator: ",").compactMap { Int($0) })
    let (threads, pin, _) = try Bench.team(measurement, on: Host.read())
    defer { withExtendedLifetime(pin) {} }
    let weights = try loaded.chosenWeights().provider
    do throws(ExecutionError) {
      let plan = try OneDNNEngine().plan(
        program, options: measurement.planOptions(threads: threads), weights: weights)
      for step in 0..<plan.stepCount where !leftOut.contains(plan.steps[step].layer) {
        LayerWatch.tell(plan.steps[step].layer)
        try plan.run(step: step)
      }
    } catch {
      throw loaded.failure(error)
    }
  }
}
