/// A kind of primitive that a layer may hold: its element, attributes, shape, cost and lowering.
///
/// One file in `Layers/` conforms one kind (or one family, such as the recurrent layers), and one
/// line in ``LayerKinds/all`` makes it known; a test holds the two and the XSD together.
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

/// An element of the topology language: its name and the attributes it accepts.
public struct ElementSchema: Hashable, Sendable {
  /// The element's name, such as `conv`.
  public let name: String
  /// Attribute names that must be present.
  public let required: [String]
  /// Attribute names that may be present (`with` is added where more operands are taken).
  public let optional: [String]

  /// Describes an element.
  public init(_ name: String, required: [String] = [], optional: [String] = []) {
    self.name = name
    self.required = required
    self.optional = optional
  }
}

/// An attribute that cannot be used: which one, and why.
public struct AttributeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The attribute's name; `nil` when the element as a whole is at fault.
  public let attribute: String?
  /// Why, in one clause.
  public let message: String
  /// The word that is none of ``choices``, if that is the fault.
  public let word: String?
  /// What it may be.
  public let choices: [String]

  /// Makes an error about `attribute`.
  public init(_ attribute: String?, _ message: String) {
    self.attribute = attribute
    self.message = message
    word = nil
    choices = []
  }

  /// Makes the error of a word that is none of those that `attribute` takes.
  public init(_ attribute: String, _ word: String, noneOf choices: [String]) {
    self.attribute = attribute
    message = "'\(word)' is none of \(choices.joined(separator: ", "))"
    self.word = word
    self.choices = choices
  }

  /// The text `attribute 'kernel': …`.
  public var description: String {
    attribute.map { "attribute '\($0)': \(message)" } ?? message
  }
}
