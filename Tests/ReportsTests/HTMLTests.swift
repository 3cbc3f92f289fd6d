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
    #expect(html.components("<tr><td data-v=") == 6)
    #expect(html.components("<circle class=\"point ") == 6)
    #expect(html.components("<circle class=\"sample\"") == 20)
    #expect(html.contains("unattributed"))
    #expect(html.contains("memory-bound 96.6 %"))
    #expect(html.contains("Look first at"))
    #expect(!page(SampleRecords.deepspeechShown()).contains("<svg"))
  }

  @Test func aThousandLayersStaySmall() {
    let html = page(SampleRecords.large(layers: 1000))
    #expect(html.utf8.count < 5_000_000)
    #expect(html.components("<tr><td data-v=") == 1000)
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}

/// A check that every element is closed where it should be.
private enum WellFormedness {
  private static let void: Set<String> = ["meta", "br", "input", "link", "img", "hr"]

  /// The first problem; nil when there is none.
  static func problem(in html: String) -> String? {
    guard html.hasPrefix("<!DOCTYPE html>\n") else { return "no doctype" }
    var open: [String] = []
    var rest = html.dropFirst("<!DOCTYPE html>".count)
    while let start = rest.firstIndex(of: "<") {
      rest = rest[start...].dropFirst()
      guard let end = rest.firstIndex(of: ">") else { return "an open tag" }
      let tag = rest[..<end]
      rest = rest[end...].dropFirst()
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else { return "unexpected <\(tag)>" }
        continue
      }
      guard let name = tag.split(whereSeparator: { $0 == " " || $0 == "/" }).first.map(String.init)
      else { return "an empty tag" }
      guard tag.filter({ $0 == "\"" }).count.isMultiple(of: 2) else { return "quotes in <\(tag)>" }
      if tag.hasSuffix("/") || void.contains(name) { continue }
      open.append(name)
      if name == "script" || name == "style" {
        guard let close = rest.range(of: "</\(name)>") else { return "no </\(name)>" }
        rest = rest[close.lowerBound...]
      }
    }
    return open.isEmpty ? nil : "never closed: \(open)"
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}
