internal import Profiling

/// A box of a drawn network.
struct GraphNode: Hashable, Sendable {
  /// The layer's name, which edges refer to.
  var name: String
  /// The small line below the name.
  var detail: String
  /// What a pointer that rests on the box sees.
  var tooltip: String
  /// CSS classes that colour it.
  var classes: [String]
  /// Names of the layers and inputs it reads.
  var reads: [String]
  /// The id of the row it leads to.
  var target: String?
  /// Whether another layer computes it.
  var isFused = false
}

extension GraphNode {
  /// The boxes of a record; a record without edges becomes a chain.
  static func nodes(of record: RunRecord) -> [GraphNode] {
    let largest = record.layers.compactMap(\.share).max() ?? 0
    var previous: String?
    return record.layers.map { layer in
      let chain = previous.map { [$0] } ?? []
      previous = layer.name
      return GraphNode(
        name: layer.name, detail: detail(layer), tooltip: tooltip(layer),
        classes: classes(layer, largest: largest), reads: layer.inputs ?? chain,
        target: "layer-\(layer.index)", isFused: layer.fusedInto != nil)
    }
  }

  private static func detail(_ layer: LayerRecord) -> String {
    if let share = layer.share { return "\(layer.kind) · \(Figures.percent(share)) %" }
    if layer.fusedInto != nil { return "\(layer.kind) · fused" }
    return "\(layer.kind) · \(layer.outputShape)"
  }

  private static func tooltip(_ layer: LayerRecord) -> String {
    var lines = ["\(layer.name) (\(layer.kind))"]
    lines.append(
      "\(layer.inputShapes.map(\.description).joined(separator: ", ")) → \(layer.outputShape)")
    if let time = layer.time { lines.append("median \(TimeUnit.text(time.median))") }
    if let host = layer.fusedInto { lines.append("computed by \(host)") }
    if let bound = layer.bound { lines.append(BoundText.phrase(bound)) }
    return lines.joined(separator: "\n")
  }

  /// `b-…` by bound, `t0`–`t9` by time against the longest layer, `e0`–`e10` by efficiency.
  private static func classes(_ layer: LayerRecord, largest: Double) -> [String] {
    var classes: [String] = []
    if let bound = layer.bound { classes.append(Markup.cssClass(bound.class)) }
    if let share = layer.share, largest > 0, (share / largest).isFinite {
      classes.append("t\(Int(Swift.max(0, Swift.min(share / largest * 10, 9))))")
    }
    if let efficiency = layer.bound?.evidence[.efficiency], efficiency.isFinite, efficiency >= 0 {
      classes.append("e\(Int(Swift.min(efficiency, 1) * 10))")
    }
    return classes
  }
}
