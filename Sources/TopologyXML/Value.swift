/// What a name of `${}` stands for: a number or a text.
enum Value: Hashable {
  case number(Number)
  case text(String)

  /// What the text of an attribute says.
  init(reading text: String) {
    if let integer = Int(text) {
      self = .number(.whole(integer))
    } else if let number = Number(decimal: text) {
      self = .number(number)
    } else {
      self = .text(text)
    }
  }

  /// How it is written out.
  var text: String {
    switch self {
    case .number(let number): number.text
    case .text(let text): text
    }
  }

  /// Whether a condition holds; `nil` for what is no condition.
  var truth: Bool? {
    switch self {
    case .number(let number): number.double != 0
    case .text("true"): true
    case .text("false"), .text(""): false
    case .text: nil
    }
  }
}

/// A value as integers are reckoned, and as fractions are: they differ where integers were divided.
struct Bound: Hashable {
  let whole: Value
  let exact: Value

  init(whole: Value, exact: Value) {
    self.whole = whole
    self.exact = exact
  }

  init(_ value: Int) { self.init(whole: .number(.whole(value)), exact: .number(.whole(value))) }

  /// The value under a rule of division.
  func value(_ division: Number.Division) -> Value { division == .exact ? exact : whole }

  /// The integer it stands for; `nil` for a fraction or text.
  var integer: Int? { if case .number(let number) = whole { number.wholeValue } else { nil } }
}
