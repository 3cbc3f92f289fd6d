import XMLTree

/// A `${}` that cannot be evaluated.
struct ExpressionError: Error, Hashable {
  /// What is wrong, in one clause.
  let message: String
  /// What may help.
  var hint: String?
  /// Where, as a byte offset into the attribute's value.
  let offset: Int
  /// Whether it only follows from an error that was reported.
  var isConsequence = false
}

/// Evaluates the integer arithmetic of `${}`: signed 64-bit, `+ - * /`, parentheses, unary minus.
///
/// Division truncates toward zero. Numbers are evaluated as they are read; nesting is bounded, so
/// that no text can exhaust the stack.
struct Expression {
  /// How deep parentheses and signs may nest.
  static let maximumDepth = 64

  private let bytes: [UInt8]
  private let scope: ParameterScope
  private let start: Int
  private var offset: Int
  private var depth = 0

  private init(_ bytes: [UInt8], at offset: Int, scope: ParameterScope) {
    self.bytes = bytes
    start = offset
    self.offset = offset
    self.scope = scope
  }

  /// Evaluates the expression behind a `${` that ends at `start`.
  ///
  /// - Returns: The value, and the offset behind the closing `}`.
  static func evaluate(
    _ bytes: [UInt8], from start: Int, scope: ParameterScope
  ) throws(ExpressionError) -> (value: Int, end: Int) {
    var expression = Expression(bytes, at: start, scope: scope)
    let value = try expression.sum()
    guard expression.peek() == UInt8(ascii: "}") else {
      throw expression.unexpected(wanted: "an operator or '}'")
    }
    return (value, expression.offset + 1)
  }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
  }

  /// The next byte that is no space; `nil` at the end.
  private mutating func peek() -> UInt8? {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    return offset < bytes.count ? bytes[offset] : nil
  }

  private mutating func sum() throws(ExpressionError) -> Int {
    var value = try product()
    while let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      let place = offset
      offset += 1
      let other = try product()
      value = try checked(
        sign == UInt8(ascii: "+")
          ? value.addingReportingOverflow(other) : value.subtractingReportingOverflow(other),
        at: place)
    }
    return value
  }

  private mutating func product() throws(ExpressionError) -> Int {
    var value = try factor()
    while let sign = peek(), sign == UInt8(ascii: "*") || sign == UInt8(ascii: "/") {
      let place = offset
      offset += 1
      let other = try factor()
      if sign == UInt8(ascii: "/"), other == 0 {
        throw ExpressionError(message: "division by zero", offset: place)
      }
      value = try checked(
        sign == UInt8(ascii: "*")
          ? value.multipliedReportingOverflow(by: other)
          : value.dividedReportingOverflow(by: other),
        at: place)
    }
    return value
  }

  private mutating func factor() throws(ExpressionError) -> Int {
    guard let byte = peek() else { throw unexpected(wanted: "a number or name") }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Expression.maximumDepth else {
      throw ExpressionError(
        message: "the expression nests deeper than \(Expression.maximumDepth)", offset: offset)
    }
    switch byte {
    case UInt8(ascii: "-"):
      let place = offset
      offset += 1
      // The sign belongs to the number: −2^63 has no positive counterpart.
      if let next = peek(), Expression.isDigit(next) { return try number(isNegative: true) }
      return try checked(0.subtractingReportingOverflow(try factor()), at: place)
    case UInt8(ascii: "("):
      offset += 1
      let value = try sum()
      guard peek() == UInt8(ascii: ")") else {
        throw unexpected(wanted: "an operator or ')'")
      }
      offset += 1
      return value
    case _ where Expression.isDigit(byte): return try number(isNegative: false)
    case _ where Expression.isNameByte(byte): return try name()
    default: throw unexpected(wanted: "a number or name")
    }
  }

  private mutating func number(isNegative: Bool) throws(ExpressionError) -> Int {
    let place = offset
    var value = 0
    while offset < bytes.count, Expression.isNameByte(bytes[offset]) {
      guard Expression.isDigit(bytes[offset]) else {
        throw unexpected(wanted: "a digit")
      }
      let digit = Int(bytes[offset] - 0x30)
      value = try checked(value.multipliedReportingOverflow(by: 10), at: place)
      value = try checked(
        isNegative
          ? value.subtractingReportingOverflow(digit) : value.addingReportingOverflow(digit),
        at: place)
      offset += 1
    }
    return value
  }

  private mutating func name() throws(ExpressionError) -> Int {
    let place = offset
    while offset < bytes.count, Expression.isNameByte(bytes[offset]) { offset += 1 }
    let name = String(decoding: bytes[place..<offset], as: UTF8.self)
    switch scope[name] {
    case .value(let value): return value
    case .failed: throw ExpressionError(message: "", offset: place, isConsequence: true)
    case nil:
      let near = Spelling.suggestion(for: name, among: scope.names.sorted())
      throw ExpressionError(
        message: "unknown name '\(name)' in ${}",
        hint: near.map { "did you mean '\($0)'?" }, offset: place)
    }
  }

  private func checked(
    _ result: (partialValue: Int, overflow: Bool), at place: Int
  ) throws(ExpressionError) -> Int {
    if result.overflow {
      throw ExpressionError(message: "the result leaves signed 64 bits", offset: place)
    }
    return result.partialValue
  }

  private mutating func unexpected(wanted: String) -> ExpressionError {
    guard peek() != nil else {
      return ExpressionError(message: "'${' without its '}'", offset: start - 2)
    }
    let found = String(decoding: bytes[offset...], as: UTF8.self).prefix(1)
    return ExpressionError(message: "\(wanted) is wanted, not '\(found)'", offset: offset)
  }
}
