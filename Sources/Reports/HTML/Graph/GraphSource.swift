/// A network in Graphviz's language, one graph a column.
///
/// Colours are left to the page: boxes carry classes, so that one drawing serves every colouring,
/// light, dark and print.
struct GraphSource {
  private let nodes: [GraphNode]
  private let isNarrow: Bool
  private let places: [String: Int]

  /// `isNarrow`: there is no room from left to right for a short network either.
  init(_ nodes: [GraphNode], isNarrow: Bool = false) {
    self.nodes = nodes
    self.isNarrow = isNarrow
    places = Dictionary(
      nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The columns, in order.
  var columns: [Range<Int>] { GraphColumns.cut(nodes) }

  /// The text for `dot`.
  func dot() -> String { columns.map(graph).joined() }

  private func graph(_ column: Range<Int>) -> String {
    let isShort = nodes.count <= GraphColumns.shortest && !isNarrow
    var text = """
      digraph {
      graph [rankdir=\(isShort ? "LR" : "TB"), ranksep=0.26, nodesep=0.16, bgcolor=transparent, \
      pad=0.05, nslimit=8, charset="UTF-8"];
      node [shape=box, style=rounded, fontname="Helvetica", fontsize=10, height=0.36, \
      width=0.9, margin="0.12,0.05"];
      edge [arrowsize=0.55, penwidth=0.9];

      """
    for place in column { text += box(place) }
    var strangers: [String: String] = [:]
    var edges = ""
    for place in column {
      for name in nodes[place].reads {
        if let from = places[name], column.contains(from) {
          edges += "n\(from) -> n\(place);\n"
        } else {
          let id = strangers[name] ?? "s\(strangers.count)"
          if strangers[name] == nil {
            strangers[name] = id
            text += stranger(id, name: name)
          }
          edges += "\(id) -> n\(place) [class=\"far\"];\n"
        }
      }
    }
    return text + edges + "}\n"
  }

  private func box(_ place: Int) -> String {
    let node = nodes[place]
    let name = Self.label(DisplayText.elide(node.name, to: 30))
    let detail = Self.label(DisplayText.elide(node.detail, to: 34))
    let classes = (node.classes + (node.isFused ? ["fused"] : [])).joined(separator: " ")
    let link = node.target.map { ", URL=\"#\($0)\", tooltip=\" \"" } ?? ""
    return "n\(place) [class=\"\(classes)\"\(link), label=<<b>\(name)</b><br/>"
      + "<font point-size=\"8.5\">\(detail)</font>>];\n"
  }

  /// An input of the network, or a layer of another column.
  private func stranger(_ id: String, name: String) -> String {
    let isLayer = places[name] != nil
    let label = Self.label((isLayer ? "from " : "") + DisplayText.elide(name, to: 30))
    let link = places[name].flatMap { nodes[$0].target }.map { ", URL=\"#\($0)\", tooltip=\" \"" }
    return "\(id) [class=\"\(isLayer ? "from" : "input")\", shape=\(isLayer ? "plain" : "oval"), "
      + "fontsize=9, height=0.26, width=0.5\(link ?? ""), label=<\(label)>];\n"
  }

  /// Text within a label in HTML's manner.
  private static func label(_ text: String) -> String { Markup.escape(text) }
}
