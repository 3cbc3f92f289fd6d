/// `reorder`: the operand in the memory format that `to` names with a oneDNN tag, such as `nhwc`.
///
/// Shape and layout stay: a reorder changes where elements lie, not what they mean.
struct Reorder: InlayKind {
  static let name = "reorder"
  static let attributes: [any AttributeKey] = [to]

  private static let to = Attribute<String>(
    AttributeDeclaration(
      "to", .text, .demanded, doc: "`reorder`: a oneDNN memory format tag, such as `nhwc`.")
  ) { (attributes) throws(AttributeError) in
    guard let format = attributes.string("to") else { throw AttributeError("to", "is required") }
    let isTag = format.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
    }
    guard isTag, !format.isEmpty else {
      throw AttributeError("to", "'\(format)' is no memory format tag")
    }
    return format
  }

  private let format: String

  init(_ attributes: Attributes) throws(AttributeError) {
    format = try attributes[Self.to]
  }

  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType { input }

  func operation(on input: TensorType) -> Operation { .reorder(format: format) }
}
