/// Attributes that mean the same in several elements.
enum CommonAttributes {
  /// The axis that something runs along, the last one by default.
  static let lastAxis = Attribute<Int>(
    "axis", default: -1, meaning: "the last", in: Attributes.axes,
    doc: "The axis; a negative one counts from the end.")

  /// What dims mean that a layer makes; `nil` for what they mean by themselves.
  static let layout = Attribute<Layout?>(
    "layout", otherwise: .explained, doc: "What the new dimensions mean.")
}
