import ArgumentParser
import Profiling
import Reports
import Session

/// Formats of commands that only print.
enum TextFormat {
  /// Refuses formats that are unknown or are files.
  static func validate(_ name: String) throws {
    guard ReportFormats.format(named: name)?.isText == true else {
      let known = ReportFormats.all.filter { $0.isText }.map { $0.name }.joined(separator: ", ")
      throw ValidationError("--format '\(name)' is none of \(known)")
    }
  }

  /// Prints a record.
  static func print(_ record: RunRecord, as name: String) throws(Failure) {
    guard let format = ReportFormats.format(named: name) else { return }
    let place = ReportOptions(width: Console.width, color: Console.hasColor)
    try Console.write(format.render(record, options: place))
  }
}
