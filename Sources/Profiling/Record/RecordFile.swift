/// Writes and reads records and diffs as JSON.
///
/// Equal values give equal bytes: keys stand in the order of declaration, dictionaries are sorted,
/// numbers take their shortest form.
public enum RecordCoding {
  /// The JSON bytes of a record, a diff or another part of the contract.
  public static func encode(_ value: some Encodable) -> [UInt8] {
    do {
      return JSONWriter.bytes(of: try JSONTreeEncoder.encode(value))
    } catch {
      preconditionFailure("types of the record encode without throwing: \(error)")
    }
  }

  /// Reads a record.
  ///
  /// Keys it does not know are ignored, so that older versions read what newer ones add.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decode(_ bytes: [UInt8]) throws(RecordError) -> RunRecord {
    var record = try decode(RunRecord.self, from: bytes, schema: RunRecord.schemaName)
    // Records of older versions have 0 for what they do not know.
    for index in record.layers.indices where record.layers[index].costsUnknown == true {
      record.layers[index].forgetCosts()
    }
    if !record.layers.isEmpty, record.layers.allSatisfy({ $0.costsUnknown == true }) {
      record.totals = Totals(unknownOf: record.layers.count)
    }
    return record
  }

  /// Reads a diff.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeDiff(_ bytes: [UInt8]) throws(RecordError) -> Diff {
    try decode(Diff.self, from: bytes, schema: Diff.schemaName)
  }

  /// What every document of ours begins with.
  private struct Header: Decodable {
    var schema: String
  }

  static func decode<Document: Decodable>(
    _ type: Document.Type, from bytes: [UInt8], schema: String
  ) throws(RecordError) -> Document {
    let significant = bytes.contains { !JSONScan.isSpace($0) }
    guard significant else { throw .empty }
    try checkSchema(bytes, expected: schema)
    return try decode(type, from: bytes)
  }

  /// The schema that a document names; nil of an object that names none, and an empty name of what is no
  /// object.
  package static func schema(of bytes: [UInt8]) -> String? {
    struct Named: Decodable { var schema: String? }
    guard let header = try? CheckedJSON.decodeWords(Named.self, from: bytes) else { return "" }
    return header.schema
  }

  /// Reads a document that need not name a schema.
  static func decode<Document: Decodable>(
    _ type: Document.Type, from bytes: [UInt8]
  ) throws(RecordError) -> Document {
    do {
      return try CheckedJSON.decode(type, from: bytes, names: .snakeCase)
    } catch {
      throw recordError(for: error)
    }
  }

  private static func checkSchema(_ bytes: [UInt8], expected: String) throws(RecordError) {
    do {
      let found = try CheckedJSON.decodeWords(Header.self, from: bytes).schema
      guard found != expected else { return }
      throw found.hasPrefix("ntprof.")
        ? RecordError.unknownSchema(found: found, expected: expected) : .foreign
    } catch DecodingError.dataCorrupted {
      throw JSONScan.endsInside(bytes) ? .truncated : .notJSON
    } catch let error as RecordError {
      throw error
    } catch {
      throw .foreign
    }
  }

  private static func recordError(for error: any Error) -> RecordError {
    switch error {
    case let fault as NumberRange.Fault: .invalidField(path: fault.path, reason: fault.reason)
    case DecodingError.keyNotFound(let key, let context):
      .missingField(path: path(context.codingPath + [key]))
    case DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context):
      .invalidField(path: path(context.codingPath), reason: context.debugDescription)
    case DecodingError.valueNotFound(_, let context):
      .invalidField(path: path(context.codingPath), reason: "it is null")
    default: .notJSON
    }
  }

  /// A path like `layers[3].output_shape`.
  private static func path(_ keys: [any CodingKey]) -> String {
    var result = ""
    for key in keys {
      if let index = key.intValue {
        result += "[\(index)]"
      } else {
        result += (result.isEmpty ? "" : ".") + snakeCase(key.stringValue)
      }
    }
    return result
  }
}

/// The little that must be known of bytes that do not parse.
enum JSONScan {
  /// White space of JSON.
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  /// Whether the bytes begin like a JSON object and end before it does.
  static func endsInside(_ bytes: [UInt8]) -> Bool {
    guard let start = bytes.firstIndex(where: { !isSpace($0) }),
      bytes[start] == UInt8(ascii: "{")
    else { return false }
    var depth = 0
    var inString = false
    var escaped = false
    for byte in bytes[start...] {
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
    return depth > 0 || inString
  }
}
