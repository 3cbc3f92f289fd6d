internal import Profiling

/// The network as one bar in the order of execution, a layer as wide as its share.
struct TimeStrip {
  private let timed: [LayerRecord]

  init(_ record: RunRecord) { timed = record.layers.filter { ($0.share ?? 0) > 0 } }

  /// The bar and its legend; empty when nothing was timed.
  func html() -> String {
    guard !timed.isEmpty else { return "" }
    var html = "<div class=\"strip\(timed.count <= 60 ? " few" : "")\" role=\"img\" "
    html += "aria-label=\"Share of each layer in the order of execution\">"
    for layer in timed {
      let share = layer.share ?? 0
      // What does not fit is left out: on a full-width page a share of 1 has room for 170 letters.
      let fits = share * 170 >= Double(DisplayText.clean(layer.name).count + 2)
      let name = fits ? Markup.escape(layer.name) : ""
      let title = "\(layer.name): \(Figures.percent(share)) %"
      html += "<span class=\"\(Markup.cssClass(layer.bound?.class))\" "
      html += "style=\"flex:\(Markup.coordinate(share * 1000)) 0 0\" "
      html += "title=\"\(Markup.escape(title))\">\(name)</span>"
    }
    return html + "</div>\n" + legend()
  }

  private func legend() -> String {
    let shares = Dictionary(grouping: timed) { $0.bound?.class ?? .unknown }
      .mapValues { $0.compactMap(\.share).reduce(0, +) }
    let items = Bound.Class.allCases.compactMap { bound in
      shares[bound].map { share in
        "<span class=\"\(Markup.cssClass(bound))\">\(Markup.escape(BoundText.adjective(bound))) "
          + "\(Figures.percent(share)) %</span>"
      }
    }
    return "<p class=\"legend\">\(items.joined())</p>\n"
  }
}
