import ArgumentParser

/// The command: what it is, and its subcommands.
@main
struct NTProf: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ntprof",
    abstract: "Profile neural-network topologies on this CPU, layer by layer.",
    version: "0.1.0")
}
