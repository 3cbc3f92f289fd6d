/// Where something stands in a file; lines and columns count from 1.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// The file as the user named it.
  public let file: String
  /// The line.
  public let line: Int
  /// The column, in characters.
  public let column: Int

  /// Makes a location.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The text `file:line:column`.
  public var description: String { "\(file):\(line):\(column)" }
}

/// The DAG that a topology describes: inputs, layers in execution order, segments, outputs.
public struct Graph: Sendable {
  /// The topology's name.
  public let name: String
  /// The network's inputs.
  public let inputs: [GraphInput]
  /// The tensors that are part of the network.
  public let constants: [GraphConstant]
  /// The layers in execution order.
  public let layers: [Layer]
  /// The segments between markers, in order of their start.
  public let segments: [Segment]
  /// What leaves the network, in order: what was declared, else the layers that nobody reads and
  /// the last.
  public let outputs: [Source]

  /// Sum of the layers' costs.
  public let cost: Cost
}

/// An input of the network.
public struct GraphInput: Sendable {
  /// Its name.
  public let name: String
  /// Shape and layout.
  public let type: TensorType
  /// Where it is declared, if it came from a file.
  public let location: SourceLocation?
}

/// What a primitive reads.
public enum Source: Hashable, Sendable {
  /// An input of the network.
  case input(Int)
  /// A tensor that is part of the network.
  case constant(Int)
  /// The output of a layer that stands before.
  case layer(Int)
  /// What a layer that stands before gives beside its output: which layer, and which of its states.
  case state(Int, Int)
  /// What the primitive before it in the same layer made.
  case previous
}

/// One layer: what the topology names and what reports have rows for.
public struct Layer: Sendable {
  /// Its place in the order of execution, from 0.
  public let index: Int
  /// Its name, unique among layers and inputs.
  public let name: String
  /// The primitives that run for it, in order.
  public let primitives: [Primitive]
  /// The distinct values from outside the layer that it reads, in order of first use; constants are
  /// no inputs but weights.
  public let inputs: [Source]
  /// Types of ``inputs``.
  public let inputTypes: [TensorType]
  /// Type of what the last primitive makes.
  public let outputType: TensorType
  /// What the layer gives beside it, of the last primitive that gives anything: names and types.
  public let states: [State]
  /// The layer whose weights it shares, which stands before it.
  public let sharesWeights: Int?
  /// Sum of the primitives' costs and those of the constants that it reads, without parameters that
  /// are counted in a layer before.
  public let cost: Cost
  /// Where it stands, if it came from a file.
  public let location: SourceLocation?

  /// Element name of the primitive that costs most, the layer's kind in reports: the one with the
  /// most multiply-adds, then FLOP, then elements that it reads and makes; of equals the first.
  ///
  /// It follows from shapes alone, so that a layer has one kind whether it was run or not.
  public var kind: String {
    var costliest = primitives.first
    for primitive in primitives.dropFirst() {
      if let most = costliest, most.weight < primitive.weight { costliest = primitive }
    }
    return costliest?.element ?? ""
  }
}

/// What a layer gives beside its output.
public struct State: Hashable, Sendable {
  /// What follows the layer's name and a dot.
  public let name: String
  /// Its type.
  public let type: TensorType
  /// The primitive that makes it.
  public let primitive: Int
}

/// One primitive of a layer with its resolved operands.
public struct Primitive: Sendable {
  /// The element's name, such as `conv`.
  public let element: String
  /// Attributes, shape rule, cost and lowering.
  public let kind: any LayerKind
  /// The attributes it was made of; `nil` where nobody kept them.
  public let attributes: Attributes?
  /// What it reads.
  public let operands: [Source]
  /// Types of ``operands``.
  public let inputTypes: [TensorType]
  /// Type of what it makes.
  public let outputType: TensorType
  /// Its analytic cost.
  public let cost: Cost
  /// Where it stands, if it came from a file.
  public let location: SourceLocation?

  /// What it costs, in the order in which that counts.
  fileprivate var weight: (macs: Int, flops: Int, elements: Double) {
    let values = inputTypes.reduce(Double(outputType.elementCount)) { $0 + Double($1.elementCount) }
    return (cost.macs, cost.flops, values + Double(cost.weightElements))
  }
}

/// The layers between a start and a stop marker.
public struct Segment: Sendable {
  /// The marker's name.
  public let name: String
  /// Indices of its layers, ascending.
  public let layers: [Int]
  /// The counter source the marker asks for, if any.
  public let counters: String?
  /// The events the marker asks for, if any.
  public let events: [String]
}

