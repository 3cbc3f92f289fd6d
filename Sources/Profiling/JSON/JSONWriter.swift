/// Writes a ``JSONValue`` so that people can read it and `diff` can compare it.
///
/// Two spaces a level; whatever fits stays on one line, and so do arrays of numbers of any length.
package struct JSONWriter {
  /// Columns that a value may fill with its indentation.
  static let lineLength = 100

  private(set) var bytes: [UInt8] = []

  /// The document's bytes, with a final newline.
  static func bytes(of value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    writer.write(value, indentation: 0, room: lineLength)
    writer.bytes.append(UInt8(ascii: "\n"))
    return writer.bytes
  }

  /// The document on one line.
  package static func compact(_ value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    writer.writeLine(value)
    return writer.bytes
  }

  /// `room`: columns left on the line that the value begins on.
  private mutating func write(_ value: JSONValue, indentation: Int, room: Int) {
    let start = bytes.count
    if isLeaf(value) {
      writeLine(value)
      return
    }
    if writeLine(value, limit: start + room) { return }
    bytes.removeSubrange(start...)
    let inner = indentation + 2
    switch value {
    case .array(let elements):
      append("[")
      for (place, element) in elements.enumerated() {
        newLine(place, indentation: inner)
        write(element, indentation: inner, room: Self.lineLength - inner - 1)
      }
      newLine(0, indentation: indentation)
      append("]")
    case .object(let members):
      append("{")
      for (place, member) in members.enumerated() {
        newLine(place, indentation: inner)
        let before = bytes.count
        writeString(member.key)
        append(": ")
        let used = inner + bytes.count - before + 1
        write(member.value, indentation: inner, room: Self.lineLength - used)
      }
      newLine(0, indentation: indentation)
      append("}")
    default: writeLine(value)
    }
  }

  /// Whether a value is never broken: a scalar, an empty container, an array of numbers.
  private func isLeaf(_ value: JSONValue) -> Bool {
    switch value {
    case .array(let elements):
      elements.allSatisfy { if case .number = $0 { true } else { false } }
    case .object(let members): members.isEmpty
    default: true
    }
  }

  /// Writes on one line; gives up and returns false when it passes `limit` bytes.
  @discardableResult
  private mutating func writeLine(_ value: JSONValue, limit: Int = .max) -> Bool {
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .number(let text): append(text)
    case .string(let text): writeString(text)
    case .array(let elements):
      append("[")
      for (place, element) in elements.enumerated() {
        if place > 0 { append(", ") }
        guard writeLine(element, limit: limit) else { return false }
      }
      append("]")
    case .object(let members):
      append("{")
      for (place, member) in members.enumerated() {
        if place > 0 { append(", ") }
        writeString(member.key)
        append(": ")
        guard writeLine(member.value, limit: limit) else { return false }
      }
      append("}")
    }
    return bytes.count <= limit
  }

  private mutating func newLine(_ place: Int, indentation: Int) {
    append(place > 0 ? ",\n" : "\n")
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation))
  }

  private mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func writeString(_ text: String) {
    append("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case UInt8(ascii: "\n"): append("\\n")
      case UInt8(ascii: "\t"): append("\\t")
      case UInt8(ascii: "\r"): append("\\r")
      case 0..<0x20, 0x7f:
        let digits = String(byte, radix: 16)
        append("\\u00" + (digits.utf8.count < 2 ? "0" : "") + digits)
      default: bytes.append(byte)
      }
    }
    append("\"")
  }
}
