import ArgumentParser
import Session

/// `ntprof watch-child`: what `--layer-timeout` runs the layers in; not for users.
///
/// Runs every layer once and says before each which one it is, so that its parent knows what hangs.
struct WatchChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch-child", abstract: "Run layers one by one for another ntprof.",
    shouldDisplay: false)

  @OptionGroup var child: ChildArgument

  func run() throws { try child.work.run() }
}