extension Graph {
  /// Lowers the graph to operations in execution order.
  ///
  /// - Throws: ``GraphError`` naming the layer whose lowering failed, or whose values look rows up and
  ///   cannot be told to be indices.
  /// - Complexity: O(layers).
  public func program() throws(GraphError) -> Program {
    var builder = ProgramBuilder(inputs: inputs.map(\.type))
    var layerValues: [ValueID] = []
    var layerStates: [Int: [ValueID]] = [:]
    let constantValues = lowerConstants(into: &builder)
    var ranges: [Range<Int>] = []
    let wanted = layersWithReadStates
    layerValues.reserveCapacity(layers.count)
    for layer in layers {
      var previous: ValueID = -1
      let first = builder.instructions.count
      for (index, primitive) in layer.primitives.enumerated() {
        builder.layer = layer.index
        builder.primitive = index
        builder.wantsStates = wanted.contains(layer.index) && layer.states[0].primitive == index
        let operands = primitive.operands.map { source in
          switch source {
          case .input(let input): input
          case .constant(let constant): constantValues[constant] ?? -1
          case .layer(let other): layerValues[other]
          case .state(let other, let index): layerStates[other, default: []][index]
          case .previous: previous
          }
        }
        do throws(ShapeError) {
          previous = try primitive.kind.lower(operands, into: &builder)
        } catch {
          throw GraphError(
            error.description, layer: layer.name, location: primitive.location ?? layer.location)
        }
        if builder.wantsStates { layerStates[layer.index] = builder.states }
      }
      layerValues.append(previous)
      ranges.append(first..<builder.instructions.count)
      guard let other = layer.sharesWeights else { continue }
      do throws(ShapeError) {
        try builder.share(ranges[layer.index], with: ranges[other])
      } catch {
        throw GraphError(error.description, layer: layer.name, location: layer.location)
      }
    }
    let program = builder.program(
      outputs: outputs.map { source in
        if case .state(let layer, let index) = source {
          return layerStates[layer, default: []][index]
        }
        if case .layer(let layer) = source { return layerValues[layer] }
        return -1
      }
    ).keepingActivationsInRange().sharingScales()
    if let (message, instruction) = program.indexFault() {
      let layer = layers[program.instructions[instruction].layer]
      let primitive = layer.primitives[program.instructions[instruction].primitive]
      throw GraphError(
        message, layer: layer.name, location: primitive.location ?? layer.location)
    }
    return program
  }

  /// The values of the constants that layers read, each in the name of its first reader.
  ///
  /// They come first, so that they are there for whatever is computed together with their readers.
  private func lowerConstants(into builder: inout ProgramBuilder) -> [Int: ValueID] {
    var values: [Int: ValueID] = [:]
    for layer in layers {
      for (index, primitive) in layer.primitives.enumerated() {
        for case .constant(let constant) in primitive.operands where values[constant] == nil {
          let (name, type) = (constants[constant].name, constants[constant].type)
          builder.layer = layer.index
          builder.primitive = index
          let slot = WeightSlot(
            .weights, dims: type.dims, fanIn: 3, pattern: constants[constant].pattern)
          values[constant] = builder.emit(.constant(name: name), [], weights: [slot], type: type)
        }
      }
    }
    return values
  }

  /// The name of a value as reports and files call it: a layer's, or a layer's and a state's.
  public func name(of source: Source) -> String {
    switch source {
    case .input(let index): inputs[index].name
    case .constant(let index): constants[index].name
    case .layer(let index): layers[index].name
    case .state(let index, let state): layers[index].name + "." + layers[index].states[state].name
    case .previous: ""
    }
  }

  /// The type of a value; `nil` for ``Source/previous``.
  public func type(of source: Source) -> TensorType? {
    switch source {
    case .input(let index): inputs[index].type
    case .constant(let index): constants[index].type
    case .layer(let index): layers[index].outputType
    case .state(let index, let state): layers[index].states[state].type
    case .previous: nil
    }
  }
}

extension Graph {
  /// The layers that somebody reads more of than the output.
  private var layersWithReadStates: Set<Int> {
    var wanted: Set<Int> = []
    for layer in layers {
      for case .state(let other, _) in layer.inputs { wanted.insert(other) }
    }
    for case .state(let layer, _) in outputs { wanted.insert(layer) }
    return wanted
  }
}

/// Something wrong in a graph: what, in which layer, where.
public struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in one clause.
  public let message: String
  /// The layer at fault, if one is.
  public let layer: String?
  /// Where it stands, if known.
  public let location: SourceLocation?
  /// The attribute at fault, if one is; a reader may turn it into a better location.
  public let attribute: String?

  /// Makes an error.
  public init(
    _ message: String, layer: String? = nil, location: SourceLocation? = nil,
    attribute: String? = nil
  ) {
    self.message = message
    self.layer = layer
    self.location = location
    self.attribute = attribute
  }

  /// The text `file:line:column: layer 'name': message`, without the parts that are unknown.
  public var description: String {
    (location.map { "\($0): " } ?? "") + (layer.map { "layer '\($0)': " } ?? "") + message
  }
}

extension Graph {
  /// Whether it says itself what becomes 8-bit numbers: by a `quantize` in some layer.
  public var quantizesItself: Bool {
    layers.contains { layer in layer.primitives.contains { $0.element == "quantize" } }
  }
}
