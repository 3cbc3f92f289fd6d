/// The extents of a tensor, outermost first.
///
/// In JSON a text of them joined by `x`, like `1x3x224x224`; empty where nobody says.
public struct Dims: Hashable, Sendable, CustomStringConvertible {
  /// The extents.
  public var sizes: [Int]

  /// Makes dims of extents.
  public init(_ sizes: [Int]) { self.sizes = sizes }

  /// Nobody says.
  public static let unknown = Dims([])

  /// Whether nobody says.
  public var isEmpty: Bool { sizes.isEmpty }

  /// The product of the extents; 1 where nobody says.
  public var elementCount: Int { sizes.reduce(1) { $0 &* $1 } }

  /// As reports and JSON write them.
  public var description: String { sizes.map(String.init).joined(separator: "x") }
}

extension Dims: Codable {
  /// Reads `AxBxC`.
  ///
  /// - Throws: `DecodingError` for a text that is no dims, or is not as this version writes them.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    sizes = text.isEmpty ? [] : parts.compactMap { Int($0) }
    guard description == text else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text.prefix(100))' is no shape like 1x3x224x224")
    }
  }

  /// Writes `AxBxC`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
