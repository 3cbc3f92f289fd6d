import ArgumentParser
import Profiling
import Reports

/// `ntprof report`: render a saved record again.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Render a saved record again in any format.")

  @Argument(help: "A record saved by profile.") var record: String
  @OptionGroup var output: OutputOptions
  @OptionGroup var publishing: PublishOptions

  func run() throws {
    let saved = try SavedRecord.load(record)
    let delivery = try Delivery(output, publishing: publishing, recordIsSaved: true)
    try delivery.deliver(saved, from: record)
  }
}
