/// What normalisations over the last dimensions share: `axis`, the first of them (the last by default),
/// and `epsilon`.
struct NormalizedAxes: Hashable {
  static let axis = Attribute<Int>(
    "axis", default: -1, meaning: "the last", in: Attributes.axes,
    doc: "The first axis that is normalised.")
  static let epsilon = epsilon(doc: "Added to the variance.", guide: "a fraction, not negative")

  /// `epsilon`, which is not negative.
  static func epsilon(doc: String, guide: String) -> Attribute<Double> {
    Attribute<Double>("epsilon", default: 1e-5, doc: doc, guide: guide)
      .checked { $0 < 0 ? "\($0) is negative" : nil }
  }

  /// Added to the variance, or to the mean square.
  let epsilon: Double
  private let axis: Int

  init(_ attributes: Attributes, epsilon: Attribute<Double> = Self.epsilon) throws(AttributeError) {
    axis = try attributes[Self.axis]
    self.epsilon = try attributes[epsilon]
  }

  /// How many elements are normalised together.
  func width(_ type: TensorType) throws(ShapeError) -> Int {
    type.dims[(try resolveAxis(axis, rank: type.shape.rank))...].reduce(1, *)
  }
}
