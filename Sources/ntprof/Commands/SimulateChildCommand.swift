import ArgumentParser
import Session

/// `ntprof simulate-child`: what `--counters simulated` runs under callgrind; not for users.
///
/// Plans the network on one thread, runs a pass that is not counted (code generation, symbols), then
/// every selected layer with empty caches, then passes in which they follow the other layers.
struct SimulateChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate-child", abstract: "Run a topology's layers under callgrind.",
    shouldDisplay: false)

  @OptionGroup var child: ChildArgument

  func run() throws { try child.work.run() }
}
