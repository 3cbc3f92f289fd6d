import Model
import Topology

/// What a primitive of a network to be reads.
enum Operand: Hashable {
  /// An input of the network.
  case input(Int)
  /// What a primitive makes.
  case draft(Int)
  /// What a recurrent primitive gives beside it: 0 is h, 1 is c.
  case state(Int, Int)
  /// A constant of the network.
  case constant(Int)
}

/// A value that flows: not known before the network runs.
struct Flow {
  var operand: Operand
  /// ONNX's dims; none of a scalar, which ntprof has as one element.
  var dims: [Int]
  var type: TensorType
  var elementType: ElementType

  init(_ operand: Operand, _ type: TensorType, _ elementType: ElementType, dims: [Int]? = nil) {
    self.operand = operand
    self.type = type
    self.elementType = elementType
    self.dims = dims ?? type.dims
  }

  var rank: Int { dims.count }
}

/// What a name stands for while a model is translated.
enum ModelValue {
  case constant(ConstantTensor)
  case flow(Flow)
  /// Made by an operator that is not supported, of dims that nobody knows.
  case unknown
}

/// One primitive of a network to be, before primitives are joined to layers.
struct Draft {
  var element: String
  var attributes: [String: String]
  var operands: [Operand]
  /// Trained constants by PyTorch's names, in PyTorch's dims and order.
  var weights: [(name: String, tensor: ConstantTensor)]
  var kind: any LayerKind
  var type: TensorType
  /// The node that it was made of.
  let node: Int
  /// Whether it stands for an operator that ntprof has no kind of, until a pattern absorbs it.
  var unsupported: String?

  /// Makes a primitive.
  ///
  /// - Throws: ``TranslationFault`` when attributes or operands do not fit the element.
  init(
    _ element: String, _ attributes: [String: String], _ operands: [Operand], types: [TensorType],
    weights: [(name: String, tensor: ConstantTensor)] = [], node: Int
  ) throws(TranslationFault) {
    self.element = element
    self.attributes = attributes
    self.operands = operands
    self.weights = weights
    self.node = node
    (kind, type) = try Draft.infer(element, attributes, types)
  }

  static func infer(_ element: String, _ attributes: [String: String], _ types: [TensorType])
    throws(TranslationFault) -> (any LayerKind, TensorType)
  {
    guard let reader = LayerKinds.standard[element] else {
      throw .unsupported("there is no layer <\(element)>")
    }
    let kind: any LayerKind
    do throws(AttributeError) {
      kind = try reader.init(Attributes(element: element, attributes))
    } catch {
      throw .unsupported("<\(element)>: \(error)")
    }
    guard kind.operands.contains(types.count) else {
      throw .unsupported("<\(element)> of \(types.count) operands")
    }
    do throws(ShapeError) { return (kind, try kind.outputType(types)) } catch {
      throw .invalid("<\(element)>: \(error)")
    }
  }
}

/// Why an operator cannot be translated.
enum TranslationFault: Error {
  /// ntprof has no layer that does that.
  case unsupported(String)
  /// The model contradicts itself.
  case invalid(String)
}
