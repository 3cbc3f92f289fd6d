import ArgumentParser
import Reports
import Session

/// Options that say what comes out, and where.
struct OutputOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Output format, repeatable: \(ReportFormats.all.map { $0.name }.joined(separator: ", ")).",
      discussion: "Text goes to standard output, files to --output. Default: table and html.",
      valueName: "format"),
    completion: Choices.formats)
  var format: [String] = []

  @Option(help: "Folder for records and report files.", completion: .directory)
  var output: String = "reports"

  @Flag(name: .customLong("no-save"), help: "Do not save the record.")
  var noSave = false

  @Flag(help: "No progress, notes or warnings on standard error.")
  var quiet = false

  @Flag(help: "Also say on standard error what ran for each layer, and what else was tried.")
  var verbose = false

  /// Who is told how a run gets on.
  var observer: ConsoleObserver { ConsoleObserver(quiet: quiet) }

  mutating func validate() throws {
    for name in format where ReportFormats.format(named: name) == nil {
      let known = ReportFormats.all.map { $0.name }.joined(separator: ", ")
      throw ValidationError("--format '\(name)' is none of \(known)")
    }
  }
}
