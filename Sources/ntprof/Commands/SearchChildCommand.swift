import ArgumentParser
import Session

/// `ntprof search-child`: what `--tuning auto` and `search` run their trials in; not for users.
///
/// Reads what is known from standard input, tries the rest, and writes to standard output what it is
/// about to do and what it found, so that its parent knows what crashed it.
struct SearchChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search-child", abstract: "Try implementations for another ntprof.",
    shouldDisplay: false)

  @OptionGroup var child: ChildArgument

  func run() throws { try child.work.run() }
}
