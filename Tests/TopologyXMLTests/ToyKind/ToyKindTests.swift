import Foundation
import TestSupport
import Testing
import Topology
import TopologyXML

@testable import XMLTree
@testable import schema_writer

/// A kind that is one file and one line: everything that is made of layer kinds has it.
@Suite("A toy layer kind") struct ToyKindTests {
  /// The line.
  private static let schema = TopologySchema(LayerKinds.standard.adding(Shrink.self))

  private static let layers = """
    <input name="x" shape="1x4"/><input name="t" shape="1x1"/>
    <layer name="hard" inputs="x"><shrink lambda="${1 / 2}" mode="hard"/></layer>
    <layer name="soft" inputs="x"><shrink mode="soft" lambda="1"/></layer>
    <layer name="told" inputs="x"><shrink threshold="t"/></layer>
    """

  private func document(_ body: String = layers) -> [UInt8] {
    Array("<topology name=\"toy\" version=\"1\">\(body)</topology>".utf8)
  }

  private func read(_ bytes: [UInt8]) throws -> Graph {
    try TopologyReader(schema: Self.schema).read(bytes: bytes, file: "toy.xml").graph
  }

  private func fault(_ body: String, _ reader: TopologyReader) -> String {
    do {
      _ = try reader.read(bytes: document(body), file: "toy.xml")
      return "valid"
    } catch {
      return "\(error)"
    }
  }

  @Test func theSchemaHasItsElement() throws {
    let vocabulary = try XMLSchema(Self.schema.bytes).vocabulary
    let element = try #require(vocabulary.elements["shrink"])
    #expect(element.attributes == ["lambda", "mode", "threshold", "if"])
    #expect(element.required.isEmpty)
    #expect(element.values["mode"] == ["hard", "soft"])
    let text = String(decoding: Self.schema.bytes, as: UTF8.self)
    #expect(text.contains("The largest magnitude that becomes 0. Default 0.5."))
    #expect(!String(decoding: TopologySchema.standard.bytes, as: UTF8.self).contains("shrink"))
  }

  @Test func theGuideHasItsTable() throws {
    let section = [GuideTables.begin("shrink"), GuideTables.end].joined(separator: "\n")
    let page = try GuideTables.page(section, kinds: LayerKinds([Shrink.self]))
    let rows = [
      "| `lambda` | `0.5` | the largest magnitude that becomes 0 |",
      "| `mode` | `hard` | `hard` or `soft` |",
      "| `threshold` | `lambda` | a value of one element to use instead |",
    ]
    #expect(page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init) == rows)
    #expect(throws: GuideTables.MissingMarks.self) {
      try GuideTables.page("", kinds: LayerKinds([Shrink.self]))
    }
  }

  @Test func itIsReadWithShapeCostAndErrors() throws {
    let graph = try read(document())
    #expect(graph.layers.map(\.outputType.description) == Array(repeating: "1x4 nc", count: 3))
    #expect(graph.cost == Cost(flops: 12))
    let own = TopologyReader(schema: Self.schema)
    func fault(_ primitive: String) -> String {
      self.fault("<input name=\"x\" shape=\"1x4\"/><layer name=\"l\">\(primitive)</layer>", own)
    }
    #expect(
      fault("<shrink lambda=\"-1\"/>").contains(
        "attribute 'lambda' of <shrink>: -1.0 is negative"))
    #expect(
      fault("<shrink mode=\"sofd\"/>").contains(
        "attribute 'mode' of <shrink>: 'sofd' is none of hard, soft\n  hint: did you mean 'soft'?"))
    #expect(fault("<shrink lamda=\"1\"/>").contains("did you mean 'lambda'?"))
    #expect(fault("<shrik/>").contains("did you mean <shrink>?"))
    #expect(fault("<shrink threshold=\"x\"/>").contains("a threshold is one element"))
    #expect(
      self.fault(Self.layers, TopologyReader()).contains("unknown element <shrink> in <layer>"))
  }

  @Test func itIsWrittenWithoutItsDefaults() throws {
    let graph = try read(document())
    let text = try TopologyWriter().write(graph)
    #expect(text.contains("<layer name=\"hard\" inputs=\"x\"><shrink/></layer>"))
    #expect(text.contains("<shrink lambda=\"1\" mode=\"soft\"/>"))
    #expect(text.contains("<shrink threshold=\"t\"/>"))
    #expect(GraphDifference.first(graph, try read(Array(text.utf8))) == nil)
  }

  @Test func itRuns() throws {
    let values = ReferenceInterpreter.run(
      try read(document()).program(), inputs: [[-2, -0.5, 0.75, 3], [2]], weights: { _, _ in [] })
    #expect(values[2] == [-2, 0, 0.75, 3])
    #expect(values[3] == [-1, 0, 0, 2])
    #expect(values[4] == [0, 0, 0, 3])
  }

  /// What a kind of the language touches besides is listed where contributors look.
  @Test func everyPlaceOfTheListIsThere() throws {
    let text = String(decoding: try RepositoryFiles.bytes(of: "CONTRIBUTING.md"), as: UTF8.self)
    let entries = text.components(separatedBy: "\n* **")
      .filter { $0.hasPrefix("a layer kind:") || $0.hasPrefix("an operation**") }
    #expect(entries.count == 2)
    let places = entries.joined().split(separator: "`").map(String.init).filter {
      $0.hasPrefix("Sources/") || $0.hasPrefix("Tests/") || $0.hasPrefix("docs/")
        || $0.hasPrefix("Benchmarks/")
    }
    #expect(places.count >= 8)
    for place in places {
      let path = RepositoryFiles.root.appending(path: place).path
      #expect(FileManager.default.fileExists(atPath: path), "\(place)")
    }
  }
}
