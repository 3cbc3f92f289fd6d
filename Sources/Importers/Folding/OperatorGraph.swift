public import Model
public import Topology

/// A model as its file has it: operators on named values.
///
/// This is what readers of model formats make, and all that the rest of the import sees. The vocabulary
/// is ONNX's: operator types, operands, attributes and their defaults are those of the default domain in
/// version ``opset``, or of another ``OperatorNode/domain``. A reader of another format (OpenVINO's IR,
/// say) feeds it so:
///
/// 1. Map the file with the weights (``ModelFile``) and make a ``ConstantTensor`` of each constant, over
///    the mapped bytes: nothing is read. What the other format arranges in another way (gates, say) is
///    derived lazily: ``ConstantTensor/transposed(_:)``, ``ConstantTensor/rows(_:)``…
/// 2. Append a node for each layer, in the words of ONNX (`Convolution` becomes `Conv`, its lists
///    attributes; `ShapeOf` becomes `Shape`), with names of values of its own making
///    (`"12.0"` for port 0 of layer 12). Several nodes may stand for a layer; the last one bears its name.
///    Give ``OperatorNode/place`` the file's line, for messages.
/// 3. Say what goes in and out: ``inputs`` and ``outputs``.
///
/// Nodes may stand in any order. ``ModelImport`` sorts them, folds constants and arithmetic on shapes on
/// the way on which it infers shapes, turns operators into layers, and says at once everything that it has
/// no layer for.
public struct OperatorGraph: Sendable {
  /// The network's name.
  public var name: String
  /// The version of ONNX's operators that nodes are in.
  public var opset: Int
  /// Who wrote the file.
  public var producer = ""
  /// The topology that ntprof exported the nodes from, where the file carries one.
  public var topology: String?
  /// The operators.
  public var nodes: [OperatorNode] = []
  /// Constants by the names of their values.
  public var constants: [String: ConstantTensor] = [:]
  /// What goes in; one that is among the constants, too, is no input but may be overridden.
  public var inputs: [OperatorInput] = []
  /// The names of the values that come out.
  public var outputs: [String] = []
  /// What is told about other values: their dims where they are all known.
  public var declared: [String: [Int]] = [:]

  /// Starts a graph.
  public init(name: String, opset: Int) {
    self.name = name
    self.opset = opset
  }
}

/// What goes into a network.
public struct OperatorInput: Sendable {
  /// The name of the value.
  public var name: String
  /// What its elements are.
  public var elementType: ElementType
  /// Its extents; `nil` for one that the model leaves open.
  public var dims: [Int?]
  /// What the model calls the extents that it leaves open, `""` where it does not.
  public var dimNames: [String]
  /// What the dims mean (`nchw`, `tnc`…), where the format says so.
  public var layout: String?

  /// Describes an input.
  public init(
    name: String, elementType: ElementType, dims: [Int?], dimNames: [String] = [],
    layout: String? = nil
  ) {
    self.name = name
    self.elementType = elementType
    self.dims = dims
    self.dimNames = dimNames
    self.layout = layout
  }
}

/// One operator on named values.
public struct OperatorNode: Sendable {
  /// Its name; may be empty.
  public var name: String
  /// Its type, such as `Conv`.
  public var type: String
  /// The set of operators it belongs to; empty for ONNX's own.
  public var domain: String
  /// The values it reads; an empty name leaves an operand out.
  public var inputs: [String]
  /// The values it makes; an empty name is one that nobody reads.
  public var outputs: [String]
  /// Its attributes.
  public var attributes: [String: OperatorAttribute]
  /// Where it stands in the file: `offset 1234`, `line 12`.
  public var place: String
  /// The primitive that ntprof made it of, where it says so.
  public var words: PrimitiveWords?

  /// Describes an operator.
  public init(
    name: String, type: String, domain: String = "", inputs: [String], outputs: [String],
    attributes: [String: OperatorAttribute] = [:], place: String
  ) {
    self.name = name
    self.type = type
    self.domain = domain
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
    self.place = place
  }

  /// What messages call it: its own name, else that of the first value it makes.
  public var title: String {
    name.isEmpty ? outputs.first { !$0.isEmpty } ?? "" : name
  }
}

/// A constant of an operator.
public enum OperatorAttribute: Sendable {
  case int(Int)
  case ints([Int])
  case float(Float)
  case floats([Float])
  case string(String)
  case strings([String])
  case tensor(ConstantTensor)
  /// A branch of an `If`.
  case graph(OperatorGraph)
}
