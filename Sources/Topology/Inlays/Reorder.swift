/// `reorder`: the operand in the memory format that `to` names with a oneDNN tag, such as `nhwc`.
///
/// Shape and layout stay: a reorder changes where elements lie, not what they mean.
struct Reorder: InlayKind {
  static let name = "reorder"
  static let attributes = ["to"]

  private let format: String

  init(_ attributes: Attributes) throws(AttributeError) {
    guard let format = attributes.string("to") else { throw AttributeError("to", "is required") }
    let isTag = format.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
    }
    guard isTag, !format.isEmpty else {
      throw AttributeError("to", "'\(format)' is no memory format tag")
    }
    self.format = format
  }

  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType { input }

  func operation(on input: TensorType) -> Operation { .reorder(format: format) }
}
