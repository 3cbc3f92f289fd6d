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

/// Evaluates the arithmetic of `${}`.
///
/// From the loosest to the tightest: `c ? a : b`; `or`; `and`; `not`; `== != < <= > >=`; `+ -`;
/// `* / %`; unary `-`; `^`. Comparisons give 1 or 0. Numbers are evaluated as they are read; nesting
/// is bounded, so that no text can exhaust the stack.
struct Expression {
  /// How deep parentheses and signs may nest.
  static let maximumDepth = 64

  /// Names that mean an operator.
  static let words: Set<String> = ["and", "or", "not"]

  /// What an expression comes to.
  enum Result {
    case value(Value)
    /// `first..last`, which a list of names is written out for.
    case range(Int, Int)
  }

  private let bytes: [UInt8]
  private let scope: ParameterScope
  private let division: Number.Division
  private let start: Int
  private var offset: Int
  private var depth = 0
  /// How many branches around are not taken: nothing is computed in them.
  private var idle = 0

  private init(
    _ bytes: [UInt8], at offset: Int, scope: ParameterScope, division: Number.Division
  ) {
    self.bytes = bytes
    start = offset
    self.offset = offset
    self.scope = scope
    self.division = division
  }

  /// Evaluates the expression behind a `${` that ends at `start`.
  ///
  /// - Returns: The value, and the offset behind the closing `}`.
  static func evaluate(
    _ bytes: [UInt8], from start: Int, scope: ParameterScope, division: Number.Division
  ) throws(ExpressionError) -> (result: Result, end: Int) {
    var expression = Expression(bytes, at: start, scope: scope, division: division)
    let value = try expression.conditional()
    var result = Result.value(value)
    if expression.peek() == UInt8(ascii: "."), expression.takes("..") {
      let place = expression.offset
      let end = try expression.conditional()
      guard let first = expression.integer(value), let last = expression.integer(end) else {
        throw ExpressionError(message: "a range goes from integer to integer", offset: place)
      }
      result = .range(first, last)
    }
    guard expression.peek() == UInt8(ascii: "}") else {
      throw expression.unexpected(wanted: "an operator or '}'")
    }
    return (result, expression.offset + 1)
  }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
  }
}

// MARK: Grammar

extension Expression {
  private mutating func conditional() throws(ExpressionError) -> Value {
    let condition = try either()
    let place = offset
    guard takes("?") else { return condition }
    let holds = try truth(condition, at: place)
    let first = try taken(holds) { (part: inout Expression) throws(ExpressionError) in
      try part.conditional()
    }
    guard takes(":") else { throw unexpected(wanted: "an operator or ':'") }
    let second = try taken(!holds) { (part: inout Expression) throws(ExpressionError) in
      try part.conditional()
    }
    return holds ? first : second
  }

  private mutating func either() throws(ExpressionError) -> Value {
    var value = try both()
    while takes(word: "or") {
      let place = offset
      let holds = try truth(value, at: place)
      let other = try taken(!holds) { (part: inout Expression) throws(ExpressionError) in
        try part.both()
      }
      let isTrue = holds ? true : try truth(other, at: place)
      value = .number(.whole(isTrue ? 1 : 0))
    }
    return value
  }

  private mutating func both() throws(ExpressionError) -> Value {
    var value = try negation()
    while takes(word: "and") {
      let place = offset
      let holds = try truth(value, at: place)
      let other = try taken(holds) { (part: inout Expression) throws(ExpressionError) in
        try part.negation()
      }
      let isTrue = holds ? try truth(other, at: place) : false
      value = .number(.whole(isTrue ? 1 : 0))
    }
    return value
  }

  private mutating func negation() throws(ExpressionError) -> Value {
    let place = offset
    guard takes(word: "not") else { return try comparison() }
    return try nested { (part: inout Expression) throws(ExpressionError) in
      .number(.whole(try part.truth(try part.negation(), at: place) ? 0 : 1))
    }
  }

  private mutating func comparison() throws(ExpressionError) -> Value {
    let value = try sum()
    let place = offset
    for sign in ["==", "!=", "<=", ">=", "<", ">"] where takes(sign) {
      let other = try sum()
      return .number(.whole(try compare(value, sign, other, at: place) ? 1 : 0))
    }
    return value
  }

