import Profiling
import Reports

/// How many rows each document has: a format that is this file.
struct Tally: ReportFormat {
  let name = "tally"
  let isText = true
  let fileExtension = "tally.txt"

  func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    let text =
      switch document.content {
      case .record(let record): "\(record.topology.name): \(record.layers.count) layers\n"
      case .diff(let diff): "\(diff.layers.count) pairs\n"
      case .overview: "\(document.render(by: CSVFormat()).split(separator: 10).count - 1) rows\n"
      }
    return Array(text.utf8)
  }
}

extension ReportDocument {
  fileprivate func render(by format: some ReportFormat) -> [UInt8] { format.render(self) }
}
