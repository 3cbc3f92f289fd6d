/// What normalisations over the last dimensions share: `axis`, the first of them (the last by default),
/// and `epsilon`.
struct NormalizedAxes: Hashable {
  /// Added to the variance, or to the mean square.
  let epsilon: Double
  private let axis: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: -1, in: -12...11)
    epsilon = try attributes.epsilon()
  }

  /// How many elements are normalised together.
  func width(_ type: TensorType) throws(ShapeError) -> Int {
    type.dims[(try resolveAxis(axis, rank: type.shape.rank))...].reduce(1, *)
  }
}

extension Attributes {
  /// `epsilon`, which is added to a variance: 1e-5 unless given, and not below 0.
  func epsilon() throws(AttributeError) -> Double {
    let epsilon = try double("epsilon", default: 1e-5)
    guard epsilon >= 0 else { throw AttributeError("epsilon", "\(epsilon) is negative") }
    return epsilon
  }
}
