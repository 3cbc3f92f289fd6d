/// Extents that a file claims, before anything is sized by them.
package enum Extents {
  /// The number of elements; nil where there is no such tensor.
  ///
  /// An extent of 0 leaves no elements, but steps along the other axes are still computed: their product
  /// must be as small as if none were 0.
  ///
  /// - Parameters:
  ///   - dims: The extents; none of a scalar.
  ///   - most: The largest product.
  /// - Returns: Their product; nil where one is below 0, or the product is larger than `most`.
  package static func count(_ dims: [Int], most: Int) -> Int? {
    var steps = 1
    for extent in dims {
      let (product, overflow) = steps.multipliedReportingOverflow(by: max(extent, 1))
      guard extent >= 0, !overflow, product <= most else { return nil }
      steps = product
    }
    return dims.contains(0) ? 0 : steps
  }
}
