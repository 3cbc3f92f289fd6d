/// A kind of primitive that a layer may hold: its element, attributes, shape, cost and lowering.
///
/// One file in `Layers/` conforms one kind (or one family, such as the recurrent layers), and one
/// line in ``LayerKinds/standard`` makes it known. Its ``Attribute``s are declared once, there: the
/// schema, the guide's tables and what writes topologies are made of them.
///
/// Kinds are equal where they were made of attributes that mean the same, so that what an attribute adds to
/// its default can be told without a table of defaults.
public protocol LayerKind: Hashable, Sendable {
  /// The elements of the topology language this type reads.
  static var elements: [ElementSchema] { get }

  /// Reads the attributes of one element.
  ///
  /// - Throws: ``AttributeError`` naming the attribute that cannot be used.
  init(_ attributes: Attributes) throws(AttributeError)

  /// How many operands the primitive takes (inputs and `with` together).
  var operands: ClosedRange<Int> { get }

  /// The shape and layout of the result.
  ///
  /// - Throws: ``ShapeError`` when the operands do not fit.
  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType

  /// What the primitive gives beside its result, named as behind the layer's name and a dot: the last
  /// states of recurrent layers, `h` and `c`.
  ///
  /// - Throws: ``ShapeError`` when a shape cannot be.
  func states(_ inputs: [TensorType]) throws(ShapeError) -> [(name: String, type: TensorType)]

  /// The analytic cost on these operands. The formula stands in the type's doc comment.
  ///
  /// - Throws: ``ShapeError`` when a count leaves 64 bits.
  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost

  /// Appends the operations that compute the primitive and returns the value of its result.
  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
}

extension LayerKind {
  /// One operand, as most kinds have.
  public var operands: ClosedRange<Int> { 1...1 }

  /// Nothing beside the result, as most kinds.
  public func states(_ inputs: [TensorType]) throws(ShapeError) -> [(
    name: String, type: TensorType
  )] { [] }
}
