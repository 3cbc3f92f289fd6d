/// `copy`: the operand in memory of its own; what moving the data alone takes.
struct Copy: InlayKind {
  static let name = "copy"

  init(_ attributes: Attributes) throws(AttributeError) {}

  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType { input }

  func operation(on input: TensorType) -> Operation { .copy }
}
