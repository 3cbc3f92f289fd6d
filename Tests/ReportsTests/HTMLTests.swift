import Profiling
import Reports
import TestSupport
import Testing

@Suite struct HTMLTests {
  private func page(_ record: RunRecord) -> String {
    String(decoding: HTMLFormat().render(record), as: UTF8.self)
  }

  private var pages: [String] {
    let diffs = SampleRecords.all.map { sample in
      HTMLFormat().render(Diff(baseline: SampleRecords.deepspeech(), candidate: sample.record))
    }
    var scenario = SampleRecords.deepspeech()
    scenario.scenario = ScenarioRecord(
      name: .server, samplesPerQuery: 1, latencies: [1e6, 2e6], seconds: 1)
    let options = ReportOptions()
    let overviews = [
      HTMLFormat().render(SampleRecords.sweep(), options: options),
      HTMLFormat().render(SampleRecords.comparison(), options: options),
    ]
    return SampleRecords.all.map { page($0.record) } + [page(scenario)]
      + overviews.map { String(decoding: $0, as: UTF8.self) }
      + diffs.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func elementsAreBalanced() {
    for html in pages { #expect(WellFormedness.problem(in: html) == nil) }
  }

  @Test func nothingIsFetched() {
    for html in pages {
      for word in ["http:", "https:", "//www", "src=", "@import", "url(", "<link", "<iframe"] {
        // The hostile record holds `src=` as text, escaped.
        let found = html.replacing("&lt;img src=x onerror=alert(1)&gt;", with: "").contains(word)
        #expect(!found, "\(word)")
      }
      #expect(html.contains("default-src 'none'"))
    }
  }

  @Test func namesAreText() {
    let html = page(SampleRecords.hostile())
    #expect(!html.contains("alert(1)</script>"))
    #expect(!html.contains("<img"))
    #expect(!html.contains("<b>&amp;"))
    #expect(!html.contains("\u{1b}"))
    #expect(!html.contains("\u{202e}"))
    #expect(html.contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;|&quot;&amp;&#39;"))
    #expect(html.components("<script") == 1)
  }

  @Test func rowsAndPointsAreThere() {
    let html = page(SampleRecords.deepspeech())
    #expect(html.contains("<h1>deepspeech</h1>"))
    #expect(html.components("<tr id=\"layer-") == 6)
    #expect(html.contains("unattributed"))
    #expect(html.contains("memory-bound 96.6 %"))
    #expect(html.contains("Look first at"))
    #expect(!page(SampleRecords.deepspeechShown()).contains("<svg"))
  }

  @Test func aThousandLayersStaySmall() {
    let html = page(SampleRecords.large(layers: 1000))
    #expect(html.utf8.count < 5_000_000)
    #expect(html.components("<tr id=\"layer-") == 1000)
  }

  /// Rows that wait are shown without scripts too.
  @Test func longTablesHoldRowsBack() throws {
    let html = page(SampleRecords.large(layers: 1000))
    let rest = try #require(html.firstRange(of: "<tbody hidden>"))
    let table = html[..<rest.lowerBound]
    #expect(table.ranges(of: "<tr id=\"layer-").count == 120)
    #expect(html.contains("<noscript><style>tbody[hidden]{display:table-row-group}"))
    #expect(!page(SampleRecords.large(layers: 240)).contains("<tbody hidden>"))
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
