import Profiling
import Reports
import Synchronization
import TestSupport
import Testing

/// What Graphviz is asked to lay out.
@Suite struct GraphSourceTests {
  /// Keeps the text it is given.
  final class Listener: PageAssets {
    let heard = Mutex("")
    let chartLibrary: String? = nil
    func layOut(_ dot: String) -> GraphLayout {
      heard.withLock { $0 = dot }
      return .notInstalled
    }
  }

  private func dot(_ record: RunRecord) -> String {
    let listener = Listener()
    _ = HTMLFormat().render(record, options: ReportOptions(assets: listener))
    return listener.heard.withLock { $0 }
  }

  @Test func anOldRecordIsAChain() {
    let text = dot(SampleRecords.deepspeech())
    for place in 1..<6 { #expect(text.contains("n\(place - 1) -> n\(place);")) }
    #expect(text.ranges(of: "->").count == 5)
    #expect(text.ranges(of: "digraph").count == 1)
  }

  @Test func aGraphThatNobodyCouldReadIsNotAskedFor() {
    var record = SampleRecords.deepspeech()
    let layer = record.layers[0]
    record.layers = (0..<2001).map { index in
      var copy = layer
      copy.index = index
      copy.name = "l\(index)"
      return copy
    }
    let listener = Listener()
    let html = String(
      decoding: HTMLFormat().render(record, options: ReportOptions(assets: listener)), as: UTF8.self
    )
    let heard = listener.heard.withLock { $0 }
    #expect(heard.isEmpty)
    #expect(
      html.contains("The graph is left out: 2001 layers are more than the 2000 that are drawn."))
    record.layers.removeLast()
    #expect(dot(record).contains("n1999"))
  }

  @Test func edgesAreWhatLayersRead() {
    var record = SampleRecords.deepspeech()
    let reads = [["features"], ["fc1"], ["fc1"], ["fc2", "fc3"], ["bilstm", "features"], ["fc4"]]
    for i in record.layers.indices { record.layers[i].inputs = reads[i] }
    let text = dot(record)
    for edge in ["n0 -> n1", "n0 -> n2", "n1 -> n3", "n2 -> n3", "n3 -> n4", "n4 -> n5"] {
      #expect(text.contains("\(edge);"))
    }
    // The input stands once and is read twice.
    #expect(text.ranges(of: "shape=oval").count == 1)
    #expect(text.contains("s0 -> n0 ") && text.contains("s0 -> n4 "))
    #expect(text.ranges(of: "->").count == 8)
  }

  /// Columns hold all layers once, and cuts go where one value crosses rather than two.
  @Test(arguments: [10, 47, 1000])
  func longNetworksAreCut(count: Int) {
    var record = SampleRecords.large(layers: count)
    for i in record.layers.indices {
      let before = i == 0 ? "image" : record.layers[i - 1].name
      // Every fourth layer also reads what stood four before it: a residual block.
      let skip = i >= 4 && i.isMultiple(of: 4) ? [record.layers[i - 4].name] : []
      record.layers[i].inputs = [before] + skip
    }
    let text = dot(record)
    let boxes = text.split(separator: "\n").filter { $0.contains("URL=\"#layer-") }
    let own = boxes.filter { $0.hasPrefix("n") }
    #expect(own.count == count)
    #expect(Set(own).count == count)
    let columns = text.split(separator: "digraph {")
    #expect(columns.count >= count / 20)
    for column in columns {
      let inside = column.split(separator: "\n").count { $0.hasPrefix("n") && $0.contains("URL") }
      #expect(inside <= 20)
      #expect(columns.count == 1 || inside >= 8)
    }
    // Blocks begin where one value crosses: only the end of a column may be cut worse.
    if count == 1000 { #expect(text.ranges(of: "from ").count == columns.count - 1) }
  }

  @Test func hostileNamesStayText() {
    let text = dot(SampleRecords.hostile())
    #expect(!text.contains("<script"))
    #expect(text.contains("&lt;/script"))
  }
}
