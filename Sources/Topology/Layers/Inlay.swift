/// `inlay`: a function that is no network layer but stands among them, chosen by `kind`.
///
/// Examples are the features before an acoustic network and the decoder after it. Inlays run and
/// are timed like layers, yet they have no parameters, MACs or FLOP: their work depends on the
/// method and often on the data, so that a count from shapes alone would mislead.
struct Inlay: LayerKind {
  /// The kinds, one line a file in `Inlays/`.
  static let kinds: [any InlayKind.Type] = [
    Argmax.self,
    Copy.self,
    CTCBeamSearch.self,
    CTCGreedy.self,
    MFCC.self,
    Reorder.self,
  ]

  static let elements = [
    ElementSchema(
      "inlay", doc: "A function between layers, such as feature extraction or decoding.",
      attributes: [kind] + kinds.flatMap { $0.attributes })
  ]

  private static let kind = Attribute<any InlayKind.Type>(
    AttributeDeclaration(
      "kind",
      .choice(
        ChoiceType("inlayKind", doc: "Functions between layers.", words: kinds.map { $0.name })),
      .required, doc: "The function.", guide: "the function, from the table below")
  ) { (attributes) throws(AttributeError) in
    guard let name = attributes.string("kind") else { throw AttributeError("kind", "is required") }
    guard let type = kinds.first(where: { $0.name == name }) else {
      throw AttributeError("kind", name, noneOf: kinds.map { $0.name })
    }
    return type
  }

  private let kind: any InlayKind

  init(_ attributes: Attributes) throws(AttributeError) {
    let type = try attributes[Self.kind]
    for other in Inlay.kinds.flatMap({ $0.attributes }) where attributes.string(other.name) != nil {
      guard type.attributes.contains(where: { $0.name == other.name }) else {
        throw AttributeError(other.name, "means nothing to kind '\(type.name)'")
      }
    }
    kind = try type.init(attributes)
  }

  static func == (left: Inlay, right: Inlay) -> Bool {
    left.kind.hashable == right.kind.hashable
  }

  func hash(into hasher: inout Hasher) { hasher.combine(kind.hashable) }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try kind.outputType(inputs[0])
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    return program.emit(
      kind.operation(on: input), inputs, type: try kind.outputType(input))
  }
}

/// One kind of inlay: its name, attributes, shape and what runs.
protocol InlayKind: Hashable, Sendable {
  /// Its value of the attribute `kind`.
  static var name: String { get }
  /// The attributes it reads in addition to `kind`; all have defaults or are demanded by `init`.
  static var attributes: [any AttributeKey] { get }

  init(_ attributes: Attributes) throws(AttributeError)

  /// The shape and layout of the result.
  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType

  /// What computes it.
  func operation(on input: TensorType) -> Operation
}

extension InlayKind {
  static var attributes: [any AttributeKey] { [] }

  fileprivate var hashable: AnyHashable { AnyHashable(self) }
}