  private mutating func sum() throws(ExpressionError) -> Value {
    var value = try product()
    while let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      let place = offset
      offset += 1
      let other = try product()
      value = try arithmetic(value, other, at: place) { (a, b) throws(Number.Fault) in
        sign == UInt8(ascii: "+") ? try a.plus(b) : try a.minus(b)
      }
    }
    return value
  }

  private mutating func product() throws(ExpressionError) -> Value {
    let division = division
    var value = try signed()
    while let sign = peek(),
      [UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "%")].contains(sign)
    {
      let place = offset
      offset += 1
      let other = try signed()
      value = try arithmetic(value, other, at: place) { (a, b) throws(Number.Fault) in
        switch sign {
        case UInt8(ascii: "*"): try a.times(b)
        case UInt8(ascii: "/"): try a.divided(by: b, division)
        default: try a.remainder(by: b)
        }
      }
    }
    return value
  }

  private mutating func signed() throws(ExpressionError) -> Value {
    guard peek() == UInt8(ascii: "-") else { return try power() }
    let place = offset
    offset += 1
    return try nested { (part: inout Expression) throws(ExpressionError) in
      // The sign belongs to the number: −2^63 has no positive counterpart.
      if let next = part.peek(), Expression.isDigit(next), let least = try part.leastInteger() {
        return least
      }
      let value = try part.signed()
      return try part.arithmetic(value, value, at: place) { (a, _) throws(Number.Fault) in
        try a.negated()
      }
    }
  }

  /// Reads 9223372036854775808 behind a sign.
  private mutating func leastInteger() throws(ExpressionError) -> Value? {
    let digits = bytes[offset...].prefix(while: Expression.isDigit)
    guard String(decoding: digits, as: UTF8.self) == "\(Int.min.magnitude)" else { return nil }
    offset += digits.count
    return .number(.whole(.min))
  }

  private mutating func power() throws(ExpressionError) -> Value {
    let value = try operand()
    let place = offset
    guard takes("^") else { return value }
    let exponent = try nested { (part: inout Expression) throws(ExpressionError) in
      try part.signed()
    }
    return try arithmetic(value, exponent, at: place) { (a, b) throws(Number.Fault) in
      try a.power(b)
    }
  }

  private mutating func operand() throws(ExpressionError) -> Value {
    guard let byte = peek() else { throw unexpected(wanted: "a number or name") }
    switch byte {
    case UInt8(ascii: "("):
      offset += 1
      let value = try nested { (part: inout Expression) throws(ExpressionError) in
        try part.conditional()
      }
      guard takes(")") else { throw unexpected(wanted: "an operator or ')'") }
      return value
    case UInt8(ascii: "'"): return try quotation()
    case _ where Expression.isDigit(byte): return try number()
    case _ where Expression.isNameByte(byte): return try name()
    default: throw unexpected(wanted: "a number or name")
    }
  }

  private mutating func number() throws(ExpressionError) -> Value {
    let place = offset
    skipDigits()
    // Two dots are a range.
    if byte(at: offset) == UInt8(ascii: "."), let next = byte(at: offset + 1),
      Expression.isDigit(next)
    {
      offset += 1
      skipDigits()
    }
    if let mark = byte(at: offset), mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
      let sign = byte(at: offset + 1)
      let isSigned = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
      if let next = byte(at: offset + (isSigned ? 2 : 1)), Expression.isDigit(next) {
        offset += isSigned ? 2 : 1
        skipDigits()
      }
    }
    if let next = byte(at: offset), Expression.isNameByte(next) {
      throw unexpected(wanted: "a digit")
    }
    let text = String(decoding: bytes[place..<offset], as: UTF8.self)
    guard let number = Number(decimal: text) else {
      throw ExpressionError(message: Number.Fault.overflow.message, offset: place)
    }
    return .number(number)
  }

  private mutating func quotation() throws(ExpressionError) -> Value {
    let place = offset
    offset += 1
    while let byte = byte(at: offset), byte != UInt8(ascii: "'") { offset += 1 }
    guard offset < bytes.count else {
      throw ExpressionError(message: "a text without its second \"'\"", offset: place)
    }
    offset += 1
    return .text(String(decoding: bytes[place + 1..<offset - 1], as: UTF8.self))
  }

  private mutating func name() throws(ExpressionError) -> Value {
    let place = offset
    while let byte = byte(at: offset), Expression.isNameByte(byte) { offset += 1 }
    let name = String(decoding: bytes[place..<offset], as: UTF8.self)
    if peek() == UInt8(ascii: "("), let function = Function(rawValue: name) {
      return try call(function, at: place)
    }
    switch scope[name] {
    case .value(let bound): return bound.value(division)
    case .failed: throw ExpressionError(message: "", offset: place, isConsequence: true)
    case nil:
      let near = Spelling.suggestion(for: name, among: scope.names.sorted())
      throw ExpressionError(
        message: "unknown name '\(name)' in ${}",
        hint: near.map { "did you mean '\($0)'?" }, offset: place)
    }
  }
}

// MARK: Functions

extension Expression {
  /// What may be called.
  enum Function: String, CaseIterable {
    case ceil, floor, max, min, round, sqrt
  }

