/// Builds a ``Graph`` in execution order, inferring shapes and costs as layers arrive.
///
/// Readers and importers feed it expanded layers. Every reference must be to an input or layer
/// added before; so a graph is acyclic by construction.
public struct GraphBuilder: Sendable {
  /// One primitive to add.
  public struct PrimitiveSpec: Sendable {
    /// The element's name.
    public let element: String
    /// Its kind, attributes read.
    public let kind: any LayerKind
    /// The attributes it was made of; `nil` where nobody keeps them, and then it cannot be written.
    public let attributes: Attributes?
    /// Names of further operands (`with`).
    public let with: [String]
    /// Where it stands.
    public let location: SourceLocation?

    /// Describes a primitive.
    public init(
      element: String, kind: any LayerKind, attributes: Attributes? = nil, with: [String] = [],
      location: SourceLocation? = nil
    ) {
      self.element = element
      self.kind = kind
      self.attributes = attributes
      self.with = with
      self.location = location
    }
  }

  private struct OpenSegment {
    let name: String
    let first: Int
    let counters: String?
    let events: [String]
    let location: SourceLocation?
    var end: Int?
  }

  private let name: String
  private var inputs: [GraphInput] = []
  private var constants: [GraphConstant] = []
  private var isConstantRead: [Bool] = []
  private var layers: [Layer] = []
  private var names: [String: Source] = [:]
  private var isRead: [Bool] = []
  private var segments: [OpenSegment] = []
  private var segmentIndex: [String: Int] = [:]
  private var total = Cost()

  /// Starts a graph.
  public init(name: String) { self.name = name }

  /// The number of layers added so far.
  public var layerCount: Int { layers.count }

  /// Whether an input or a layer of that name was added.
  public func contains(_ name: String) -> Bool { names[name] != nil }

  /// The type of a value added before; `nil` for an unknown name.
  public func type(of name: String) -> TensorType? { names[name].map(type) }

  /// The full names of what the last layer gives beside its output.
  public var lastStates: [String] {
    layers.last.map { layer in layer.states.map { layer.name + "." + $0.name } } ?? []
  }

  /// The name of the value a next layer would take by default; `nil` when it must say which.
  public var defaultInput: String? {
    if let last = layers.last { return last.name }
    return inputs.count == 1 ? inputs[0].name : nil
  }

  /// Adds an input of the network.
  ///
  /// - Throws: ``GraphError`` for a bad or duplicate name.
  public mutating func addInput(
    name: String, type: TensorType, location: SourceLocation? = nil
  ) throws(GraphError) {
    try claim(name, .input(inputs.count), location)
    inputs.append(GraphInput(name: name, type: type, location: location))
  }

  /// Adds a tensor that is part of the network.
  ///
  /// - Throws: ``GraphError`` for a bad or duplicate name.
  public mutating func addConstant(_ constant: GraphConstant) throws(GraphError) {
    try claim(constant.name, .constant(constants.count), constant.location)
    constants.append(constant)
    isConstantRead.append(false)
  }

