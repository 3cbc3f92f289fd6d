/// Graphviz's SVG made fit to stand in a page.
///
/// Prologue, comments and name spaces go; the titles it gives to boxes become the tooltips of the
/// layers, those of edges go. Nothing else of it is changed.
struct GraphDrawing {
  private let nodes: [GraphNode]

  init(_ nodes: [GraphNode]) { self.nodes = nodes }

  /// The drawings; nil when `svg` holds none.
  func svg(from svg: String) -> [String]? {
    let parts = svg.split(separator: "<svg", omittingEmptySubsequences: false).dropFirst()
    let drawings = parts.compactMap { drawing($0) }
    return drawings.isEmpty || drawings.count != parts.count ? nil : drawings
  }

  private func drawing(_ part: Substring) -> String? {
    guard let head = part.firstIndex(of: ">"), let end = part.firstRange(of: "</svg>"),
      let viewBox = Self.attribute("viewBox", in: part[..<head]),
      let width = Self.attribute("width", in: part[..<head]),
      let height = Self.attribute("height", in: part[..<head])
    else { return nil }
    let lines = part[part.index(after: head)..<end.lowerBound]
      .split(separator: "\n").compactMap(line)
    // No line feeds between the elements: each would be a node of the page. The frame has the
    // drawing's size, so that the browser can leave out drawings that are far.
    return "<div class=\"column\" style=\"width:\(width);height:\(height)\"><svg class=\"net\" "
      + "width=\"\(width)\" height=\"\(height)\" viewBox=\"\(viewBox)\">"
      + lines.joined() + "</svg></div>\n"
  }

  private func line(_ line: Substring) -> String? {
    if line.hasPrefix("<!--") { return nil }
    if line.hasPrefix("<title>") {
      guard line.hasPrefix("<title>n"), line.hasSuffix("</title>"),
        let place = Int(line.dropFirst(8).dropLast(8)), nodes.indices.contains(place)
      else { return nil }
      return "<title>"
        + nodes[place].tooltip.split(separator: "\n").map { Markup.escape(String($0)) }
        .joined(separator: "\n") + "</title>"
    }
    var line = Self.without(line)
    guard line.contains("xlink:") else { return line }
    line = line.replacing("xlink:href=", with: "href=").replacing(" xlink:title=\" \"", with: "")
    return line
  }

  /// A line without its id, of which several drawings would give the page two, and without what the
  /// page's style says anyway; both make a third of a large drawing.
  private static func without(_ line: Substring) -> String {
    var text = String(line)
    if text.hasPrefix("<g id=\""), let end = text.dropFirst(7).firstIndex(of: "\"") {
      text = "<g" + text[text.index(after: end)...]
    }
    guard text.hasPrefix("<text ") else { return text }
    return text.replacing(" text-anchor=\"start\"", with: "")
      .replacing(" font-family=\"Helvetica,sans-Serif\"", with: "")
  }

  private static func attribute(_ name: String, in tag: Substring) -> Substring? {
    guard let start = tag.firstRange(of: "\(name)=\"") else { return nil }
    let rest = tag[start.upperBound...]
    guard let end = rest.firstIndex(of: "\"") else { return nil }
    let value = rest[..<end]
    return value.allSatisfy { $0.isNumber || " .-pt".contains($0) } ? value : nil
  }
}
