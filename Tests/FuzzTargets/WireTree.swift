/// Whether bytes are a message of protobuf, whatever its fields mean.
public enum MessageShape {
  /// Whether they are fields to their end.
  public static func isWhole(_ bytes: [UInt8]) -> Bool {
    WireTree.parse(bytes[...]).map { WireTree.encode($0).count == bytes.count } ?? false
  }
}

/// A message of protobuf as a tree that is changed and written again with lengths that fit.
enum WireTree {
  /// What a field holds.
  enum Value {
    case varint(UInt64)
    /// 4 or 8 bytes.
    case fixed([UInt8])
    case bytes([UInt8])
    case message([Field])
  }

  /// A field: its number and what it holds.
  struct Field {
    var number: UInt64
    var value: Value
  }

  /// How deep messages are taken apart.
  private static let depth = 12

  /// The fields of a message; nil of what is none.
  static func parse(_ bytes: ArraySlice<UInt8>, depth: Int = depth) -> [Field]? {
    var fields: [Field] = []
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = number(&rest), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return nil }
      let value: Value
      switch tag & 7 {
      case 0:
        guard let found = number(&rest) else { return nil }
        value = .varint(found)
      case 1, 5:
        let count = tag & 7 == 1 ? 8 : 4
        guard rest.count >= count else { return nil }
        value = .fixed(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      case 2:
        guard let count = number(&rest), count <= UInt64(rest.count) else { return nil }
        let part = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        // Texts and weights are messages by chance, which does no harm: they are written as they were.
        value =
          part.isEmpty || depth == 0
          ? .bytes(Array(part))
          : parse(part, depth: depth - 1).map(Value.message) ?? .bytes(Array(part))
      default: return nil
      }
      fields.append(Field(number: tag >> 3, value: value))
    }
    return fields
  }

  /// The bytes of a message.
  static func encode(_ fields: [Field]) -> [UInt8] {
    fields.flatMap { field -> [UInt8] in
      func tagged(_ kind: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        varint(field.number << 3 | kind) + bytes
      }
      switch field.value {
      case .varint(let number): return tagged(0, varint(number))
      case .fixed(let bytes): return tagged(bytes.count == 8 ? 1 : 5, bytes)
      case .bytes(let bytes): return tagged(2, varint(UInt64(bytes.count)) + bytes)
      case .message(let fields):
        let bytes = encode(fields)
        return tagged(2, varint(UInt64(bytes.count)) + bytes)
      }
    }
  }

  /// A number in seven bits a byte.
  static func varint(_ number: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func number(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
    }
    return nil
  }

  /// A copy with one change, somewhere in the tree.
  static func changed(_ fields: [Field], _ random: inout Bits) -> [Field] {
    guard !fields.isEmpty else { return fields }
    var copy = fields
    let place = random.below(fields.count)
    // Down into a message mostly, so that what lies deep is reached.
    if case .message(let inner) = fields[place].value, random.below(4) > 0 {
      copy[place].value = .message(changed(inner, &random))
      return copy
    }
    switch random.below(6) {
    case 0: copy.remove(at: place)
    case 1: copy.insert(fields[place], at: random.below(fields.count))
    case 2: copy.swapAt(place, random.below(fields.count))
    case 3: copy[place].value = fields[random.below(fields.count)].value
    default: copy[place].value = changed(fields[place].value, &random)
    }
    return copy
  }

  private static func changed(_ value: Value, _ random: inout Bits) -> Value {
    switch value {
    case .varint(let number):
      return .varint(random.below(4) == 0 ? number &+ 1 : random.pick(ByteMutator.numbers))
    case .fixed(let bytes): return .fixed(bytes.map { _ in random.pick([0, 0x7f, 0x80, 0xff]) })
    case .bytes(let bytes):
      guard !bytes.isEmpty else { return .bytes([0]) }
      switch random.below(4) {
      case 0: return .bytes(Array(bytes.prefix(random.below(bytes.count))))
      case 1: return .bytes(bytes + bytes)
      case 2: return .varint(random.pick(ByteMutator.numbers))
      default:
        var mutator = TextMutator(seed: random.next())
        return .bytes(mutator.mutate(bytes))
      }
    case .message(let fields): return .bytes(encode(fields))
    }
  }
}
