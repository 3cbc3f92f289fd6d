/// The keyed container of ``JSONTreeEncoder``.
struct KeyedTree<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: JSONTreeEncoder.Members
  let codingPath: [any CodingKey]

  mutating func encodeNil(forKey key: Key) {}

  mutating func encode(_ value: some Encodable, forKey key: Key) throws {
    let tree = try JSONTreeEncoder.encode(value, at: codingPath + [key])
    guard tree != .null else { return }
    node.values.append(JSONValue.Member(key: snakeCase(key.stringValue), value: tree))
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    preconditionFailure("records nest values, not containers")
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    preconditionFailure("records nest values, not containers")
  }

  mutating func superEncoder() -> any Encoder {
    preconditionFailure("records are structs")
  }

  mutating func superEncoder(forKey key: Key) -> any Encoder {
    preconditionFailure("records are structs")
  }
}

/// The unkeyed container of ``JSONTreeEncoder``.
struct UnkeyedTree: UnkeyedEncodingContainer {
  let items: JSONTreeEncoder.Items
  let codingPath: [any CodingKey]
  var count: Int { items.values.count }

  mutating func encodeNil() { items.values.append(.null) }

  mutating func encode(_ value: some Encodable) throws {
    items.values.append(try JSONTreeEncoder.encode(value, at: codingPath))
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> {
    preconditionFailure("records nest values, not containers")
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    preconditionFailure("records nest values, not containers")
  }

  mutating func superEncoder() -> any Encoder {
    preconditionFailure("records are structs")
  }
}

/// The single-value container of ``JSONTreeEncoder``: raw values of enumerations end here.
struct SingleTree: SingleValueEncodingContainer {
  let codingPath: [any CodingKey]
  let store: (JSONValue) -> Void

  mutating func encodeNil() { store(.null) }
  mutating func encode(_ value: Bool) { store(.bool(value)) }
  mutating func encode(_ value: String) { store(.string(value)) }
  mutating func encode(_ value: Double) { store(.double(value)) }
  mutating func encode(_ value: Float) { store(.double(Double(value))) }
  mutating func encode(_ value: Int) { store(.number(String(value))) }
  mutating func encode(_ value: Int8) { store(.number(String(value))) }
  mutating func encode(_ value: Int16) { store(.number(String(value))) }
  mutating func encode(_ value: Int32) { store(.number(String(value))) }
  mutating func encode(_ value: Int64) { store(.number(String(value))) }
  mutating func encode(_ value: UInt) { store(.number(String(value))) }
  mutating func encode(_ value: UInt8) { store(.number(String(value))) }
  mutating func encode(_ value: UInt16) { store(.number(String(value))) }
  mutating func encode(_ value: UInt32) { store(.number(String(value))) }
  mutating func encode(_ value: UInt64) { store(.number(String(value))) }

  mutating func encode(_ value: some Encodable) throws {
    store(try JSONTreeEncoder.encode(value, at: codingPath))
  }
}