  private mutating func call(_ function: Function, at place: Int) throws(ExpressionError) -> Value {
    offset += 1
    var values: [Value] = []
    repeat {
      values.append(
        try nested { (part: inout Expression) throws(ExpressionError) in try part.conditional() })
    } while takes(",")
    guard takes(")") else { throw unexpected(wanted: "an operator or ')'") }
    let takesMore = function == .max || function == .min
    guard takesMore ? values.count >= 2 : values.count == 1 else {
      throw ExpressionError(
        message: "\(function.rawValue) takes \(takesMore ? "two numbers or more" : "one number")",
        offset: place)
    }
    var result = values[0]
    // A single operand stands for both.
    for other in takesMore ? values.dropFirst() : [values[0]] {
      result = try arithmetic(result, other, at: place) { (a, b) throws(Number.Fault) in
        switch function {
        case .ceil: try a.rounded(.up)
        case .floor: try a.rounded(.down)
        case .round: try a.rounded(.toNearestOrAwayFromZero)
        case .sqrt: try a.squareRoot()
        case .max: a.isLess(than: b) ? b : a
        case .min: b.isLess(than: a) ? b : a
        }
      }
    }
    return result
  }
}

// MARK: Helpers

extension Expression {
  private func byte(at place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

  /// The next byte that is no space; `nil` at the end.
  private mutating func peek() -> UInt8? {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    return byte(at: offset)
  }

  private mutating func skipDigits() {
    while let byte = byte(at: offset), Expression.isDigit(byte) { offset += 1 }
  }

  private mutating func takes(_ sign: String) -> Bool {
    guard peek() != nil, bytes[offset...].starts(with: sign.utf8) else { return false }
    offset += sign.utf8.count
    return true
  }

  private mutating func takes(word: String) -> Bool {
    guard peek() != nil, bytes[offset...].starts(with: word.utf8) else { return false }
    if let next = byte(at: offset + word.utf8.count), Expression.isNameByte(next) { return false }
    offset += word.utf8.count
    return true
  }

  /// Reads a part, which counts only where its branch is taken.
  private mutating func taken(
    _ isTaken: Bool, _ body: (inout Expression) throws(ExpressionError) -> Value
  ) throws(ExpressionError) -> Value {
    idle += isTaken ? 0 : 1
    defer { idle -= isTaken ? 0 : 1 }
    return try body(&self)
  }

  private mutating func nested(
    _ body: (inout Expression) throws(ExpressionError) -> Value
  ) throws(ExpressionError) -> Value {
    depth += 1
    defer { depth -= 1 }
    guard depth < Expression.maximumDepth else {
      throw ExpressionError(
        message: "the expression nests deeper than \(Expression.maximumDepth)", offset: offset)
    }
    return try body(&self)
  }

  private func integer(_ value: Value) -> Int? {
    if case .number(let number) = value { number.wholeValue } else { nil }
  }

  private func truth(_ value: Value, at place: Int) throws(ExpressionError) -> Bool {
    if idle > 0 { return false }
    guard let truth = value.truth else {
      throw ExpressionError(message: "'\(value.text)' is neither true nor false", offset: place)
    }
    return truth
  }

  private func arithmetic(
    _ a: Value, _ b: Value, at place: Int,
    _ operation: (Number, Number) throws(Number.Fault) -> Number
  ) throws(ExpressionError) -> Value {
    if idle > 0 { return .number(.whole(1)) }
    for case .text(let text) in [a, b] {
      throw ExpressionError(message: "'\(text)' is no number", offset: place)
    }
    guard case .number(let first) = a, case .number(let second) = b else { return a }
    do throws(Number.Fault) {
      return .number(try operation(first, second))
    } catch {
      throw ExpressionError(message: error.message, offset: place)
    }
  }

  private func compare(
    _ a: Value, _ sign: String, _ b: Value, at place: Int
  ) throws(ExpressionError) -> Bool {
    if idle > 0 { return false }
    if sign == "==" || sign == "!=" {
      var isEqual = a == b
      if case .number(let first) = a, case .number(let second) = b {
        isEqual = first.equals(second)
      }
      return isEqual == (sign == "==")
    }
    guard case .number(let first) = a, case .number(let second) = b else {
      let text = if case .text(let text) = a { text } else { b.text }
      throw ExpressionError(message: "'\(text)' is no number", offset: place)
    }
    switch sign {
    case "<": return first.isLess(than: second)
    case ">": return second.isLess(than: first)
    case "<=": return !second.isLess(than: first)
    default: return !first.isLess(than: second)
    }
  }

  private mutating func unexpected(wanted: String) -> ExpressionError {
    guard peek() != nil else {
      return ExpressionError(message: "'${' without its '}'", offset: start - 2)
    }
    let found = String(decoding: bytes[offset...], as: UTF8.self).prefix(1)
    return ExpressionError(message: "\(wanted) is wanted, not '\(found)'", offset: offset)
  }
}
