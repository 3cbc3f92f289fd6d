import Profiling
import Reports
import TestSupport
import Testing

/// Sweeps and comparisons of several candidates, in every format that shows them.
@Suite struct OverviewTests {
  private static let formats = ReportFormats.all.filter(\.showsOverviews)

  private static func text(
    _ format: any ReportFormat, _ sweep: Sweep, width: Int = 120
  ) -> String {
    String(
      decoding: format.render(sweep, options: ReportOptions(width: width)), as: UTF8.self)
  }

  @Test func fiveFormatsShowThem() {
    #expect(Self.formats.map(\.name) == ["table", "json", "csv", "markdown", "html"])
    #expect(ReportFormats.isOverview("csv") && !ReportFormats.isOverview("trace"))
    #expect(ReportFormats.overviewNames == "table, json, csv, markdown, html")
  }

  @Test func sweepTable() {
    let text = Self.text(TableFormat(), SampleRecords.sweep())
    #expect(text.contains("grid of hidden 512, 1024, 2048 × batch 1, 4, 16, 64"))
    #expect(text.contains("12 points · 6 processes each"))
    #expect(text.contains("hidden 2048, batch 64: out of memory <b>"))
    #expect(text.contains("★ best, front"))
    #expect(text.contains("Latency, ms: hidden by batch"))
    #expect(text.contains("█") && text.contains("░"))
    #expect(text.contains("best latency under parameters>=1M: hidden 512, batch 1 with 1.1"))
    #expect(text.contains("the best in 100.0 % of resamples"))
    #expect(text.contains("throughput bends at batch 16 at hidden 512"))
    #expect(text.contains("most parameters for the latency: hidden 512, batch 1; hidden 1024"))
  }

