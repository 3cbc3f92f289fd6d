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
  /// The layers in execution order.
  public let layers: [Layer]
  /// The segments between markers, in order of their start.
  public let segments: [Segment]
  /// Indices of the layers whose output leaves the network: those nobody reads, and the last.
  public let outputs: [Int]

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
  /// The distinct values from outside the layer that it reads, in order of first use.
  public let inputs: [Source]
  /// Types of ``inputs``.
  public let inputTypes: [TensorType]
  /// Type of what the last primitive makes.
  public let outputType: TensorType
  /// What the layer gives beside it, of the last primitive that gives anything: names and types.
  public let states: [State]
  /// Sum of the primitives' costs.
  public let cost: Cost
  /// Where it stands, if it came from a file.
  public let location: SourceLocation?

  /// Element name of the first primitive: the layer's kind in reports.
  public var kind: String { primitives.first?.element ?? "" }
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
  /// - Throws: ``GraphError`` naming the layer whose lowering failed.
  /// - Complexity: O(layers).
  public func program() throws(GraphError) -> Program {
    var builder = ProgramBuilder(inputs: inputs.map(\.type))
    var layerValues: [ValueID] = []
    var layerStates: [Int: [ValueID]] = [:]
    let wanted = layersWithReadStates
    layerValues.reserveCapacity(layers.count)
    for layer in layers {
      var previous: ValueID = -1
      for (index, primitive) in layer.primitives.enumerated() {
        builder.layer = layer.index
        builder.primitive = index
        builder.wantsStates = wanted.contains(layer.index) && layer.states[0].primitive == index
        let operands = primitive.operands.map { source in
          switch source {
          case .input(let input): input
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
    }
    return builder.program(outputs: outputs.map { layerValues[$0] })
  }
}

extension Graph {
  /// The layers that somebody reads more of than the output.
  private var layersWithReadStates: Set<Int> {
    var wanted: Set<Int> = []
    for layer in layers {
      for case .state(let other, _) in layer.inputs { wanted.insert(other) }
    }
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
