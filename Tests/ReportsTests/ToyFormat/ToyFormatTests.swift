import Profiling
import Reports
import TestSupport
import Testing

/// A format that is one file and one line shows every document there is.
@Suite("A toy report format") struct ToyFormatTests {
  /// The line.
  private static let formats = ReportFormats.all + [Tally()]

  private func tally(_ document: some ReportDocument) throws -> String {
    let format = try #require(ReportFormats.format(named: "tally", among: Self.formats))
    return String(decoding: format.render(document), as: UTF8.self)
  }

  @Test func itIsFoundByItsNameAlone() {
    #expect(ReportFormats.format(named: "tally") == nil)
    #expect(Self.formats.filter(\.showsOverviews).map(\.name).last == "tally")
  }

  @Test func itShowsEveryDocument() throws {
    let record = SampleRecords.deepspeech()
    #expect(try tally(record) == "\(record.topology.name): \(record.layers.count) layers\n")
    let diff = Diff(baseline: record, candidate: record)
    #expect(try tally(diff) == "\(diff.layers.count) pairs\n")
    let sweep = SampleRecords.sweep()
    #expect(try tally(sweep) == "\(sweep.points.count) rows\n")
    let words = try tally(SampleRecords.comparison())
    #expect(words.hasSuffix(" rows\n") && !words.hasPrefix("0"))
  }
}