  @Test func unsureSweepsSaySo() {
    var sweep = SampleRecords.sweep(samples: 3)
    sweep.interrupted = true
    sweep.points[2].state = .pending
    sweep.points[3].state = .pending
    sweep.points[3].latency = nil
    let text = Self.text(TableFormat(), sweep)
    #expect(
      text.contains("no best latency under parameters>=1M can be told: that takes 4 undisturbed"))
    #expect(text.contains("10 of 12 points have fewer than 4 undisturbed processes"))
    #expect(!text.contains("★ best") && !text.contains("may be best") && !text.contains("bends at"))
    #expect(text.contains("2 of 12 points were not measured by every process (interrupted)"))
    #expect(text.contains("partly") && text.contains("pending"))
    sweep.plan.constraints = [SweepConstraint("latency<1ns")].compactMap(\.self)
    #expect(
      Self.text(TableFormat(), sweep).contains("no measured point qualifies under latency<1ns"))
  }

  @Test(arguments: [80, 100, 120])
  func linesFitTheWidth(width: Int) {
    let lines = Self.text(TableFormat(), SampleRecords.sweep(), width: width)
      .split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width })
  }

  @Test func csvHasARowAPoint() {
    let lines = Self.text(CSVFormat(), SampleRecords.sweep()).split(separator: "\n")
    #expect(lines.count == 13)
    #expect(lines[0].hasPrefix("hidden,batch,state,latency_ns,low_ns,high_ns,processes,"))
    #expect(lines[1].hasPrefix("512,1,measured,"))
    #expect(lines[12].hasPrefix("2048,64,failed,,,,,,"))
  }

  @Test func pageHasHeatAndNames() {
    let html = Self.text(HTMLFormat(), SampleRecords.sweep())
    #expect(html.contains("color-mix(in srgb,var(--bad)"))
    #expect(html.contains("out of memory &lt;b&gt;"))
    #expect(html.contains("★ best"))
  }

  @Test func comparisonTable() {
    let comparison = SampleRecords.comparison()
    let text = String(
      decoding: TableFormat().render(comparison, options: ReportOptions(width: 200)),
      as: UTF8.self)
    #expect(text.contains("A (baseline)  topologies/deepspeech.xml"))
    #expect(text.contains("C  topologies/deepspeech-1536.xml · hidden 1536"))
    let rows = text.split(separator: "\n")
    #expect(rows.contains { $0.hasPrefix("fc6 ") && $0.contains("added") })
    #expect(rows.contains { $0.hasPrefix("fc3 ") && $0.contains("removed") })
    #expect(rows.contains { $0.hasPrefix("end to end") })
    #expect(text.contains("What changed in C"))
    let csv = String(
      decoding: CSVFormat().render(comparison, options: ReportOptions()), as: UTF8.self)
    let widths = csv.split(separator: "\n").map { line in
      line.replacing(/"[^"]*"(?:"[^"]*")*/, with: "x").filter { $0 == "," }.count
    }
    #expect(Set(widths) == [19])
  }

  private static func page(_ render: (HTMLFormat, ReportOptions) -> [UInt8], _ library: String?)
    -> String
  {
    var assets = PageAssetsTests.Fake()
    assets.chartLibrary = library
    return String(decoding: render(HTMLFormat(), ReportOptions(assets: assets)), as: UTF8.self)
  }

  @Test func comparisonsShowLayersSideBySide() {
    let comparison = SampleRecords.comparison()
    let drawn = Self.page({ $0.render(comparison, options: $1) }, "library")
    #expect(drawn.contains("<canvas id=\"sides\""))
    #expect(drawn.contains(#""label": "A deepspeech""#))
    #expect(drawn.contains(#""label": "C hidden 1536""#))
    let plain = Self.page({ $0.render(comparison, options: $1) }, nil)
    #expect(!plain.contains("<canvas") && plain.contains("Layers side by side"))
    #expect(plain.contains("apt-get install libjs-chart.js"))
    for page in [drawn, plain] { #expect(page.contains("<th scope=\"row\">bilstm</th>")) }
  }

  @Test func sweepsShowLatencyAgainstParameters() {
    var sweep = SampleRecords.sweep()
    let drawn = Self.page({ $0.render(sweep, options: $1) }, "library")
    #expect(drawn.contains("<canvas id=\"front\""))
    #expect(drawn.contains(#""n": "hidden 512, batch 1""#))
    // What was not measured is no point.
    #expect(drawn.ranges(of: #""t": ["hidden"#).count == 11)
    sweep.points = sweep.points.filter { $0.settings[0] == "512" }
    let single = Self.page({ $0.render(sweep, options: $1) }, "library")
    #expect(!single.contains("<canvas") && !single.contains("against parameters"))
  }

  @Test func renderingIsPure() {
    for format in Self.formats {
      let (sweep, comparison) = (SampleRecords.sweep(), SampleRecords.comparison())
      let options = ReportOptions()
      #expect(format.render(sweep, options: options) == format.render(sweep, options: options))
      #expect(
        format.render(comparison, options: options) == format.render(comparison, options: options))
    }
  }

  @Test func scenariosInWords() {
    func line(_ scenario: ScenarioRecord) -> String {
      var record = SampleRecords.deepspeech()
      record.scenario = scenario
      let text = String(decoding: TableFormat().render(record), as: UTF8.self)
      return text.split(separator: "\n").first { $0.hasPrefix("scenario") }.map(String.init) ?? ""
    }
    let latencies = (0..<100).map { 50e6 + 1e4 * Double($0) }
    #expect(
      line(
        ScenarioRecord(name: .singleStream, samplesPerQuery: 1, latencies: latencies, seconds: 5))
        == "scenario    single-stream: p90 at most 50.97 ms (99 % sure, 100 queries)")
    #expect(
      line(ScenarioRecord(name: .multiStream, samplesPerQuery: 8, latencies: latencies, seconds: 5))
        .contains("p99 50.98 ms of 100 queries (662 are needed to be 99 % sure)"))
    #expect(
      line(ScenarioRecord(name: .offline, samplesPerQuery: 32, latencies: latencies, seconds: 5))
        == "scenario    offline: 640 samples/s in batches of 32")
    var server = ScenarioRecord(
      name: .server, samplesPerQuery: 1, latencies: latencies, seconds: 5)
    server.latencyBoundNs = 60e6
    #expect(line(server).contains("no rate that was tried keeps 99 % within 60.0 ms"))
    server.qps = 20
    server.trials = [.init(qps: 20, latencies: latencies, boundNs: 60e6)]
    #expect(
      line(server).contains(
        "server: 20.0 queries/s with 99 % within 60.0 ms (of too few queries to be sure)"))
  }
}
