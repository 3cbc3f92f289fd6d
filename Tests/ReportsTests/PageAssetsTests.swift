import Profiling
import Reports
import TestSupport
import Testing

/// A page takes its charts and its graph from what it is given, and says what is missing.
@Suite struct PageAssetsTests {
  /// Assets that remember what they were asked for.
  struct Fake: PageAssets {
    var chartLibrary: String? = "/* a library */ var x = \"</script><b>\";"
    var layout: GraphLayout = .svg(Fake.drawing)

    func layOut(_ dot: String) -> GraphLayout { layout }

    /// What `dot` writes, in short.
    static let drawing = """
      <?xml version="1.0" encoding="UTF-8" standalone="no"?>
      <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">
      <svg width="62pt" height="40pt"
       viewBox="0.00 0.00 62.00 40.00" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://x">
      <g id="graph0" class="graph">
      <!-- n0 -->
      <g id="node1" class="node b-memory">
      <title>n0</title>
      <g id="a_node1"><a xlink:href="#layer-0" xlink:title=" ">
      <text>fc1</text>
      </a>
      </g>
      </g>
      <g id="edge1" class="edge">
      <title>n0&#45;&gt;n1</title>
      </g>
      </g>
      </svg>

      """
  }

  private func page(_ record: RunRecord, _ assets: (any PageAssets)?) -> String {
    String(
      decoding: HTMLFormat().render(record, options: ReportOptions(assets: assets)), as: UTF8.self)
  }

  @Test(arguments: SampleRecords.all)
  func pagesWithAssetsAreWellFormedAndFetchNothing(sample: SampleRecords.Named) {
    let before = SampleRecords.deepspeech()
    let diff = HTMLFormat().render(
      Diff(baseline: before, candidate: sample.record), options: ReportOptions(assets: Fake()))
    for html in [page(sample.record, Fake()), String(decoding: diff, as: UTF8.self)] {
      #expect(WellFormedness.problem(in: html) == nil)
      #expect(!html.contains("http:") && !html.contains("xlink") && !html.contains("<!-- n0"))
      #expect(html.contains("default-src 'none'"))
    }
  }

  /// A page of several drawings would have Graphviz's ids several times.
  @Test func drawingsHaveNoIds() {
    var assets = Fake()
    assets.layout = .svg(Fake.drawing + Fake.drawing)
    let html = page(SampleRecords.deepspeech(), assets)
    #expect(html.ranges(of: "<svg").count == 2)
    #expect(!html.contains("graph0") && !html.contains("node1") && !html.contains("edge1"))
    #expect(html.contains("<g class=\"node b-memory\">"))
    #expect(html.contains("<div class=\"column\" style=\"width:62pt;height:40pt\"><svg"))
  }

  @Test func theLibraryCannotEndItsElement() {
    let html = page(SampleRecords.deepspeech(), Fake())
    #expect(html.contains("/* a library */ var x = \"<\\/script><b>\";"))
    #expect(html.ranges(of: "<script").count == 4)
  }

  @Test func namesInChartsAreText() throws {
    let html = page(SampleRecords.hostile(), Fake())
    #expect(!html.contains("alert(1)</script>"))
    let charts = try #require(Self.charts(in: html))
    #expect(!charts.contains("<"))
    #expect(charts.contains("\\u003c/script>"))
  }

  /// Every canvas has a configuration that is JSON, and every configuration a canvas and a table.
  @Test func chartsHaveDataCanvasAndTable() throws {
    let html = page(SampleRecords.withHardwareCounters(), Fake())
    let text = try #require(Self.charts(in: html))
    guard case .object(let charts) = try JSON.parse(Array(text.utf8)) else {
      Issue.record("no object")
      return
    }
    let ids = ["kinds", "roofline", "passes", "counters", "spread", "threads"]
    #expect(Set(charts.keys) == Set(ids))
    for id in ids { #expect(html.contains("<canvas id=\"\(id)\" role=\"img\" aria-label=\"")) }
    #expect(html.ranges(of: "<summary>The numbers of this plot</summary>").count == ids.count)
    guard case .array(let sets) = charts["roofline"]?["data"]["datasets"] else {
      Issue.record("no datasets")
      return
    }
    let points = sets.filter { $0["roof"] == .null }.flatMap { set -> [JSON] in
      if case .array(let data) = set["data"] { data } else { [] }
    }
    #expect(points.count == 6)
    #expect(sets.count { $0["roof"] != .null } == 5)
  }

  @Test func aRecordWithoutTimesHasAGraphAndNoCharts() {
    let html = page(SampleRecords.deepspeechShown(), Fake())
    #expect(!html.contains("<canvas") && !html.contains("a library"))
    #expect(html.contains("<svg class=\"net\""))
    #expect(!html.contains("type=\"radio\""))
  }

  @Test func theGraphIsLinkedAndTitled() {
    let html = page(SampleRecords.deepspeech(), Fake())
    #expect(html.contains("<a href=\"#layer-0\">"))
    #expect(html.contains("<title>fc1 (fc)\n16x1x494 → 16x1x2048"))
    #expect(html.ranges(of: "<title>").count == 2)
    #expect(html.contains("<tr id=\"layer-0\">"))
    #expect(html.ranges(of: "type=\"radio\"").count == 3)
  }

  @Test func whatIsMissingIsSaid() {
    let none = Fake(chartLibrary: nil, layout: .notInstalled)
    let html = page(SampleRecords.deepspeech(), none)
    #expect(WellFormedness.problem(in: html) == nil)
    #expect(html.contains("apt-get install libjs-chart.js"))
    #expect(html.contains("apt-get install graphviz"))
    #expect(!html.contains("<canvas") && !html.contains("<svg"))
    // Their numbers are there all the same.
    #expect(html.contains("<h2>Roofline</h2>") && html.contains("<h2>Passes</h2>"))
    let failed = page(SampleRecords.deepspeech(), Fake(layout: .failed("dot <fell>")))
    #expect(failed.contains("The graph is left out: dot &lt;fell&gt;."))
  }

  @Test(arguments: [
    "", "<svg", "<svg width=\"1pt\" height=\"url(x)\" viewBox=\"0\"></svg>", "text",
  ])
  func aBrokenDrawingIsLeftOut(svg: String) {
    let html = page(SampleRecords.deepspeech(), Fake(layout: .svg(svg)))
    #expect(html.contains("Graphviz gave no drawing"))
    #expect(WellFormedness.problem(in: html) == nil)
  }

  @Test func sameRecordSameBytes() {
    let record = SampleRecords.withHardwareCounters()
    #expect(page(record, Fake()) == page(record, Fake()))
  }

  private static func charts(in html: String) -> Substring? {
    guard let start = html.firstRange(of: "id=\"charts\">"),
      let end = html[start.upperBound...].firstRange(of: "</script>")
    else { return nil }
    return html[start.upperBound..<end.lowerBound]
  }
}
