/// Encodes values into a ``JSONValue`` with snake_case keys in the order of their declaration.
///
/// Foundation's encoder either sorts the keys or leaves them in no order; a record is read by
/// people, `schema` first, so the order of the declarations is kept. The keys of dictionaries are
/// data (`metrics`, `events`): they are kept as they are and sorted. Absent optionals are left out,
/// and so are numbers that JSON cannot hold (NaN, infinities).
final class JSONTreeEncoder: Encoder {
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]
  /// What has been encoded so far.
  private(set) var node: Node = .value(.null)

  private init(codingPath: [any CodingKey]) { self.codingPath = codingPath }

  /// The document of a value.
  static func encode(_ value: some Encodable, at path: [any CodingKey] = []) throws -> JSONValue {
    if let leaf = leaf(value) { return leaf }
    if let dictionary = value as? any StringKeyed { return try dictionary.tree(at: path) }
    let encoder = JSONTreeEncoder(codingPath: path)
    try value.encode(to: encoder)
    return encoder.node.tree
  }

  /// Scalars skip the containers.
  private static func leaf(_ value: some Encodable) -> JSONValue? {
    switch value {
    case let value as String: .string(value)
    case let value as Bool: .bool(value)
    case let value as Double: .double(value)
    case let value as [Double]: .array(value.map(JSONValue.double))
    case let value as Int: .number(String(value))
    case let value as UInt64: .number(String(value))
    default: nil
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(KeyedTree(node: objectNode(), codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    let items = Items()
    node = .array(items)
    return UnkeyedTree(items: items, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleTree(codingPath: codingPath) { self.node = .value($0) }
  }

  /// The object under way: types that flatten another into themselves ask for it twice.
  private func objectNode() -> Members {
    if case .object(let members) = node { return members }
    let members = Members()
    node = .object(members)
    return members
  }

  /// What an encoder holds.
  enum Node {
    case value(JSONValue)
    case array(Items)
    case object(Members)

    var tree: JSONValue {
      switch self {
      case .value(let value): value
      case .array(let items): .array(items.values)
      case .object(let members): .object(members.values)
      }
    }
  }

  /// An array under way.
  final class Items { var values: [JSONValue] = [] }

  /// An object under way.
  final class Members { var values: [JSONValue.Member] = [] }
}

/// Dictionaries with string keys, whatever their values.
protocol StringKeyed {
  /// The object, keys untouched and sorted.
  func tree(at path: [any CodingKey]) throws -> JSONValue
}

extension Dictionary: StringKeyed where Key == String, Value: Encodable {
  func tree(at path: [any CodingKey]) throws -> JSONValue {
    let members = try sorted { $0.key < $1.key }.compactMap { key, value in
      let tree = try JSONTreeEncoder.encode(value, at: path)
      return tree == .null ? nil : JSONValue.Member(key: key, value: tree)
    }
    return .object(members)
  }
}
