/// A JSON document whose objects keep the order of their keys.
enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number as it is written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A key with its value.
  struct Member: Hashable, Sendable {
    var key: String
    var value: JSONValue
  }

  /// A finite number in its shortest form that reads back as the same double; null otherwise.
  static func double(_ value: Double) -> JSONValue {
    guard value.isFinite else { return .null }
    // Whole numbers print as such, as counts should, as far as doubles hold them exactly.
    if value.magnitude < 0x1p53, value == value.rounded(.towardZero) {
      return .number(String(Int64(value)))
    }
    return .number(value.description)
  }
}