  /// Adds a layer after the ones before it.
  ///
  /// `inputs` names what the first primitive reads; `nil` takes ``defaultInput``. In `with`,
  /// `@input` (`@input2`, …) means the layer's own inputs. `weights` names the layer before whose
  /// constants it takes; a layer without any may do so only as a part of a block.
  ///
  /// - Throws: ``GraphError`` for a duplicate or unknown name, a wrong number of operands, or
  ///   shapes that do not fit.
  public mutating func addLayer(
    name: String, inputs inputNames: [String]? = nil, primitives specs: [PrimitiveSpec],
    weights: String? = nil, isPartOfBlock: Bool = false, location: SourceLocation? = nil
  ) throws(GraphError) {
    guard !specs.isEmpty else {
      throw GraphError("holds no primitive", layer: name, location: location)
    }
    guard names[name] == nil else {
      throw GraphError("duplicate name '\(name)'", location: location, attribute: "name")
    }
    let own = try resolveInputs(inputNames, layer: name, location: location)
    var primitives: [Primitive] = []
    var outside: [Source] = []
    var ownConstants: [Int] = []
    var cost = Cost()
    for (position, spec) in specs.enumerated() {
      var operands: [Source] = position == 0 ? own : [.previous]
      for reference in spec.with {
        operands.append(
          try resolve(reference, own: own, layer: name, location: spec.location ?? location))
      }
      for source in operands {
        if case .constant(let constant) = source {
          if !ownConstants.contains(constant) { ownConstants.append(constant) }
        } else if source != .previous, !outside.contains(source) {
          outside.append(source)
        }
      }
      let primitive = try makePrimitive(
        spec, operands: operands, previous: primitives.last?.outputType, layer: name,
        location: location)
      cost = try attempt(name, spec.location ?? location) { () throws(ShapeError) in
        try cost.adding(primitive.cost)
      }
      primitives.append(primitive)
    }
    for constant in ownConstants {
      let added = constants[constant].cost(isFirstReader: !isConstantRead[constant])
      cost = try attempt(name, location) { () throws(ShapeError) in try cost.adding(added) }
    }
    var shared: Int?
    if let weights {
      shared = try share(weights, with: primitives, name, isPartOfBlock, location, &cost)
    }
    total = try attempt(name, location) { () throws(ShapeError) in try total.adding(cost) }
    guard let output = primitives.last?.outputType else { return }
    let states = try states(of: primitives, layer: name)
    try claim(name, .layer(layers.count), location)
    for (index, state) in states.enumerated() {
      try claim(name + "." + state.name, .state(layers.count, index), location)
    }
    for source in outside {
      switch source {
      case .layer(let index), .state(let index, _): isRead[index] = true
      case .input, .constant, .previous: continue
      }
    }
    for constant in ownConstants { isConstantRead[constant] = true }
    isRead.append(false)
    layers.append(
      Layer(
        index: layers.count, name: name, primitives: primitives, inputs: outside,
        inputTypes: outside.map(type), outputType: output, states: states, sharesWeights: shared,
        cost: cost, location: location))
  }

  /// Starts a segment at the next layer.
  ///
  /// - Throws: ``GraphError`` when a segment of that name exists.
  public mutating func startSegment(
    name: String, counters: String? = nil, events: [String] = [], location: SourceLocation? = nil
  ) throws(GraphError) {
    guard segmentIndex[name] == nil else {
      throw GraphError("duplicate marker '\(name)'", location: location, attribute: "name")
    }
    segmentIndex[name] = segments.count
    segments.append(
      OpenSegment(
        name: name, first: layers.count, counters: counters, events: events, location: location))
  }

  /// Ends a segment after the last layer.
  ///
  /// - Throws: ``GraphError`` when none of that name is open, or it is empty.
  public mutating func stopSegment(name: String, location: SourceLocation? = nil)
    throws(GraphError)
  {
    guard let index = segmentIndex[name], segments[index].end == nil else {
      throw GraphError("marker '\(name)' stops but was not started", location: location)
    }
    guard segments[index].first < layers.count else {
      throw GraphError("marker '\(name)' encloses no layer", location: location)
    }
    segments[index].end = layers.count
  }

  /// Ends the graph.
  ///
  /// - Parameter names: The layers and states that leave the network, in order; `nil` for the layers
  ///   that nobody reads and the last.
  /// - Returns: The graph.
  /// - Throws: ``GraphError`` when there is no input or layer, a marker was not stopped, an output is
  ///   none of a layer, or something is made for nobody.
  public func build(outputs names: [String]? = nil) throws(GraphError) -> Graph {
    guard !inputs.isEmpty else { throw GraphError("the topology has no input") }
    guard !layers.isEmpty else { throw GraphError("the topology has no layer") }
    var finished: [Segment] = []
    for segment in segments {
      guard let end = segment.end else {
        throw GraphError(
          "marker '\(segment.name)' starts but never stops", location: segment.location)
      }
      finished.append(
        Segment(
          name: segment.name, layers: Array(segment.first..<end), counters: segment.counters,
          events: segment.events))
    }
    let outputs = try outputs(names)
    for (constant, isRead) in zip(constants, isConstantRead) where !isRead {
      throw GraphError(
        "no layer reads the constant '\(constant.name)'", location: constant.location)
    }
    return Graph(
      name: name, inputs: inputs, constants: constants, layers: layers, segments: finished,
      outputs: outputs, cost: total)
  }

