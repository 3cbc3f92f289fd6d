/// A cost that files of other programs may not tell: absent in the document then, and not 0.
///
/// Who adds it up reads the number, to which what is not known adds nothing; who shows it reads the
/// projected value, which is `nil` then.
@propertyWrapper
public struct IfKnown<Value: CostNumber & Codable & Hashable & Sendable>: Hashable, Sendable {
  /// The cost; `nil` where nobody knows it.
  public var projectedValue: Value?

  /// The cost, or nothing.
  public var wrappedValue: Value {
    get { projectedValue ?? .nothing }
    set { projectedValue = newValue }
  }

  /// A cost that is known.
  public init(wrappedValue: Value) { projectedValue = wrappedValue }

  fileprivate init(_ value: Value?) { projectedValue = value }
}

/// A kind of number that costs are told in.
public protocol CostNumber {
  /// What adds nothing.
  static var nothing: Self { get }
}

extension Int: CostNumber {
  /// No operations, no bytes.
  public static var nothing: Int { 0 }
}

extension Double: CostNumber {
  /// Nothing.
  public static var nothing: Double { 0 }
}

// MARK: Coding

extension IfKnown: Codable {
  /// Reads a value that is there.
  public init(from decoder: any Decoder) throws {
    projectedValue = try decoder.singleValueContainer().decode(Value.self)
  }

  /// Writes the value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(projectedValue)
  }
}

extension KeyedDecodingContainer {
  /// A cost whose key may be missing.
  func decode<Value>(_ type: IfKnown<Value>.Type, forKey key: Key) throws -> IfKnown<Value> {
    IfKnown(try decodeIfPresent(Value.self, forKey: key))
  }
}

extension KeyedEncodingContainer {
  /// A cost, or nothing where it is not known.
  mutating func encode<Value>(_ cost: IfKnown<Value>, forKey key: Key) throws {
    try encodeIfPresent(cost.projectedValue, forKey: key)
  }
}
