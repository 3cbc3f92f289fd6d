/// Finds the start tags of a well-formed document and where they and their attributes stand.
///
/// libxml2 knows no columns of nodes and its line numbers end at 65535, so positions come from
/// this pass of its own. What it finds is exact once libxml2 accepts the text: no DOCTYPE, every
/// `<` in content begins markup, none stands in an attribute value. Other text it merely survives.
struct TagScanner {
  struct Attribute {
    let name: Range<Int>
    let position: XMLPosition
    let valuePosition: XMLPosition
    let isVerbatim: Bool
  }

  struct Tag {
    let position: XMLPosition
    /// Without namespace declarations, which are no attributes in the tree.
    let attributes: [Attribute]
  }

  private var cursor: PositionCursor
  private let limits: XMLDocument.Limits

  private init(_ bytes: [UInt8], limits: XMLDocument.Limits) {
    cursor = PositionCursor(bytes)
    self.limits = limits
  }

  /// The start tags in document order.
  ///
  /// It runs before libxml2 does, whose time grows with the square of a tag's attributes.
  ///
  /// - Complexity: O(bytes).
  static func scan(
    _ bytes: [UInt8], limits: XMLDocument.Limits
  ) throws(XMLDiagnostic) -> [Tag] {
    var scanner = TagScanner(bytes, limits: limits)
    var tags: [Tag] = []
    while let tag = try scanner.next() {
      guard tags.count < limits.elements else {
        throw XMLDiagnostic(
          .limit, tag.position, "the document has more than \(limits.elements) elements")
      }
      tags.append(tag)
    }
    return tags
  }

  /// The next start tag; `nil` at the end.
  private mutating func next() throws(XMLDiagnostic) -> Tag? {
    while !cursor.isAtEnd {
      guard cursor.peek() == UInt8(ascii: "<") else {
        cursor.step()
        continue
      }
      switch cursor.peek(1) {
      case UInt8(ascii: "!"):
        if cursor.peek(2) == UInt8(ascii: "-") {
          skip(past: "-->", from: 4)
        } else {
          skip(past: "]]>", from: 9)
        }
      case UInt8(ascii: "?"): skip(past: "?>", from: 2)
      case UInt8(ascii: "/"): skip(past: ">", from: 2)
      default: return try tag()
      }
    }
    return nil
  }

  private mutating func skip(past terminator: StaticString, from start: Int) {
    cursor.advance(to: cursor.offset + start)
    let length = terminator.utf8CodeUnitCount
    while !cursor.isAtEnd {
      let isHere = (0..<length).allSatisfy { cursor.peek($0) == terminator.utf8Start[$0] }
      if isHere { return cursor.advance(to: cursor.offset + length) }
      cursor.step()
    }
  }

  private mutating func tag() throws(XMLDiagnostic) -> Tag {
    let position = cursor.position
    skipName()
    var attributes: [Attribute] = []
    var count = 0
    while !cursor.isAtEnd {
      switch cursor.peek() {
      case UInt8(ascii: ">"):
        cursor.step()
        return Tag(position: position, attributes: attributes)
      case UInt8(ascii: "/"), 0x20, 0x09, 0x0A, 0x0D:
        cursor.step()
      default:
        let attribute = attribute()
        count += 1
        guard count <= limits.attributes else {
          throw XMLDiagnostic(
            .limit, attribute.position, "a tag has more than \(limits.attributes) attributes")
        }
        if !isNamespaceDeclaration(attribute.name) { attributes.append(attribute) }
      }
    }
    return Tag(position: position, attributes: attributes)
  }

  private mutating func skipName() {
    while !cursor.isAtEnd {
      switch cursor.peek() {
      case UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "="), 0x20, 0x09, 0x0A, 0x0D: return
      default: cursor.step()
      }
    }
  }

  private mutating func attribute() -> Attribute {
    let start = cursor.offset
    let position = cursor.position
    skipName()
    let name = start..<cursor.offset
    while !cursor.isAtEnd, cursor.peek() != UInt8(ascii: "\""), cursor.peek() != UInt8(ascii: "'") {
      cursor.step()
    }
    let quote = cursor.peek()
    if !cursor.isAtEnd { cursor.step() }
    let valuePosition = cursor.position
    var isVerbatim = true
    while !cursor.isAtEnd, cursor.peek() != quote {
      let byte = cursor.peek()
      if byte == UInt8(ascii: "&") || byte == 0x0A || byte == 0x0D { isVerbatim = false }
      cursor.step()
    }
    if !cursor.isAtEnd { cursor.step() }
    return Attribute(
      name: name, position: position, valuePosition: valuePosition, isVerbatim: isVerbatim)
  }

  private func isNamespaceDeclaration(_ name: Range<Int>) -> Bool {
    let text = cursor.bytes[name]
    return text.elementsEqual("xmlns".utf8) || text.starts(with: "xmlns:".utf8)
  }
}
