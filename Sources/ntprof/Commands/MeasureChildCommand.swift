import ArgumentParser
import Session

/// `ntprof measure-child`: what `diff --processes` and `sweep` run for each process; not for users.
///
/// Measures a topology as `profile` does and writes the record to standard output.
struct MeasureChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure-child", abstract: "Measure a topology for another ntprof.",
    shouldDisplay: false)

  @OptionGroup var child: ChildArgument

  func run() throws { try child.work.run() }
}
