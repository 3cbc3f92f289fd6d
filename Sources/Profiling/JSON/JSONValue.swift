/// A JSON document whose objects keep the order of their keys.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number as it is written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A key with its value.
  package struct Member: Hashable, Sendable {
    /// The key.
    package var key: String
    /// Its value.
    package var value: JSONValue

    /// Joins a key and a value.
    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// A finite number in its shortest form that reads back as the same double; null otherwise.
  package static func double(_ value: Double) -> JSONValue {
    guard value.isFinite else { return .null }
    // Whole numbers print as such, as counts should, as far as doubles hold them exactly.
    if value.magnitude < 0x1p53, value == value.rounded(.towardZero) {
      return .number(String(Int64(value)))
    }
    return .number(value.description)
  }
}
