import ArgumentParser
import Profiling
import Reports
import Session

/// `ntprof report`: render what was saved again.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Render a saved record, diff, sweep, advice, bricks or prediction again in any format.",
    discussion: """
      Examples:
        ntprof report base.json --format table --verbose
        ntprof report base.json --format html --format trace
      """)

  @Argument(
    help:
      "A record, diff, comparison of candidates or machines, sweep, advice, bricks or prediction.",
    completion: .file(extensions: ["json"]))
  var record: String
  @OptionGroup var output: OutputOptions
  @OptionGroup var publishing: PublishOptions

  func run() throws {
    let saved = try SavedDocument.load(record)
    let delivery = try Delivery(output, publishing: publishing, recordIsSaved: true)
    defer { delivery.withdraw() }
    switch saved {
    case .record(let saved): try delivery.deliver(saved, from: record)
    case .diff(let diff):
      try delivery.deliver(from: record) { format, place in format.render(diff, options: place) }
    case .comparison(let comparison): try deliver(comparison, by: delivery)
    case .sweep(let sweep): try deliver(sweep, by: delivery)
    case .advice(let advice): try deliver(advice, by: delivery)
    case .hardware(let hardware): try deliver(hardware, by: delivery)
    case .bricks(let bricks): try deliver(bricks, by: delivery)
    case .prediction(let prediction): try deliver(prediction, by: delivery)
    }
  }

  private func deliver(
    _ document: some ReportDocument, by delivery: Delivery
  ) throws(Failure) {
    try checkOverview()
    try delivery.deliver(from: record) { format, place in
      format.render(document, options: place)
    }
  }

  private func checkOverview() throws(Failure) {
    if let name = output.format.first(where: { !ReportFormats.isOverview($0) }) {
      throw Failure(
        .usage, "--format \(name) shows one run",
        remedy: "use one of \(ReportFormats.overviewNames)")
    }
    if publishing.endpoint != nil {
      throw Failure(.usage, "--otlp-endpoint takes the record of one run")
    }
  }
}
