public import Topology

/// Where two graphs differ, places in files aside.
public enum GraphDifference {
  /// The first difference in words; `nil` for equal graphs.
  ///
  /// Formats that have no markers have no segments, and those that know no training no `dropout`.
  public static func first(
    _ left: Graph, _ right: Graph, inSegments: Bool = true, without elements: Set<String> = []
  ) -> String? {
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
      if let text = first(one, other, elements) { return "layer \(one.name): \(text)" }
    }
    let segments = [left, right].map { graph in
      graph.segments.map { "\($0.name) \($0.layers) \($0.counters ?? "") \($0.events)" }
    }
    if inSegments, segments[0] != segments[1] { return "segments: \(segments)" }
    if left.outputs != right.outputs { return "outputs: \(left.outputs), \(right.outputs)" }
    return left.cost == right.cost ? nil : "costs: \(left.cost), \(right.cost)"
  }

  /// The primitives of a layer but some, with what they read then.
  private static func kept(_ layer: Layer, _ elements: Set<String>)
    -> [(primitive: Primitive, operands: [Source])]
  {
    var result: [(primitive: Primitive, operands: [Source])] = []
    var handed: [Source]?
    for primitive in layer.primitives {
      let operands = primitive.operands.flatMap { source in
        if case .previous = source { handed ?? [source] } else { [source] }
      }
      if elements.contains(primitive.element) {
        handed = operands
      } else {
        result.append((primitive, operands))
        handed = nil
      }
    }
    return result
  }

  private static func first(_ left: Layer, _ right: Layer, _ elements: Set<String>) -> String? {
    if left.name != right.name { return "is called \(right.name)" }
    if left.inputs != right.inputs { return "reads \(left.inputs), \(right.inputs)" }
    if left.sharesWeights != right.sharesWeights { return "shares other weights" }
    let (ours, theirs) = (kept(left, elements), kept(right, elements))
    if ours.count != theirs.count {
      return "\(ours.map(\.primitive.element)) became \(theirs.map(\.primitive.element))"
    }
    for ((one, operands), (other, others)) in zip(ours, theirs) {
      if one.element != other.element { return "\(one.element) became \(other.element)" }
      if AnyHashable(one.kind) != AnyHashable(other.kind) {
        return "\(one.element): \(one.kind), \(other.kind)"
      }
      if operands != others { return "\(one.element) reads \(operands), \(others)" }
      if one.outputType != other.outputType { return "\(one.element) makes another shape" }
    }
    return left.cost == right.cost ? nil : "costs differ"
  }
}