  private func outputs(_ names: [String]?) throws(GraphError) -> [Source] {
    guard let names else {
      return layers.indices.filter { !isRead[$0] || $0 == layers.count - 1 }.map(Source.layer)
    }
    var outputs: [Source] = []
    var isUsed = isRead
    for name in names {
      switch self.names[name] {
      case .layer(let layer)?, .state(let layer, _)?: isUsed[layer] = true
      case nil: throw GraphError("no layer '\(name)' could be an output", attribute: "outputs")
      default: throw GraphError("the output '\(name)' is no layer", attribute: "outputs")
      }
      guard let source = self.names[name], !outputs.contains(source) else {
        throw GraphError("the output '\(name)' is named twice", attribute: "outputs")
      }
      outputs.append(source)
    }
    guard !outputs.isEmpty else { throw GraphError("names no output", attribute: "outputs") }
    if let idle = layers.first(where: { !isUsed[$0.index] }) {
      throw GraphError(
        "nothing reads it, and it is none of the outputs", layer: idle.name,
        location: idle.location)
    }
    return outputs
  }

  /// The layer whose weights another one takes; their parameters are counted there alone.
  private func share(
    _ reference: String, with primitives: [Primitive], _ name: String, _ isPartOfBlock: Bool,
    _ location: SourceLocation?, _ cost: inout Cost
  ) throws(GraphError) -> Int? {
    guard case .layer(let source)? = names[reference] else {
      throw GraphError(
        "no layer '\(reference)' stands above", layer: name, location: location,
        attribute: "weights")
    }
    let (own, pairs): ([[WeightSlot]], [[Int?]])
    do throws(ShapeError) {
      own = try WeightSharing.slots(of: primitives)
      if own.isEmpty, isPartOfBlock { return nil }
      guard !own.isEmpty else { throw ShapeError("it has no weights to share") }
      pairs = try WeightSharing.pairs(own, try WeightSharing.slots(of: layers[source].primitives))
    } catch {
      throw GraphError(
        error.description, layer: name, location: location, attribute: "weights")
    }
    cost.parameters -= WeightSharing.parameters(own, pairs)
    return source
  }
}

extension GraphBuilder {
  private func type(_ source: Source) -> TensorType {
    switch source {
    case .input(let index): inputs[index].type
    case .constant(let index): constants[index].type
    case .layer(let index): layers[index].outputType
    case .state(let index, let state): layers[index].states[state].type
    case .previous: preconditionFailure("a value from outside the layer is never .previous")
    }
  }

  /// What the last primitive that gives anything beside its result gives.
  private func states(of primitives: [Primitive], layer: String) throws(GraphError) -> [State] {
    for (index, primitive) in primitives.enumerated().reversed() {
      let found = try attempt(layer, primitive.location, primitive.element) {
        () throws(ShapeError) in
        try primitive.kind.states(primitive.inputTypes)
      }
      if !found.isEmpty {
        return found.map { State(name: $0.name, type: $0.type, primitive: index) }
      }
    }
    return []
  }

  private mutating func claim(_ name: String, _ source: Source, _ location: SourceLocation?)
    throws(GraphError)
  {
    if let reason = GraphBuilder.fault(inName: name) {
      throw GraphError(reason, location: location, attribute: "name")
    }
    guard names[name] == nil else {
      throw GraphError("duplicate name '\(name)'", location: location, attribute: "name")
    }
    names[name] = source
  }

