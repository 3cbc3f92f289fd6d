import Topology

/// The tables of attributes in `docs/topology-language.md`, between marks that name a kind's first
/// element.
enum GuideTables {
  /// A kind that the page has no marks for, or whose marks have no end.
  struct MissingMarks: Error, CustomStringConvertible {
    let element: String

    var description: String {
      "docs/topology-language.md: a section for <\(element)> with the lines "
        + "'\(GuideTables.begin(element))' and '\(GuideTables.end)' is missing"
    }
  }

  static let end = "<!-- /attributes -->"

  static func begin(_ element: String) -> String { "<!-- attributes: \(element) -->" }

  /// The page with the tables of these kinds in place of what stands between the marks.
  static func page(_ page: String, kinds: LayerKinds) throws(MissingMarks) -> String {
    var lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for kind in kinds.all {
      guard let element = kind.elements.first?.name else { continue }
      guard let start = lines.firstIndex(of: begin(element)),
        let stop = lines[start...].firstIndex(of: end)
      else { throw MissingMarks(element: element) }
      lines.replaceSubrange(start + 1..<stop, with: [""] + table(of: kind) + [""])
    }
    return lines.joined(separator: "\n")
  }

  /// A row for each attribute that one of the kind's elements has; neighbours of which the same holds
  /// share one.
  static func table(of kind: any LayerKind.Type) -> [String] {
    var rows: [(names: [String], rest: String)] = []
    func add(_ name: String, _ fallback: String, _ meaning: String) {
      guard !rows.contains(where: { $0.names.contains(name) }) else { return }
      let rest = "\(fallback) | \(meaning)"
      if rows.last?.rest == rest {
        rows[rows.count - 1].names.append(name)
      } else {
        rows.append(([name], rest))
      }
    }
    for attribute in kind.elements.flatMap(\.attributes) {
      add(attribute.name, attribute.cellOfAbsence, attribute.guide)
    }
    for further in kind.elements.compactMap(\.further).prefix(1) { add("with", "none", further) }
    return ["| attribute | default | meaning |", "|---|---|---|"]
      + rows.map { row in
        "| \(row.names.map { "`\($0)`" }.joined(separator: ", ")) | \(row.rest) |"
      }
  }
}
