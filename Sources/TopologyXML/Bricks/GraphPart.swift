import Topology

/// Some layers of a graph as a graph: what they read from outside are its inputs, what others read of
/// them its outputs, and names are numbers.
struct GraphPart {
  private let graph: Graph
  private let layers: [Int]
  private let wanted: Set<Source>
  private var names: [Source: String] = [:]
  private var inputs: [Source] = []
  private var constants: [Int] = []

  init(_ graph: Graph, _ layers: [Int], giving wanted: Set<Source>) {
    self.graph = graph
    self.layers = layers
    self.wanted = wanted
    for (number, layer) in layers.enumerated() {
      names[.layer(layer)] = "l\(number + 1)"
      for (place, state) in graph.layers[layer].states.enumerated() {
        names[.state(layer, place)] = "l\(number + 1).\(state.name)"
      }
    }
    for source in layers.flatMap({ graph.layers[$0].primitives }).flatMap(\.operands)
    where names[source] == nil {
      switch source {
      case .previous: continue
      case .constant(let index):
        constants.append(index)
        names[source] = "c\(constants.count)"
      case .input, .layer, .state:
        inputs.append(source)
        names[source] = "x\(inputs.count)"
      }
    }
  }

  /// The brick that they are.
  ///
  /// - Throws: ``GraphError`` naming the layer, as the network calls it, that cannot stand alone.
  func brick() throws(GraphError) -> Brick {
    do throws(GraphError) {
      let made = try build()
      // What is looked up by must be an index here, too.
      _ = try made.program()
      return Brick(text: try TopologyWriter().write(made), graph: made)
    } catch {
      let first = graph.layers[layers[0]]
      throw GraphError(
        "cannot be measured alone: \(error.message)", layer: first.name, location: first.location)
    }
  }

  private func build() throws(GraphError) -> Graph {
    var builder = GraphBuilder(name: "brick")
    for source in inputs {
      guard let type = graph.type(of: source) else { continue }
      try builder.addInput(name: name(source), type: type)
    }
    for index in constants {
      let constant = graph.constants[index]
      let renamed: GraphConstant
      do throws(ShapeError) {
        renamed = try GraphConstant(
          name: name(.constant(index)), type: constant.type, pattern: constant.pattern,
          isLearned: constant.isLearned)
      } catch {
        throw GraphError(error.description)
      }
      try builder.addConstant(renamed)
    }
    for index in layers {
      let layer = graph.layers[index]
      // Weights of a layer outside are its own here, even where it reads that layer.
      let shared = layer.sharesWeights.flatMap { layers.contains($0) ? names[.layer($0)] : nil }
      try builder.addLayer(
        name: name(.layer(index)), inputs: layer.primitives[0].operands.map(name),
        primitives: layer.primitives.enumerated().map { place, primitive in
          GraphBuilder.PrimitiveSpec(
            element: primitive.element, kind: primitive.kind,
            attributes: primitive.attributes.map { CanonicalAttributes.of($0, primitive) },
            with: place == 0 ? [] : primitive.operands.dropFirst().map(name))
        }, weights: shared)
    }
    // In an order of the part's own.
    return try builder.build(outputs: ordered(wanted).map(name))
  }

  private func ordered(_ sources: Set<Source>) -> [Source] {
    layers.flatMap { layer in
      [.layer(layer)] + graph.layers[layer].states.indices.map { .state(layer, $0) }
    }.filter(sources.contains)
  }

  private func name(_ source: Source) -> String { names[source] ?? "" }
}

/// Attributes written in one way where there are several that mean the same: `3` and not `3x3`, and no
/// defaults.
enum CanonicalAttributes {
  /// The fewest attributes of a primitive, with the shortest values, that compute the same on its
  /// operands.
  static func of(_ given: Attributes, _ primitive: Primitive) -> Attributes {
    let reader = type(of: primitive.kind)
    guard let wanted = lowered(primitive.kind, primitive) else { return given }
    func makes(_ values: [String: String]) -> Bool {
      guard let made = try? reader.init(Attributes(element: primitive.element, values)) else {
        return false
      }
      return lowered(made, primitive) == wanted
    }
    var values = given.values
    guard makes(values) else { return given }
    for name in values.keys.sorted() {
      guard let value = values[name] else { continue }
      var fewer = values
      fewer[name] = nil
      if makes(fewer) {
        values = fewer
        continue
      }
      for shorter in shorter(value) {
        var changed = values
        changed[name] = shorter
        if makes(changed) {
          values = changed
          break
        }
      }
    }
    return Attributes(element: primitive.element, values)
  }

  /// The instructions that a kind becomes on a primitive's operands, as they print themselves: host
  /// kernels among them cannot be compared otherwise.
  private static func lowered(_ kind: any LayerKind, _ primitive: Primitive) -> [String]? {
    var builder = ProgramBuilder(inputs: primitive.inputTypes)
    guard (try? kind.lower(Array(primitive.inputTypes.indices), into: &builder)) != nil else {
      return nil
    }
    let program = builder.program(outputs: [])
    return program.instructions.map { "\($0)" } + program.values.map { "\($0)" }
  }

  /// Shorter texts that may mean the same as a value, best first.
  private static func shorter(_ value: String) -> [String] {
    var found: [String] = []
    for separator in ["x", ","] as [Character] {
      let parts = value.split(separator: separator)
      if parts.count > 1, Set(parts).count == 1 { found.append(String(parts[0])) }
      // Begins and ends of a padding that are alike.
      if separator == ",", parts.count == 4, parts[..<2] == parts[2...] {
        found.append(parts[..<2].joined(separator: "x"))
      }
    }
    if let number = Double(value), let whole = Int(exactly: number) { found.append(String(whole)) }
    if let number = Double(value) { found.append("\(number)") }
    return found.filter { $0 != value && ($0.count < value.count || value.contains("e")) }
  }
}
