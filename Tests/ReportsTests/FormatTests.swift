import Profiling
import Reports
import TestSupport
import Testing

@Suite struct FormatTests {
  /// A new format is one file and one line in the list: neither without the other.
  @Test func folderAndListAgree() throws {
    let files = try RepositoryFiles.names(in: "Sources/Reports/Formats")
    let names = files.map { String($0.dropLast(".swift".count)).lowercased() }
    #expect(names.sorted() == ReportFormats.all.map(\.name).sorted())
  }

  @Test func formatsAreFoundByName() {
    #expect(ReportFormats.format(named: "html")?.fileExtension == "html")
    #expect(ReportFormats.format(named: "html")?.isText == false)
    #expect(ReportFormats.format(named: "table")?.isText == true)
    #expect(ReportFormats.format(named: "gif") == nil)
  }

  /// The same record gives the same bytes, also after a round through its file.
  @Test(arguments: SampleRecords.all)
  func renderingIsPure(sample: SampleRecords.Named) throws {
    let saved = try RecordCoding.decode(RecordCoding.encode(sample.record))
    let diff = Diff(baseline: SampleRecords.deepspeech(), candidate: sample.record)
    for format in ReportFormats.all {
      let bytes = format.render(sample.record)
      #expect(!bytes.isEmpty)
      #expect(format.render(saved) == bytes, "\(format.name)")
      #expect(String(validating: bytes, as: UTF8.self) != nil)
      #expect(format.render(diff) == format.render(diff), "\(format.name)")
    }
  }

  @Test func jsonIsTheRecord() throws {
    let record = SampleRecords.deepspeech()
    #expect(try RecordCoding.decode(JSONFormat().render(record)) == record)
  }

  /// Nothing in a record, however odd, may end the program.
  @Test func oddRecordsRender() {
    var record = SampleRecords.deepspeech()
    record.layers[0].time = TimeSummary(
      samples: [], count: 0, min: 0, median: 0, mean: 0, p90: 0, p99: 0, stddev: 0,
      ci95: [5, 1, 9])
    record.layers[1].share = -1e300
    record.layers[1].metrics["gflops_per_second"] = 1e300
    record.layers[2].flops = .max
    record.layers[2].bytes.total = .max
    record.layers[3].bound?.evidence["efficiency"] = -4e200
    record.layers[4].time?.samples = [1e300, 0, -5]
    record.endToEnd?.time.samples = [1e300, -1e300, 0, 1]
    record.endToEnd?.time.median = 1e300
    record.machine.rooflines?.bandwidth = [.init(bytes: 0, gbs: 0), .init(bytes: 0, gbs: 1e-300)]
    record.machine.rooflines?.peakFlops.f32 = 1e300
    record.machine.cores = .max
    record.totals.bytes = .min
    var empty = record
    empty.layers = []
    empty.segments = []
    for odd in [record, empty] {
      for format in ReportFormats.all {
        #expect(!format.render(odd).isEmpty)
        #expect(!format.render(Diff(baseline: odd, candidate: SampleRecords.deepspeech())).isEmpty)
        #expect(!format.render(Diff(baseline: SampleRecords.deepspeech(), candidate: odd)).isEmpty)
      }
    }
  }

  @Test func csvKeepsItsColumns() {
    func head(_ record: RunRecord) -> Substring? {
      String(decoding: CSVFormat().render(record), as: UTF8.self).split(separator: "\n").first
    }
    #expect(head(SampleRecords.deepspeech()) == head(SampleRecords.deepspeechShown()))
    let text = String(decoding: CSVFormat().render(SampleRecords.hostile()), as: UTF8.self)
    #expect(text.contains("\"</script><script>alert(1)</script>|\"\"&'\u{fffd}[31m,層\""))
    #expect(text.contains("3,bilstm,lstm,rnn,f32,16x1x2048,16x1x4096,67125248,1073741824,"))
  }

  @Test func markdownEscapesWhatIsMarkup() {
    let text = String(decoding: MarkdownFormat().render(SampleRecords.hostile()), as: UTF8.self)
    #expect(text.contains("&lt;/script>&lt;script>alert(1)&lt;/script>\\|\"&amp;'\u{fffd}\\[31m,層"))
    let bars = text.split(separator: "\n").filter { $0.hasPrefix("|") }
    let cells = bars.map { $0.replacing("\\|", with: "").filter { $0 == "|" }.count }
    #expect(Set(cells).count == 1)
  }
}
