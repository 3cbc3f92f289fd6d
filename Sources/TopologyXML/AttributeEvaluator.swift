import XMLTree

/// Where in the expansion something stands: what `${}` may use, and how one got here.
struct Place {
  let scope: ParameterScope
  let block: BlockContext?
  /// Names of the repeats' indices around, outermost first.
  let indices: [String]

  /// Says which of many expansions of the same line is meant; `nil` where there is only one.
  var note: String? {
    var parts: [String] = []
    for index in indices {
      if case .value(let value)? = scope.locals[index] {
        parts.append("\(index) = \(value.whole.text)")
      }
    }
    if let block {
      parts.append("in block '\(block.name)' used at line \(block.position.line)")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// A word of a list in an attribute, expanded, and where it stands.
struct Word {
  let text: String
  let position: XMLPosition
}

/// Evaluates attributes at a place, reports what cannot be evaluated, and bounds the text made.
struct AttributeEvaluator {
  /// Bytes of text that expansion may make: far beyond any network, and safe to hold.
  static let maximumText = 64 << 20

  var log: DiagnosticLog
  private var textLeft = AttributeEvaluator.maximumText

  init(log: DiagnosticLog) { self.log = log }

  /// Whether the expansion has grown beyond its bounds and must stop.
  private(set) var isExhausted = false

  /// The text of an attribute; `nil` once the reason was reported.
  mutating func text(_ attribute: XMLAttribute, at place: Place) -> String? {
    expand(attribute.value, of: attribute, from: 0, at: place)
  }

  /// The words of a list; `nil` once a reason was reported.
  mutating func words(_ attribute: XMLAttribute, at place: Place) -> [Word]? {
    var words: [Word] = []
    for (raw, offset) in Template.words(attribute.value) {
      let texts: [String]? = attempt(attribute, from: offset, at: place) {
        () throws(ExpressionError) in try Template.expandWord(raw, scope: place.scope)
      }
      guard let texts else { return nil }
      for text in texts where !text.isEmpty {
        spend(max(1, text.utf8.count), at: attribute.position)
        words.append(Word(text: text, position: position(attribute, byte: offset)))
      }
      if isExhausted { return nil }
    }
    return words
  }

  /// The value of an attribute, as integers and as fractions are reckoned; `nil` once the reason
  /// was reported.
  mutating func value(_ attribute: XMLAttribute, at place: Place) -> Bound? {
    guard let whole = text(attribute, at: place) else { return nil }
    guard Template.isExpression(attribute.value) else {
      return Bound(whole: Value(reading: whole), exact: Value(reading: whole))
    }
    let exact = expand(attribute.value, of: attribute, from: 0, at: place, .exact)
    guard let exact else { return nil }
    return Bound(whole: Value(reading: whole), exact: Value(reading: exact))
  }

  /// Whether the condition of an element holds; `nil` once the reason was reported.
  mutating func condition(of element: XMLElement, at place: Place) -> Bool? {
    guard let attribute = element.attribute("if") else { return true }
    guard let text = text(attribute, at: place) else { return nil }
    if let truth = Value(reading: text).truth { return truth }
    report(
      attribute.position, "attribute 'if': '\(text)' is neither true nor false",
      hint: Template.isExpression(attribute.value) ? nil : "a condition is written ${…}", at: place)
    return nil
  }

  /// The texts of a primitive's attribute, as integers and as fractions are reckoned, with the
  /// reason why there is none for integers; `nil` once a reason was reported.
  mutating func texts(_ attribute: XMLAttribute, at place: Place) -> (
    whole: String, exact: String, fault: String?
  )? {
    let scope = place.scope
    guard Template.isExpression(attribute.value) else {
      return text(attribute, at: place).map { ($0, $0, nil) }
    }
    do throws(ExpressionError) {
      _ = try Template.expand(attribute.value, scope: scope)
    } catch {
      // What only integers cannot divide by may be a fraction.
      guard let exact = try? Template.expand(attribute.value, scope: scope, division: .exact) else {
        return text(attribute, at: place).map { ($0, $0, nil) }
      }
      return (exact, exact, error.message)
    }
    guard let whole = text(attribute, at: place),
      let exact = expand(attribute.value, of: attribute, from: 0, at: place, .exact)
    else { return nil }
    return (whole, exact, nil)
  }

  /// The integer of an attribute; `nil` once the reason was reported.
  mutating func integer(_ attribute: XMLAttribute, at place: Place) -> Int? {
    guard let text = text(attribute, at: place) else { return nil }
    if let value = Int(text) { return value }
    report(attribute.position, "attribute '\(attribute.name)': '\(text)' is no integer", at: place)
    return nil
  }

  /// Reports an error at a place of the expansion.
  mutating func report(
    _ position: XMLPosition, _ message: String, hint: String? = nil, at place: Place
  ) {
    let parts = [hint, place.note].compactMap(\.self)
    log.report(position, message, hint: parts.isEmpty ? nil : parts.joined(separator: "; "))
  }

  /// Takes text from the budget; reports once when there is none left.
  mutating func spend(_ bytes: Int, at position: XMLPosition) {
    textLeft -= bytes
    guard textLeft < 0, !isExhausted else { return }
    isExhausted = true
    log.report(position, "the topology expands to more than 64 MiB of text")
  }

  private mutating func expand(
    _ text: String, of attribute: XMLAttribute, from offset: Int, at place: Place,
    _ division: Number.Division = .truncating
  ) -> String? {
    let result: String? = attempt(attribute, from: offset, at: place) {
      () throws(ExpressionError) in
      try Template.expand(text, scope: place.scope, division: division)
    }
    guard let result else { return nil }
    spend(max(text.utf8.count, result.utf8.count), at: attribute.position)
    return isExhausted ? nil : result
  }

  private mutating func attempt<Result>(
    _ attribute: XMLAttribute, from offset: Int, at place: Place,
    _ body: () throws(ExpressionError) -> Result
  ) -> Result? {
    do throws(ExpressionError) {
      return try body()
    } catch {
      if !error.isConsequence {
        let position = position(attribute, byte: offset + error.offset)
        report(position, error.message, hint: error.hint, at: place)
      }
      return nil
    }
  }

  private func position(_ attribute: XMLAttribute, byte: Int) -> XMLPosition {
    let before = attribute.value.utf8.prefix(byte)
    return attribute.position(ofCharacter: before.count { $0 & 0xC0 != 0x80 })
  }
}
