import Topology

/// A number of `${}`: whole, a fraction of whole numbers, or what only floating point can hold.
///
/// Decimals are exact (0.1 is 1/10), so that `${30 * 0.1}` is 3; one like 2.0 is a fraction all the
/// same, by which integers divide exactly. What leaves signed 64 bits is an
/// error among whole numbers, and goes on in floating point where fractions take part.
enum Number: Hashable {
  case whole(Int)
  /// In lowest terms, the denominator at least 2.
  case ratio(Int, Int)
  case real(Double)

  /// Why an operation has no result, in one clause.
  enum Fault: Error {
    case overflow
    case divisionByZero
    case undefined

    var message: String {
      switch self {
      case .overflow: "the result leaves signed 64 bits"
      case .divisionByZero: "division by zero"
      case .undefined: "the result is no finite number"
      }
    }
  }

  /// How `/` treats whole numbers that do not divide.
  enum Division {
    /// Toward zero, as integers are divided.
    case truncating
    /// To a fraction.
    case exact
  }

  /// The nearest floating-point number.
  var double: Double {
    switch self {
    case .whole(let value): Double(value)
    case .ratio(let numerator, let denominator): Double(numerator) / Double(denominator)
    case .real(let value): value
    }
  }

  /// The integer it was written or reckoned as; `nil` for a fraction.
  private var integer: Int? { if case .whole(let value) = self { value } else { nil } }

  /// The integer it equals, fraction or not; `nil` where there is none.
  var wholeValue: Int? {
    switch self {
    case .whole(let value): value
    case .ratio: nil
    case .real(let value): value.magnitude < 0x1p53 ? Int(exactly: value) : nil
    }
  }

  /// The number as attributes are read: decimal, and the shortest text of that floating-point
  /// number for a fraction.
  var text: String {
    wholeValue.map(String.init) ?? "\(double)"
  }

  private var terms: (numerator: Int, denominator: Int)? {
    switch self {
    case .whole(let value): (value, 1)
    case .ratio(let numerator, let denominator): (numerator, denominator)
    case .real: nil
    }
  }

  // MARK: Making numbers

  /// What a decimal like `-3`, `0.75` or `1e-5` says; `nil` for any other text.
  init?(decimal text: String) {
    func digits(_ character: Character) -> Bool { character.isASCII && character.isNumber }
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative { rest = rest.dropFirst() }
    let lead = rest.prefix(while: digits)
    rest = rest.dropFirst(lead.count)
    var decimals: Substring = ""
    if rest.first == "." {
      decimals = rest.dropFirst().prefix(while: digits)
      if decimals.isEmpty { return nil }
      rest = rest.dropFirst(decimals.count + 1)
    }
    guard !lead.isEmpty else { return nil }
    var exponent = 0
    if let mark = rest.first, mark == "e" || mark == "E" {
      rest = rest.dropFirst()
      if rest.first == "+" { rest = rest.dropFirst() }
      guard let value = Int(rest), abs(value) <= 400 else { return nil }
      exponent = value
      rest = ""
    }
    guard rest.isEmpty else { return nil }
    let sign = isNegative ? "-" : ""
    guard let mantissa = Int(sign + lead + decimals),
      let scaled = try? Number.whole(mantissa).times(
        Number.whole(10).power(.whole(exponent - decimals.count)))
    else {
      guard !decimals.isEmpty || exponent != 0, let value = Double(text), value.isFinite else {
        return nil
      }
      self = .real(value)
      return
    }
    let isFraction = !decimals.isEmpty || exponent != 0
    switch scaled {
    case .whole(let value) where isFraction: self = .real(Double(value))
    case .real(let value): self = .real(Double(text) ?? value)
    default: self = scaled
    }
  }

