/// The attributes of one element after `${}` expansion, with typed access.
public struct Attributes: Sendable {
  /// The element's name, such as `lstm`.
  public let element: String
  /// Attribute values by name.
  public let values: [String: String]
  /// The values of those that differ where divisions are exact, as fractions are read.
  private let fractions: [String: String]
  /// Why those that only divide exactly have no integer.
  private let integerFaults: [String: String]

  /// Wraps the attributes of `element`.
  ///
  /// - Parameters:
  ///   - element: The element's name.
  ///   - values: The attributes, integers divided toward zero.
  ///   - fractions: Those that differ when integers are divided exactly.
  ///   - integerFaults: Why those that cannot be divided toward zero cannot; ``values`` then holds
  ///     the exact ones.
  public init(
    element: String, _ values: [String: String] = [:], fractions: [String: String] = [:],
    integerFaults: [String: String] = [:]
  ) {
    self.element = element
    self.values = values
    self.fractions = fractions
    self.integerFaults = integerFaults
  }

  /// The text of an attribute, or `nil` when it is absent.
  public func string(_ name: String) -> String? { values[name] }

  /// The text of an attribute whose numbers are fractions, or `nil` when it is absent.
  public func fractions(_ name: String) -> String? { fractions[name] ?? values[name] }

  /// The text of an attribute whose numbers are integers.
  private func integers(_ name: String) throws(AttributeError) -> String? {
    if let fault = integerFaults[name] { throw AttributeError(name, fault) }
    return values[name]
  }

  /// An integer attribute.
  ///
  /// - Throws: ``AttributeError`` when it is absent without a default, no integer or out of range.
  public func int(
    _ name: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 1...Int(Int32.max)
  ) throws(AttributeError) -> Int {
    guard let text = try integers(name) else {
      if let fallback { return fallback }
      throw AttributeError(name, "is required")
    }
    guard let value = Int(text) else { throw AttributeError(name, "'\(text)' is no integer") }
    guard range.contains(value) else {
      throw AttributeError(name, "\(value) is outside \(range.lowerBound)…\(range.upperBound)")
    }
    return value
  }

  /// A floating-point attribute.
  ///
  /// - Throws: ``AttributeError`` when it is absent without a default or no finite number.
  public func double(_ name: String, default fallback: Double? = nil) throws(AttributeError)
    -> Double
  {
    guard let text = fractions(name) else {
      if let fallback { return fallback }
      throw AttributeError(name, "is required")
    }
    guard let value = Double(text), value.isFinite else {
      throw AttributeError(name, "'\(text)' is no finite number")
    }
    return value
  }

  /// A `true`/`false` attribute.
  ///
  /// - Throws: ``AttributeError`` for any other text.
  public func bool(_ name: String, default fallback: Bool) throws(AttributeError) -> Bool {
    switch values[name] {
    case nil: return fallback
    case "true", "1": return true
    case "false", "0": return false
    case let text?: throw AttributeError(name, "'\(text)' is neither true nor false")
    }
  }

  /// An attribute that takes one of the raw values of an enum.
  ///
  /// - Throws: ``AttributeError`` listing the choices.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default fallback: Choice? = nil
  ) throws(AttributeError) -> Choice where Choice.RawValue == String {
    guard let text = values[name] else {
      if let fallback { return fallback }
      throw AttributeError(name, "is required")
    }
    guard let value = Choice(rawValue: text) else {
      throw AttributeError(name, text, noneOf: Choice.allCases.map(\.rawValue))
    }
    return value
  }

  /// Extents joined by `x`, such as `3x5`; `nil` when absent.
  ///
  /// - Throws: ``AttributeError`` when a part is no integer within `range`.
  public func dims(_ name: String, in range: ClosedRange<Int> = 1...Int(Int32.max))
    throws(AttributeError) -> [Int]?
  {
    guard let text = try integers(name) else { return nil }
    var dims: [Int] = []
    for part in text.split(separator: "x", omittingEmptySubsequences: false) {
      guard let value = Int(part) else {
        throw AttributeError(name, "'\(text)' is not a list of integers joined by 'x'")
      }
      guard range.contains(value) else {
        throw AttributeError(name, "\(value) is outside \(range.lowerBound)…\(range.upperBound)")
      }
      dims.append(value)
    }
    return dims
  }

  /// Integers separated by commas, such as `0,-1`; `nil` when absent.
  ///
  /// - Throws: ``AttributeError`` when a part is no integer within `range`.
  public func list(_ name: String, in range: ClosedRange<Int> = Int.min...Int.max)
    throws(AttributeError) -> [Int]?
  {
    guard let text = try integers(name) else { return nil }
    var list: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let value = Int(part.trimmingPrefix { $0 == " " }) else {
        throw AttributeError(name, "'\(text)' is not a list of integers joined by ','")
      }
      guard range.contains(value) else {
        throw AttributeError(name, "\(value) is outside \(range.lowerBound)…\(range.upperBound)")
      }
      list.append(value)
    }
    return list
  }
}
