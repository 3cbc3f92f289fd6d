import Foundation
import Testing

@testable import Topology
@testable import TopologyXML

/// What the suites that hold `docs/topology-language.md` to the reader share.
enum Guide {
  static let page: String = {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let path = root.appending(path: "docs/topology-language.md").path
    return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }()

  /// The complete examples: blocks fenced as `xml` that begin with `<?xml` or `<topology`.
  static let examples: [String] = {
    var examples: [String] = []
    var block: [Substring]?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        let text = block?.joined(separator: "\n") ?? ""
        if text.hasPrefix("<?xml") || text.hasPrefix("<topology") { examples.append(text) }
        block = block == nil && line == "```xml" ? [] : nil
      } else {
        block?.append(line)
      }
    }
    return examples
  }()

  /// Rows of the tables between a heading that begins with `heading` and the next heading.
  static func rows(under heading: String) -> [[String]] {
    var rows: [[String]] = []
    var isInside = false
    for line in page.split(separator: "\n") {
      if line.hasPrefix("#") { isInside = line.hasPrefix(heading) }
      guard isInside, line.hasPrefix("| `") else { continue }
      let cells = line.replacing("\\|", with: "¦").split(
        separator: "|", omittingEmptySubsequences: false)
      rows.append(cells.dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) })
    }
    return rows
  }

  /// The words of a cell between back quotes.
  static func words(_ cell: String) -> [String] {
    cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}

/// A suite about the guide: short ways to read topologies.
protocol GuideSuite {}

extension GuideSuite {
  func read(_ text: String) throws -> Graph {
    try TopologyReader().read(bytes: Array(text.utf8), file: "guide.xml").graph
  }

  func topology(_ body: String, shape: String = "1x9") -> String {
    "<topology name=\"t\" version=\"1\"><input name=\"in\" shape=\"\(shape)\"/>\(body)</topology>"
  }

  /// A topology of one layer on one input.
  func layer(_ primitives: String, shape: String = "1x9", layout: String? = nil) -> String {
    let text = topology("<layer name=\"l\">\(primitives)</layer>", shape: shape)
    guard let layout else { return text }
    return text.replacing("shape=", with: "layout=\"\(layout)\" shape=")
  }

  func expectError(
    _ text: String, _ part: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    do {
      _ = try read(text)
      Issue.record("valid, though '\(part)' was expected", sourceLocation: sourceLocation)
    } catch {
      #expect("\(error)".contains(part), sourceLocation: sourceLocation)
    }
  }
}
