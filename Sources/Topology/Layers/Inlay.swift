/// `inlay`: a function that is no network layer but stands among them, chosen by `kind`.
///
/// Examples are the features before an acoustic network and the decoder after it. Inlays run and
/// are timed like layers, yet they have no parameters, MACs or FLOP: their work depends on the
/// method and often on the data, so that a count from shapes alone would mislead.
struct Inlay: LayerKind {
  /// The kinds, one line a file in `Inlays/`.
  static let kinds: [any InlayKind.Type] = [
    Argmax.self,
    CTCBeamSearch.self,
    CTCGreedy.self,
    Copy.self,
    MFCC.self,
    Reorder.self,
  ]

  static let elements = [
    ElementSchema(
      "inlay", required: ["kind"], optional: Set(kinds.flatMap { $0.attributes }).sorted())
  ]

  private let kind: any InlayKind

  init(_ attributes: Attributes) throws(AttributeError) {
    guard let name = attributes.string("kind") else {
      throw AttributeError("kind", "is required")
    }
    guard let type = Inlay.kinds.first(where: { $0.name == name }) else {
      throw AttributeError("kind", name, noneOf: Inlay.kinds.map { $0.name })
    }
    for other in Inlay.elements[0].optional where attributes.string(other) != nil {
      guard type.attributes.contains(other) else {
        throw AttributeError(other, "means nothing to kind '\(name)'")
      }
    }
    kind = try type.init(attributes)
  }

  static func == (left: Inlay, right: Inlay) -> Bool {
    AnyHashable(left.kind) == AnyHashable(right.kind)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(kind)) }

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
  static var attributes: [String] { get }

  init(_ attributes: Attributes) throws(AttributeError)

  /// The shape and layout of the result.
  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType

  /// What computes it.
  func operation(on input: TensorType) -> Operation
}

extension InlayKind {
  static var attributes: [String] { [] }
}
