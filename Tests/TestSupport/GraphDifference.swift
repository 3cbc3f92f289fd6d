public import Topology

/// Where two graphs differ, places in files aside.
public enum GraphDifference {
  /// The first difference in words; `nil` for equal graphs.
  public static func first(_ left: Graph, _ right: Graph) -> String? {
    if left.name != right.name { return "names: \(left.name), \(right.name)" }
    let inputs = [left, right].map { $0.inputs.map { "\($0.name) \($0.type)" } }
    if inputs[0] != inputs[1] { return "inputs: \(inputs)" }
    let constants = [left, right].map { graph in
      graph.constants.map {
        "\($0.name) \($0.type) \($0.isLearned) \(String(describing: $0.pattern))"
      }
    }
    if constants[0] != constants[1] { return "constants: \(constants)" }
    if left.layers.count != right.layers.count {
      return "\(left.layers.count) layers, \(right.layers.count)"
    }
    for (one, other) in zip(left.layers, right.layers) {
      if let text = first(one, other) { return "layer \(one.name): \(text)" }
    }
    let segments = [left, right].map { graph in
      graph.segments.map { "\($0.name) \($0.layers) \($0.counters ?? "") \($0.events)" }
    }
    if segments[0] != segments[1] { return "segments: \(segments)" }
    if left.outputs != right.outputs { return "outputs: \(left.outputs), \(right.outputs)" }
    return left.cost == right.cost ? nil : "costs: \(left.cost), \(right.cost)"
  }

  private static func first(_ left: Layer, _ right: Layer) -> String? {
    if left.name != right.name { return "is called \(right.name)" }
    if left.inputs != right.inputs { return "reads \(left.inputs), \(right.inputs)" }
    if left.sharesWeights != right.sharesWeights { return "shares other weights" }
    if left.primitives.count != right.primitives.count { return "has other primitives" }
    for (one, other) in zip(left.primitives, right.primitives) {
      if one.element != other.element { return "\(one.element) became \(other.element)" }
      if AnyHashable(one.kind) != AnyHashable(other.kind) {
        return "\(one.element): \(one.kind), \(other.kind)"
      }
      if one.operands != other.operands {
        return "\(one.element) reads \(one.operands), \(other.operands)"
      }
      if one.outputType != other.outputType { return "\(one.element) makes another shape" }
    }
    return left.cost == right.cost ? nil : "costs differ"
  }
}
