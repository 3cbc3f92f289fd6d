import ArgumentParser
import Reports
import Session
import Topology
import TopologyXML

/// `ntprof check`: validate topologies, every error with its place.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validate topologies; every error with file:line:column.",
    discussion: """
      Examples:
        ntprof check deepspeech resnet50
        ntprof check deepspeech --set hidden=512 --quiet
      """)

  @Argument(
    help: "Topologies: XML files, or names of 'ntprof list'.", completion: Completions.topology)
  var topologies: [String]
  @OptionGroup var topologyOptions: TopologyOptions
  @Flag(help: "Print nothing for valid files.") var quiet = false

  func run() throws {
    var worst: Int32 = 0
    for path in topologies {
      do throws(Failure) {
        let loaded = try LoadedTopology(
          NetworkSettings(
            path, batch: topologyOptions.batch, assignments: topologyOptions.assignments,
            model: topologyOptions.model))
        _ = try loaded.program()
        if !quiet {
          let graph = loaded.graph
          let line =
            "\(path): valid: \(graph.name), \(graph.layers.count) layers, "
            + "\(graph.cost.parameters) parameters, \(graph.cost.macs) MACs"
          try Console.write(DisplayText.clean(line) + "\n")
        }
      } catch {
        if error.exit == .inputOutput { throw error }
        Console.complain(error)
        worst = max(worst, error.status)
      }
    }
    if worst != 0 { throw ExitCode(worst) }
  }
}
