/// An element of the topology language: its name, what it is, and the attributes it accepts.
public struct ElementSchema: Hashable, Sendable {
  /// The element's name, such as `conv`.
  public let name: String
  /// What it is, in a sentence or two.
  public let doc: String
  /// Its attributes; `with` and `if` are added where the language has them.
  public let attributes: [AttributeDeclaration]
  /// What further operands, those of `with`, are; `nil` for an element without.
  public let further: String?
  /// What it gives beside its result, as behind the layer's name and a dot.
  public let states: [String]

  /// Describes an element by the attributes that its kind reads; `further` is what `with` names, where
  /// the element takes it.
  public init(
    _ name: String, doc: String, with further: String? = nil, states: [String] = [],
    _ attributes: any AttributeKey...
  ) {
    self.init(name, doc: doc, with: further, states: states, attributes: attributes)
  }

  /// Describes an element by a list of attributes.
  public init(
    _ name: String, doc: String, with further: String? = nil, states: [String] = [],
    attributes: [any AttributeKey]
  ) {
    self.name = name
    self.doc = doc
    self.further = further
    self.states = states
    self.attributes = attributes.map(\.declaration)
  }

  /// Names of attributes that must be present.
  public var required: [String] { attributes.filter(\.isRequired).map(\.name) }

  /// Names of attributes that may be present.
  public var optional: [String] { attributes.filter { !$0.isRequired }.map(\.name) }

  /// Names of attributes that name an operand each, in the order of the operands.
  public var naming: [String] { attributes.filter { $0.form == .operand }.map(\.name) }
}
