public import Topology

/// Writes a graph in the topology language, as a person would: attributes only where they say something,
/// what repeats in a `<repeat>` or a `<block>`.
///
/// Read again, the document gives an equal graph: names, kinds, operands, segments and outputs.
public struct TopologyWriter: Sendable {
  /// Whether parts that repeat, and what is between them, become segments of a graph that has none.
  public var marksRepeats: Bool
  /// The network's name; the graph's where it is nil.
  public var name: String?
  /// Lines of a comment at the head: where the network comes from.
  public var comment: [String]
  /// Whether what repeats is written once; else every layer is written as it is, which takes time that is
  /// linear in them.
  public var foldsRepeats = true

  /// Makes a writer.
  public init(comment: [String] = [], marksRepeats: Bool = false) {
    self.comment = comment
    self.marksRepeats = marksRepeats
  }

  /// The document.
  ///
  /// - Throws: ``GraphError`` for a name that the language cannot write, or a primitive that was made
  ///   without its attributes.
  /// - Complexity: About O(layers²) where much repeats.
  public func write(_ graph: Graph) throws(GraphError) -> String {
    var items = try ElementsOfGraph(graph).items()
    let names = Set(graph.inputs.map(\.name) + graph.layers.map(\.name))
    let constants = Set(graph.constants.map(\.name))
    let blocks =
      foldsRepeats ? BlockFinder.factor(&items, names: names, constants: constants) : []
    // Where the second layer must say what it reads, the first one does, too.
    let only = graph.inputs.count == 1 ? graph.inputs[0].name : nil
    let isAlike = items.count > 1 && items[0].inputs == items[1].inputs
    let first = isAlike ? nil : only
    var steps =
      foldsRepeats
      ? RepeatFinder.fold(items, first: first)
      : WrittenItem.sayingInputs(items, first: first).map { .init(element: $0.element, weight: 1) }
    if marksRepeats, graph.segments.isEmpty { RepeatFinder.mark(&steps) }
    var root = WrittenElement(name: "topology")
    root["name"] = name ?? graph.name
    root["version"] = "1"
    root["outputs"] = outputs(graph)
    let declarations = try graph.inputs.map { (input) throws(GraphError) in
      try declaration("input", input.name, input.type)
    }
    let tensors = try graph.constants.map { (constant) throws(GraphError) in
      var element = try declaration("constant", constant.name, constant.type)
      if constant.isLearned { element["learned"] = "true" }
      for (name, value) in constant.pattern?.written ?? [] { element[name] = value }
      return element
    }
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    if !comment.isEmpty {
      let safe = comment.map { "  " + $0.replacing("--", with: "- -") }
      lines += ["<!--"] + safe + ["-->"]
    }
    lines.append(String(root.lines(indented: 0)[0].dropLast(2)) + ">")
    for element in declarations + tensors { lines += element.lines(indented: 2) }
    for element in blocks { lines += [""] + element.lines(indented: 2) }
    if !blocks.isEmpty { lines.append("") }
    for step in steps { lines += step.element.lines(indented: 2) }
    lines.append("</topology>")
    return lines.joined(separator: "\n") + "\n"
  }

  /// What leaves the network where it is not what the language assumes.
  private func outputs(_ graph: Graph) -> String? {
    var isRead = [Bool](repeating: false, count: graph.layers.count)
    for source in graph.layers.flatMap(\.inputs) {
      switch source {
      case .layer(let index), .state(let index, _): isRead[index] = true
      case .input, .constant, .previous: continue
      }
    }
    let assumed = graph.layers.indices.filter { !isRead[$0] || $0 == graph.layers.count - 1 }
    if graph.outputs == assumed.map(Source.layer) { return nil }
    return graph.outputs.map(graph.name(of:)).joined(separator: " ")
  }

  private func declaration(_ element: String, _ name: String, _ type: TensorType) throws(GraphError)
    -> WrittenElement
  {
    try ElementsOfGraph.check(name)
    var result = WrittenElement(name: element)
    result["name"] = name
    result["shape"] = type.shape.description
    let assumed: Layout =
      switch type.shape.rank {
      case 2: .nc
      case 3: .tnc
      case 4: .nchw
      case 5: .ncdhw
      default: .other
      }
    if type.layout != assumed { result["layout"] = type.layout.rawValue }
    return result
  }
}

extension ConstantPattern {
  /// The attributes of a constant that holds it.
  fileprivate var written: [(String, String)] {
    func number(_ value: Double) -> String {
      value == value.rounded() && value.magnitude < 1e15 ? String(Int(value)) : "\(value)"
    }
    func single(_ value: Float) -> String {
      value == value.rounded() && value.magnitude < 1e6 ? String(Int(value)) : "\(value)"
    }
    switch self {
    case .fill(let value): return [("value", single(value))]
    case .list(let values): return [("values", values.map(single).joined(separator: " "))]
    case .range(let start, let step):
      return [("kind", "range"), ("value", number(start)), ("step", number(step))]
    case .causal(let hidden): return [("kind", "causal"), ("value", single(hidden))]
    case .lowerTriangle: return [("kind", "lower-triangle")]
    case .rotaryCosine(let base, _): return [("kind", "rotary-cos"), ("base", number(base))]
    case .rotarySine(let base, _): return [("kind", "rotary-sin"), ("base", number(base))]
    case .sinusoids(let base): return [("kind", "sinusoids"), ("base", number(base))]
    case .relativePositions(let window):
      return [("kind", "relative-positions"), ("window", String(window))]
    case .shiftedWindows(let window, let shift, let hidden):
      return [
        ("kind", "shifted-windows"), ("window", String(window)), ("shift", String(shift)),
        ("value", single(hidden)),
      ]
    }
  }
}