  /// Why a text cannot name an input or a layer; `nil` when it can.
  public static func fault(inName name: String) -> String? {
    if name.isEmpty { return "a name is empty" }
    if name.hasPrefix("@") { return "name '\(name)' begins with '@'" }
    if name.contains("..") { return "name '\(name)' contains '..'" }
    for scalar in name.unicodeScalars {
      if scalar == "," { return "name '\(name)' contains ','" }
      if scalar.properties.isWhitespace { return "name '\(name)' contains white space" }
      if scalar.properties.generalCategory == .control {
        return "a name contains a control character"
      }
    }
    return nil
  }

  private func resolveInputs(
    _ inputNames: [String]?, layer: String, location: SourceLocation?
  ) throws(GraphError) -> [Source] {
    if let inputNames {
      guard !inputNames.isEmpty else {
        throw GraphError("names no input", layer: layer, location: location, attribute: "inputs")
      }
      var sources: [Source] = []
      for name in inputNames {
        sources.append(
          try resolve(name, own: [], layer: layer, location: location, attribute: "inputs"))
      }
      return sources
    }
    guard let fallback = defaultInput, let source = names[fallback] else {
      let why = inputs.isEmpty ? "there is no <input>" : "there are several inputs; say which"
      throw GraphError(why, layer: layer, location: location)
    }
    return [source]
  }

  private func resolve(
    _ reference: String, own: [Source], layer: String, location: SourceLocation?,
    attribute: String = "with"
  ) throws(GraphError) -> Source {
    if reference.hasPrefix("@input") {
      let number = reference == "@input" ? 1 : Int(reference.dropFirst("@input".count)) ?? 0
      guard own.indices.contains(number - 1) else {
        throw GraphError(
          "'\(reference)' is no input of this layer", layer: layer, location: location,
          attribute: attribute)
      }
      return own[number - 1]
    }
    guard let source = names[reference] else {
      let hint =
        reference == layer
        ? "a layer cannot read itself" : "no input or layer '\(reference)' stands above"
      throw GraphError(hint, layer: layer, location: location, attribute: attribute)
    }
    return source
  }

  private func makePrimitive(
    _ spec: PrimitiveSpec, operands: [Source], previous: TensorType?, layer: String,
    location: SourceLocation?
  ) throws(GraphError) -> Primitive {
    let place = spec.location ?? location
    let allowed = spec.kind.operands
    guard allowed.contains(operands.count) else {
      throw GraphError(
        GraphBuilder.fault(operands.count, of: allowed, element: spec.element), layer: layer,
        location: place)
    }
    var types: [TensorType] = []
    for operand in operands {
      if operand == .previous, let previous {
        types.append(previous)
      } else {
        types.append(type(operand))
      }
    }
    let output = try attempt(layer, place, spec.element) { () throws(ShapeError) in
      try spec.kind.outputType(types)
    }
    let cost = try attempt(layer, place, spec.element) { () throws(ShapeError) in
      try spec.kind.cost(types, output: output)
    }
    return Primitive(
      element: spec.element, kind: spec.kind, attributes: spec.attributes, operands: operands,
      inputTypes: types,
      outputType: output, cost: cost, location: place)
  }

  /// Why an element cannot take that many operands.
  private static func fault(_ count: Int, of allowed: ClosedRange<Int>, element: String) -> String {
    let wanted =
      count > allowed.upperBound
      ? "\(allowed.upperBound)"
      : allowed.lowerBound == allowed.upperBound
        ? "\(allowed.lowerBound)" : "at least \(allowed.lowerBound)"
    let noun = wanted == "1" || wanted == "at least 1" ? "operand" : "operands"
    let remedy =
      count < allowed.lowerBound
      ? "; name the missing ones in 'with', or in the layer's 'inputs'"
      : "; a layer's first primitive takes all of its 'inputs', a later one the result before it"
    return "<\(element)> takes \(wanted) \(noun), not \(count)\(remedy)"
  }

  private func attempt<Value>(
    _ layer: String, _ location: SourceLocation?, _ element: String? = nil,
    _ body: () throws(ShapeError) -> Value
  ) throws(GraphError) -> Value {
    do throws(ShapeError) {
      return try body()
    } catch {
      throw GraphError(
        (element.map { "<\($0)>: " } ?? "") + error.description, layer: layer, location: location)
    }
  }
}
