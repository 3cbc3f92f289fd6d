/// A place in a document: line and column of a character, both from 1.
///
/// A character is a Unicode scalar, as in the XML specification; a tab counts one.
public struct XMLPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The line.
  public var line: Int
  /// The column.
  public var column: Int

  /// Makes a position.
  public init(line: Int = 1, column: Int = 1) {
    self.line = line
    self.column = column
  }

  /// The text `line:column`.
  public var description: String { "\(line):\(column)" }

  /// Whether a position stands before another.
  public static func < (left: XMLPosition, right: XMLPosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// Walks over UTF-8 text once, front to back, and knows line and column all the way.
struct PositionCursor {
  let bytes: [UInt8]
  private(set) var offset = 0
  private(set) var position = XMLPosition()

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { offset >= bytes.count }

  /// The byte at `distance` from here, 0 beyond the end (NUL is no character of XML).
  func peek(_ distance: Int = 0) -> UInt8 {
    offset + distance < bytes.count ? bytes[offset + distance] : 0
  }

  /// Steps over one byte.
  ///
  /// Line ends are `\n`, `\r\n` and `\r`, as XML normalises them.
  mutating func step() {
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case UInt8(ascii: "\n"):
      position = XMLPosition(line: position.line + 1, column: 1)
    case UInt8(ascii: "\r"):
      if peek() != UInt8(ascii: "\n") {
        position = XMLPosition(line: position.line + 1, column: 1)
      }
    default:
      // Continuation bytes do not begin a character.
      if byte & 0xC0 != 0x80 { position.column += 1 }
    }
  }

  mutating func advance(to target: Int) {
    while offset < target, offset < bytes.count { step() }
  }

  /// The position of the character that begins at `offset`.
  static func position(of offset: Int, in bytes: [UInt8]) -> XMLPosition {
    var cursor = PositionCursor(bytes)
    cursor.advance(to: offset)
    return cursor.position
  }
}
