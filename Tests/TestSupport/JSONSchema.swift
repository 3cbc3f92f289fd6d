internal import FoundationEssentials

/// A JSON document as a tree, for tests.
public indirect enum JSON: Hashable, Sendable, Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// Parses a document.
  public static func parse(_ bytes: [UInt8]) throws -> JSON {
    try JSONDecoder().decode(JSON.self, from: Data(bytes))
  }

  /// Reads whatever stands there.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let flag = try? value.decode(Bool.self) {
      self = .bool(flag)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let items = try? value.decode([JSON].self) {
      self = .array(items)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  /// A member of an object; null where there is none.
  public subscript(key: String) -> JSON {
    guard case .object(let members) = self else { return .null }
    return members[key] ?? .null
  }
}

/// The part of JSON Schema 2020-12 that our schemas use.
///
/// A keyword that is not known is an error, so that no rule of a schema is skipped in silence.
public struct JSONSchema: Sendable {
  private let root: JSON

  private static let annotations: Set<String> = ["$schema", "$id", "$defs", "title", "description"]
  private static let rules: Set<String> = [
    "$ref", "const", "enum", "type", "minimum", "maximum", "pattern", "minItems", "maxItems",
    "items", "properties", "required", "additionalProperties",
  ]

  /// Takes a parsed schema.
  public init(_ root: JSON) { self.root = root }

  /// What is wrong with a document, each with its path; empty when it is valid.
  public func errors(in document: JSON) -> [String] {
    check(document, against: root, at: "$")
  }

  private func check(_ value: JSON, against schema: JSON, at path: String) -> [String] {
    if schema == .bool(true) { return [] }
    guard case .object(let keywords) = schema else { return ["\(path): not allowed"] }
    let unknown = Set(keywords.keys).subtracting(Self.annotations).subtracting(Self.rules)
    var errors = unknown.map { "\(path): the schema's '\($0)' is not supported" }
    if case .string(let name) = schema["$ref"] {
      errors += check(value, against: definition(name), at: path)
    }
    if schema["const"] != .null, value != schema["const"] { errors.append("\(path): not const") }
    if case .array(let allowed) = schema["enum"], !allowed.contains(value) {
      errors.append("\(path): not in enum")
    }
    if case .string(let type) = schema["type"], !Self.isOf(type, value) {
      return errors + ["\(path): not of type \(type)"]
    }
    switch value {
    case .number(let number): errors += checkNumber(number, schema, path)
    case .string(let text): errors += checkText(text, schema, path)
    case .array(let items): errors += checkItems(items, schema, path)
    case .object(let members): errors += checkMembers(members, schema, path)
    default: break
    }
    return errors
  }

  private func definition(_ reference: String) -> JSON {
    root["$defs"][String(reference.dropFirst("#/$defs/".count))]
  }

  private static func isOf(_ type: String, _ value: JSON) -> Bool {
    switch (type, value) {
    case ("integer", .number(let number)): number == number.rounded()
    case ("number", .number), ("string", .string), ("boolean", .bool), ("array", .array),
      ("object", .object), ("null", .null):
      true
    default: false
    }
  }

  private func checkNumber(_ number: Double, _ schema: JSON, _ path: String) -> [String] {
    if case .number(let low) = schema["minimum"], number < low { return ["\(path): below minimum"] }
    if case .number(let high) = schema["maximum"], number > high {
      return ["\(path): above maximum"]
    }
    return []
  }

  private func checkText(_ text: String, _ schema: JSON, _ path: String) -> [String] {
    guard case .string(let pattern) = schema["pattern"] else { return [] }
    guard let regex = try? Regex(pattern) else { return ["\(path): the pattern is not valid"] }
    return text.firstMatch(of: regex) == nil ? ["\(path): does not match the pattern"] : []
  }

  private func checkItems(_ items: [JSON], _ schema: JSON, _ path: String) -> [String] {
    var errors: [String] = []
    if case .number(let low) = schema["minItems"], Double(items.count) < low {
      errors.append("\(path): too few items")
    }
    if case .number(let high) = schema["maxItems"], Double(items.count) > high {
      errors.append("\(path): too many items")
    }
    guard schema["items"] != .null else { return errors }
    return errors
      + items.enumerated().flatMap { place, item in
        check(item, against: schema["items"], at: "\(path)[\(place)]")
      }
  }

  private func checkMembers(_ members: [String: JSON], _ schema: JSON, _ path: String) -> [String] {
    var errors: [String] = []
    if case .array(let required) = schema["required"] {
      for case .string(let name) in required where members[name] == nil {
        errors.append("\(path).\(name): missing")
      }
    }
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      let inner = "\(path).\(name)"
      if schema["properties"][name] != .null {
        errors += check(value, against: schema["properties"][name], at: inner)
      } else if schema["additionalProperties"] != .null {
        errors += check(value, against: schema["additionalProperties"], at: inner)
      }
    }
    return errors
  }
}