  private static func reduced(_ numerator: Int, _ denominator: Int) throws(Fault) -> Number {
    guard denominator != 0 else { throw .divisionByZero }
    var (a, b) = (numerator.magnitude, denominator.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    guard let divisor = Int(exactly: a) else {
      // Both are −2⁶³.
      return .whole(1)
    }
    var (top, bottom) = (numerator / divisor, denominator / divisor)
    if bottom < 0 {
      let (negatedTop, topOverflow) = 0.subtractingReportingOverflow(top)
      let (negatedBottom, bottomOverflow) = 0.subtractingReportingOverflow(bottom)
      if topOverflow || bottomOverflow { throw .overflow }
      (top, bottom) = (negatedTop, negatedBottom)
    }
    return bottom == 1 ? .whole(top) : .ratio(top, bottom)
  }

  private static func real(finite value: Double) throws(Fault) -> Number {
    guard value.isFinite else { throw .undefined }
    return .real(value)
  }

  // MARK: Arithmetic

  private func combined(
    _ other: Number, _ exact: ((Int, Int), (Int, Int)) throws(Fault) -> Number,
    _ approximate: (Double, Double) -> Double
  ) throws(Fault) -> Number {
    if let a = terms, let b = other.terms {
      do throws(Fault) { return try exact(a, b) } catch {
        let isWhole = integer != nil && other.integer != nil
        guard case .overflow = error, !isWhole else { throw error }
      }
    }
    return try .real(finite: approximate(double, other.double))
  }

  func plus(_ other: Number) throws(Fault) -> Number {
    try combined(
      other,
      { (a, b) throws(Fault) in
        try .reduced(
          checked(
            checked(a.0.multipliedReportingOverflow(by: b.1)).addingReportingOverflow(
              checked(b.0.multipliedReportingOverflow(by: a.1)))),
          checked(a.1.multipliedReportingOverflow(by: b.1)))
      }, +)
  }

  func minus(_ other: Number) throws(Fault) -> Number {
    try combined(
      other,
      { (a, b) throws(Fault) in
        try .reduced(
          checked(
            checked(a.0.multipliedReportingOverflow(by: b.1)).subtractingReportingOverflow(
              checked(b.0.multipliedReportingOverflow(by: a.1)))),
          checked(a.1.multipliedReportingOverflow(by: b.1)))
      }, -)
  }

  func times(_ other: Number) throws(Fault) -> Number {
    try combined(
      other,
      { (a, b) throws(Fault) in
        try .reduced(
          checked(a.0.multipliedReportingOverflow(by: b.0)),
          checked(a.1.multipliedReportingOverflow(by: b.1)))
      }, *)
  }

  func divided(by other: Number, _ division: Division) throws(Fault) -> Number {
    if other.double == 0 { throw .divisionByZero }
    if let a = integer, let b = other.integer, division == .truncating {
      return .whole(try checked(a.dividedReportingOverflow(by: b)))
    }
    return try combined(
      other,
      { (a, b) throws(Fault) in
        try .reduced(
          checked(a.0.multipliedReportingOverflow(by: b.1)),
          checked(a.1.multipliedReportingOverflow(by: b.0)))
      }, /)
  }

  /// What remains of a division toward zero; it has the sign of the left operand.
  func remainder(by other: Number) throws(Fault) -> Number {
    if other.double == 0 { throw .divisionByZero }
    guard let a = integer, let b = other.integer else {
      return try .real(finite: double.truncatingRemainder(dividingBy: other.double))
    }
    return .whole(b == -1 ? 0 : a % b)
  }

  func power(_ exponent: Number) throws(Fault) -> Number {
    guard let count = exponent.integer, let base = terms else {
      return try .real(finite: Double.power(double, exponent.double))
    }
    if count < 0 {
      guard base.0 != 0 else { throw .divisionByZero }
      do throws(Fault) {
        let positive = try power(.whole(try checked(0.subtractingReportingOverflow(count))))
        return try Number.whole(1).divided(by: positive, .exact)
      } catch {
        return try .real(finite: Double.power(double, Double(count)))
      }
    }
    // Powers of 0, 1 and −1 never overflow; those of any other number do so soon.
    if base.1 == 1, base.0.magnitude <= 1 {
      return .whole(count == 0 || base.0 == 1 || (base.0 == -1 && count % 2 == 0) ? 1 : base.0)
    }
    guard count <= 1 << 16 else {
      if integer != nil { throw .overflow }
      return try .real(finite: Double.power(double, Double(count)))
    }
    var result = Number.whole(1)
    for _ in 0..<count { result = try result.times(self) }
    return result
  }

  func negated() throws(Fault) -> Number { try Number.whole(0).minus(self) }

  /// The nearest whole number in a direction.
  func rounded(_ rule: FloatingPointRoundingRule) throws(Fault) -> Number {
    if integer != nil { return self }
    let value = double.rounded(rule)
    guard let result = Int(exactly: value) else { throw .overflow }
    return .whole(result)
  }

  func squareRoot() throws(Fault) -> Number { try .real(finite: double.squareRoot()) }

  /// Whether it is as much as another one.
  func equals(_ other: Number) -> Bool { !isLess(than: other) && !other.isLess(than: self) }

  /// Whether it is less than another one.
  func isLess(than other: Number) -> Bool {
    if let a = integer, let b = other.integer { return a < b }
    return double < other.double
  }
}

private func checked(_ result: (partialValue: Int, overflow: Bool)) throws(Number.Fault) -> Int {
  if result.overflow { throw .overflow }
  return result.partialValue
}
