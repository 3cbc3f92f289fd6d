/// The extents of a tensor, in oneDNN's logical order (N C H W for images, T N C for sequences).
///
/// A shape is valid by construction: every extent is at least 1 and the number of elements fits
/// ``maximumElementCount``, so that products over shapes cannot overflow unnoticed.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// The largest number of elements a tensor may have: 2^40 (4 TiB in f32).
  public static let maximumElementCount = 1 << 40

  /// The extents, outermost first.
  public let dims: [Int]

  /// Makes a shape of the given extents.
  ///
  /// - Throws: ``ShapeError`` when an extent is below 1, there are none or more than 12, or the
  ///   product exceeds ``maximumElementCount``.
  public init(_ dims: [Int]) throws(ShapeError) {
    guard !dims.isEmpty, dims.count <= 12 else {
      throw ShapeError("a shape has 1 to 12 dimensions, not \(dims.count)")
    }
    var count = 1
    for dim in dims {
      guard dim >= 1 else {
        throw ShapeError("dimension \(dim) in \(Shape.text(dims)) is not positive")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: dim)
      guard !overflow, product <= Shape.maximumElementCount else {
        throw ShapeError("shape \(Shape.text(dims)) has more than 2^40 elements")
      }
      count = product
    }
    self.dims = dims
  }

  /// The number of dimensions.
  public var rank: Int { dims.count }

  /// The number of elements: the product of the extents.
  public var elementCount: Int { dims.reduce(1, *) }

  /// The extent of one dimension.
  public subscript(axis: Int) -> Int { dims[axis] }

  /// The dims joined by `x`, as the topology language writes them.
  public var description: String { Shape.text(dims) }

  static func text(_ dims: [Int]) -> String {
    dims.map(String.init).joined(separator: "x")
  }
}

/// A shape that cannot be, or shapes that do not fit each other.
public struct ShapeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What does not fit, in one clause without a location.
  public let description: String

  /// Makes an error that says `message`.
  public init(_ message: String) { description = message }
}

/// The product of counts, or an error when it leaves 64 bits.
///
/// - Throws: ``ShapeError`` on overflow.
public func checkedProduct(_ factors: Int...) throws(ShapeError) -> Int {
  var product = 1
  for factor in factors {
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    if overflow { throw ShapeError("the count \(Shape.text(factors)) does not fit 64 bits") }
    product = next
  }
  return product
}
