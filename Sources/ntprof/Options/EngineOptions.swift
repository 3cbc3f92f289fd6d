public import ArgumentParser
public import Engines
import Session

extension EngineName: ExpressibleByArgument {}

/// Which engine runs a network, and where it is found.
struct EngineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What runs the network: \(EngineName.allCases.map(\.rawValue).joined(separator: ", ")).",
      discussion:
        "Another engine than oneDNN runs from its Python package, in a process of its own; "
        + "'ntprof engines' says where one is.", valueName: "engine"))
  var engine: EngineName = .onednn

  @Option(
    name: .customLong("engine-python"),
    help: ArgumentHelp("The Python that has the engine's package.", valueName: "path"),
    completion: .file())
  var python: String?
}
