/// An element of a document: plain values, nothing of libxml2 behind them.
public struct XMLElement: Sendable {
  /// The name as written, with its prefix if it has one.
  public let name: String
  /// The namespace it is in; `nil` for none.
  public let namespace: String?
  /// The attributes in the order of the document, without namespace declarations.
  public let attributes: [XMLAttribute]
  /// The elements inside, in order.
  public let children: [XMLElement]
  /// Where its `<` stands.
  public let position: XMLPosition

  /// The first attribute of that name.
  ///
  /// - Complexity: O(attributes).
  public func attribute(_ name: String) -> XMLAttribute? {
    attributes.first { $0.name == name }
  }

  /// The value of an attribute, or `nil` where it is absent.
  public subscript(name: String) -> String? { attribute(name)?.value }
}

/// An attribute of an element.
public struct XMLAttribute: Sendable {
  /// The name as written, with its prefix if it has one.
  public let name: String
  /// The namespace it is in; `nil` for none.
  public let namespace: String?
  /// The value: references resolved, white space normalised.
  public let value: String
  /// Where its name begins.
  public let position: XMLPosition
  /// Where its value begins, behind the quote.
  public let valuePosition: XMLPosition
  /// Whether the document spells the value as it is: no references, no line ends.
  public let isVerbatim: Bool

  /// Where a character of the value stands in the document; the attribute's own position where
  /// references make that unknowable.
  public func position(ofCharacter index: Int) -> XMLPosition {
    guard isVerbatim else { return position }
    return XMLPosition(line: valuePosition.line, column: valuePosition.column + index)
  }
}
