internal import Profiling

/// The network as a graph, with a switch for its colours that needs no script.
struct GraphFigure {
  /// A way to colour the boxes.
  struct Coloring {
    /// Part of its ids and classes.
    var key: String
    /// What the switch says.
    var title: String
    /// Swatches: a class and what it stands for.
    var legend: [(style: String, text: String)]
  }

  let nodes: [GraphNode]
  let colorings: [Coloring]
  /// Distinguishes several graphs of a page.
  var id = "net"
  /// Whether it shares the page's width with another.
  var isNarrow = false

  /// Boxes that are drawn at most: Graphviz takes seconds for so many, and nobody reads more.
  static let mostNodes = 2000

  /// The figure; what to install where Graphviz is missing.
  func html(_ assets: (any PageAssets)?) -> String {
    guard !nodes.isEmpty else { return "" }
    guard let assets else { return "" }
    guard nodes.count <= Self.mostNodes else {
      return "<p class=\"missing\">The graph is left out: \(nodes.count) layers are more than the "
        + "\(Self.mostNodes) that are drawn.</p>\n"
    }
    switch assets.layOut(GraphSource(nodes, isNarrow: isNarrow).dot()) {
    case .notInstalled:
      return Markup.missing("The graph is left out: Graphviz is not installed", package: "graphviz")
    case .failed(let reason):
      return "<p class=\"missing\">The graph is left out: \(Markup.escape(reason)).</p>\n"
    case .svg(let svg):
      guard let drawings = GraphDrawing(nodes).svg(from: svg) else {
        return "<p class=\"missing\">The graph is left out: Graphviz gave no drawing.</p>\n"
      }
      return figure(drawings)
    }
  }

  private func figure(_ drawings: [String]) -> String {
    var html = "<div class=\"graph \(drawings.count > 1 ? "cut" : "whole")\" role=\"group\" "
    html += "aria-label=\"The network as a graph\">\n"
    let only = colorings.count == 1 ? " hidden" : ""
    for (place, coloring) in colorings.enumerated() {
      let name = "\(id)-\(coloring.key)"
      html += "<input type=\"radio\" name=\"\(id)\" id=\"\(name)\" class=\"by-\(coloring.key)\""
      html += place == 0 ? " checked>" : ">"
      html += "<label for=\"\(name)\"\(only)>\(Markup.escape(coloring.title))</label>\n"
    }
    for coloring in colorings {
      let swatches = coloring.legend.map {
        "<span class=\"\($0.style)\">\(Markup.escape($0.text))</span>"
      }
      html += "<p class=\"legend for-\(coloring.key)\">\(swatches.joined())</p>\n"
    }
    return html + "<div class=\"sheet\" tabindex=\"0\">\n\(drawings.joined())</div>\n</div>\n"
  }
}

extension GraphFigure {
  /// The graph of a run.
  init(_ record: RunRecord) {
    nodes = GraphNode.nodes(of: record)
    guard record.layers.contains(where: { $0.share != nil }) else {
      colorings = []
      return
    }
    let bounds = Set(record.layers.compactMap { $0.bound?.class })
    let known = Bound.Class.allCases.filter(bounds.contains)
    let largest = record.layers.compactMap(\.share).max() ?? 0
    colorings = [
      Coloring(
        key: "bound", title: "by bound",
        legend: known.map { (Markup.cssClass($0), BoundText.adjective($0)) }),
      Coloring(
        key: "time", title: "by time",
        legend: [
          ("t0", "0 %"), ("t3", ""), ("t6", ""),
          ("t9", "\(Figures.percent(largest)) % of the time"),
        ]),
      Coloring(
        key: "eff", title: "by efficiency",
        legend: [("e0", "0 %"), ("e3", ""), ("e6", ""), ("e10", "100 % of its roof")]),
    ]
  }
}
