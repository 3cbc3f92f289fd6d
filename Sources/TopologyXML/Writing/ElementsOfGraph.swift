import Topology

/// What stands between layers, before anything is folded.
struct WrittenItem: Hashable {
  var element: WrittenElement
  /// Full names of the values that its first primitive takes; empty of markers.
  var inputs: [String] = []
  /// Whether it is a layer or a use, which the next one reads by default.
  var isStep = true
  /// The full name of the layer that a next one reads by default.
  var last = ""
}

/// The layers and markers of a graph as elements, one after the other.
struct ElementsOfGraph {
  private let graph: Graph

  init(_ graph: Graph) { self.graph = graph }

  /// Every layer with its `inputs`, said or not, and the markers around.
  func items() throws(GraphError) -> [WrittenItem] {
    var items: [WrittenItem] = []
    let opening = Dictionary(grouping: graph.segments) { $0.layers.first ?? -1 }
    let closing = Dictionary(grouping: graph.segments) { $0.layers.last ?? -1 }
    for layer in graph.layers {
      items += markers(opening[layer.index] ?? [], "start")
      items.append(try item(layer))
      // What was opened last closes first.
      items += markers((closing[layer.index] ?? []).reversed(), "stop")
    }
    return items
  }

  private func markers(_ segments: [Segment], _ action: String) -> [WrittenItem] {
    segments.map { segment in
      var element = WrittenElement(name: "marker")
      element["action"] = action
      element["name"] = segment.name
      if action == "start" {
        element["counters"] = segment.counters
        if !segment.events.isEmpty { element["events"] = segment.events.joined(separator: " ") }
      }
      return WrittenItem(element: element, isStep: false)
    }
  }

  private func item(_ layer: Layer) throws(GraphError) -> WrittenItem {
    try Self.check(layer.name)
    var element = WrittenElement(name: "layer")
    element["name"] = layer.name
    let inputs = layer.primitives[0].operands
    let with = try layer.primitives.map { (primitive) throws(GraphError) in
      try attributes(primitive, of: layer)
    }
    // The first primitive may take some of its operands by `with`, or by attributes of their own.
    let given = inputs.prefix(inputs.count - with[0].operands)
    let flowing = given.prefix { source in
      if case .constant = source { return false }
      return true
    }
    // Constants are named by the primitive.
    let own = flowing.isEmpty ? given : flowing
    element["weights"] = layer.sharesWeights.map { graph.layers[$0].name }
    element.children = with.map(\.element)
    let names = own.map(graph.name(of:))
    for (place, primitive) in layer.primitives.enumerated() {
      let further = primitive.operands.dropFirst(place == 0 ? own.count : 1)
        .dropLast(with[place].operands)
      if !further.isEmpty {
        element.children[place].attributes.insert(
          .init(name: "with", value: further.map(graph.name(of:)).joined(separator: " ")), at: 0)
      }
    }
    return WrittenItem(element: element, inputs: names, last: layer.name)
  }

  /// An element with the attributes that say something, and how many operands attributes name.
  private func attributes(
    _ primitive: Primitive, of layer: Layer
  ) throws(GraphError) -> (element: WrittenElement, operands: Int) {
    let reader = type(of: primitive.kind)
    guard let given = primitive.attributes, let schema = reader.schema(of: primitive.element) else {
      throw GraphError(
        "<\(primitive.element)> was made without its attributes", layer: layer.name)
    }
    // An empty text names nothing.
    let named = schema.naming.filter { given.string($0)?.isEmpty == false }
    var values = given.values
    let kind = AnyHashable(primitive.kind)
    func makes(_ values: [String: String]) -> Bool {
      let made = try? reader.init(Attributes(element: primitive.element, values))
      return made.map { AnyHashable($0) == kind } ?? false
    }
    if !makes(values) {
      // Divided exactly where that is what was read.
      for name in values.keys.sorted() {
        guard let exact = given.fractions(name), exact != values[name] else { continue }
        values[name] = exact
        if makes(values) { break }
      }
    }
    var element = WrittenElement(name: primitive.element)
    element.naming += schema.naming
    let order = schema.required + schema.optional
    let known = order + values.keys.filter { !order.contains($0) }.sorted()
    for name in known where values[name] != nil && !named.contains(name) {
      var without = values
      without[name] = nil
      if makes(without) { values = without } else { element[name] = values[name] }
    }
    for (place, name) in named.enumerated() {
      element[name] = graph.name(
        of: primitive.operands[primitive.operands.count - named.count + place])
    }
    return (element, named.count)
  }

  /// Refuses a name that an attribute would take for an expression.
  static func check(_ name: String) throws(GraphError) {
    if name.contains("${") {
      throw GraphError("the name '\(name)' contains '${', which begins an expression")
    }
  }
}

extension WrittenItem {
  /// The items with `inputs` where they are not the layer before.
  static func sayingInputs(_ items: [WrittenItem], first: String?) -> [WrittenItem] {
    var items = items
    var before = first
    for index in items.indices where items[index].isStep {
      if items[index].inputs != [before].compactMap(\.self) {
        let place = items[index].element.attributes.firstIndex {
          !["name", "block", "prefix"].contains($0.name)
        }
        items[index].element.attributes.insert(
          .init(name: "inputs", value: items[index].inputs.joined(separator: " ")),
          at: place ?? items[index].element.attributes.count)
      }
      before = items[index].last
    }
    return items
  }
}
