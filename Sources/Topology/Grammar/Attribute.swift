/// An attribute of an element, declared once: the key by which a layer kind reads it, and what the
/// language says of it.
///
/// ```swift
/// static let bias = Attribute<Bool>("bias", default: true, doc: "Whether a bias is added.")
/// // …
/// hasBias = try attributes[Self.bias]
/// ```
///
/// An optional value is `nil` where the attribute is absent. Defaults, ranges and lists of words given here
/// are what is read, what the schema and the guide say, and what messages quote.
public struct Attribute<Value>: AttributeKey {
  /// What the language says of it.
  public let declaration: AttributeDeclaration
  let read: @Sendable (Attributes) throws(AttributeError) -> Value

  /// Declares an attribute whose text is read in a way of its own.
  public init(
    _ declaration: AttributeDeclaration,
    read: @escaping @Sendable (Attributes) throws(AttributeError) -> Value
  ) {
    self.declaration = declaration
    self.read = read
  }

  /// The same attribute, of which a value is refused for the reason that `fault` gives, in a clause.
  public func checked(_ fault: @escaping @Sendable (Value) -> String?) -> Attribute {
    let name = name
    let read = read
    return Attribute(declaration) { (attributes) throws(AttributeError) in
      let value = try read(attributes)
      if let fault = fault(value) { throw AttributeError(name, fault) }
      return value
    }
  }
}

/// An ``Attribute`` of any value.
public protocol AttributeKey: Sendable {
  /// What the language says of it.
  var declaration: AttributeDeclaration { get }
}

extension AttributeKey {
  /// The attribute's name.
  public var name: String { declaration.name }
}

extension Attributes {
  /// The value of an attribute, or its default.
  ///
  /// - Throws: ``AttributeError`` where the text cannot be read, or where there is none and no default.
  public subscript<Value>(key: Attribute<Value>) -> Value {
    get throws(AttributeError) { try key.read(self) }
  }

  /// Whether the attribute is there.
  public func has(_ key: some AttributeKey) -> Bool { values[key.name] != nil }
}

// MARK: Numbers

extension Attribute where Value == Int {
  /// An integer; at least 1 unless a range is given.
  ///
  /// `meaning` has words for the default where the number says little: `the last` of −1.
  public init(
    _ name: String, default fallback: Int? = nil, meaning: String? = nil,
    in range: ClosedRange<Int> = Attributes.counts, doc: String, guide: String? = nil
  ) {
    self.init(
      AttributeDeclaration(
        name, .number, .init(fallback.map(String.init), meaning), doc: doc, guide: guide)
    ) { (attributes) throws(AttributeError) in
      try attributes.int(name, default: fallback, in: range)
    }
  }
}

extension Attribute where Value == Int {
  /// The same attribute where another one narrows its range.
  func narrowed(to range: ClosedRange<Int>) -> Attribute {
    let name = name
    let fallback: Int? =
      if case .value(let text, _) = declaration.absence { Int(text) } else { nil }
    return Attribute(declaration) { (attributes) throws(AttributeError) in
      try attributes.int(name, default: fallback, in: range)
    }
  }
}

extension Attribute where Value == Int? {
  /// An integer that may be absent; at least 1 unless a range is given.
  public init(
    _ name: String, otherwise absence: AttributeDeclaration.Absence,
    in range: ClosedRange<Int> = Attributes.counts, doc: String, guide: String? = nil
  ) {
    self.init(AttributeDeclaration(name, .number, absence, doc: doc, guide: guide)) {
      (attributes) throws(AttributeError) in
      attributes.values[name] == nil ? nil : try attributes.int(name, in: range)
    }
  }
}

extension Attribute where Value == Double {
  /// A finite number.
  public init(
    _ name: String, default fallback: Double? = nil, doc: String, guide: String? = nil
  ) {
    self.init(
      AttributeDeclaration(
        name, .number, .init(fallback.map(Attributes.text)), doc: doc, guide: guide)
    ) { (attributes) throws(AttributeError) in
      try attributes.double(name, default: fallback)
    }
  }
}

extension Attribute where Value == Double? {
  /// A finite number that may be absent.
  public init(
    _ name: String, otherwise absence: AttributeDeclaration.Absence, doc: String,
    guide: String? = nil
  ) {
    self.init(AttributeDeclaration(name, .number, absence, doc: doc, guide: guide)) {
      (attributes) throws(AttributeError) in
      attributes.values[name] == nil ? nil : try attributes.double(name)
    }
  }
}

// MARK: Lists of integers

/// How integers of a list stand beside each other.
public enum IntegerList: Hashable, Sendable {
  /// Joined by `x`: `3x5`.
  case extents
  /// Joined by commas: `0,-1`.
  case list

  fileprivate var form: AttributeDeclaration.Form { self == .extents ? .number : .text }

  fileprivate func read(
    _ attributes: Attributes, _ name: String, in range: ClosedRange<Int>?
  ) throws(AttributeError) -> [Int]? {
    switch self {
    case .extents: try attributes.dims(name, in: range ?? Attributes.counts)
    case .list: try attributes.list(name, in: range ?? Int.min...Int.max)
    }
  }
}

extension Attribute where Value == [Int] {
  /// Integers; extents are at least 1 unless a range is given.
  public init(
    _ name: String, _ list: IntegerList, default fallback: [Int]? = nil,
    in range: ClosedRange<Int>? = nil, doc: String, guide: String? = nil
  ) {
    let text = fallback.map {
      $0.map(String.init).joined(separator: list == .extents ? "x" : ",")
    }
    self.init(AttributeDeclaration(name, list.form, .init(text), doc: doc, guide: guide)) {
      (attributes) throws(AttributeError) in
      guard let value = try list.read(attributes, name, in: range) ?? fallback else {
        throw AttributeError(name, "is required")
      }
      return value
    }
  }
}

extension Attribute where Value == [Int]? {
  /// Integers that may be absent; extents are at least 1 unless a range is given.
  public init(
    _ name: String, _ list: IntegerList, otherwise absence: AttributeDeclaration.Absence,
    in range: ClosedRange<Int>? = nil, doc: String, guide: String? = nil
  ) {
    self.init(AttributeDeclaration(name, list.form, absence, doc: doc, guide: guide)) {
      (attributes) throws(AttributeError) in
      try list.read(attributes, name, in: range)
    }
  }
}

// MARK: Words

extension Attribute where Value == Bool {
  /// A yes or no.
  public init(_ name: String, default fallback: Bool, doc: String, guide: String? = nil) {
    self.init(
      AttributeDeclaration(name, .boolean, .value("\(fallback)"), doc: doc, guide: guide)
    ) { (attributes) throws(AttributeError) in
      try attributes.bool(name, default: fallback)
    }
  }

  /// The name of a value that is an operand of the primitive; whether it is there, an empty text being
  /// none.
  ///
  /// Such operands follow all others, in the order of the element's attributes.
  public init(
    naming name: String, otherwise absence: AttributeDeclaration.Absence, doc: String,
    guide: String? = nil
  ) {
    self.init(AttributeDeclaration(name, .operand, absence, doc: doc, guide: guide)) {
      (attributes) throws(AttributeError) in
      attributes.values[name]?.isEmpty == false
    }
  }
}

extension Attribute where Value: AttributeChoice {
  /// One of the words of an enum.
  public init(
    _ name: String, default fallback: Value? = nil, doc: String, guide: String? = nil
  ) {
    self.init(
      AttributeDeclaration(
        name, .choice(Value.choiceType), .init(fallback?.rawValue), doc: doc, guide: guide)
    ) { (attributes) throws(AttributeError) in
      try attributes.choice(name, default: fallback)
    }
  }
}

extension Attribute {
  /// One of the words of an enum, which may be absent.
  public init<Choice: AttributeChoice>(
    _ name: String, otherwise absence: AttributeDeclaration.Absence, doc: String,
    guide: String? = nil
  ) where Value == Choice? {
    self.init(
      AttributeDeclaration(name, .choice(Choice.choiceType), absence, doc: doc, guide: guide)
    ) { (attributes) throws(AttributeError) in
      guard attributes.values[name] != nil else { return nil }
      let choice: Choice = try attributes.choice(name)
      return choice
    }
  }
}

// MARK: Texts of defaults

extension AttributeDeclaration.Absence {
  /// A default where there is one.
  fileprivate init(_ fallback: String?, _ meaning: String? = nil) {
    self = fallback.map { .value($0, meaning: meaning) } ?? .required
  }
}

extension Attributes {
  /// Integers that count something: 1 to 2³¹ − 1.
  public static let counts = 1...Int(Int32.max)
  /// Places of axes among up to 12, from either end.
  static let axes = -12...11
  /// Distances, forwards or backwards.
  static let steps = -Int(Int32.max)...Int(Int32.max)

  /// A number as a person would write it: `0.5`, `1e-5`, `1`.
  static func text(_ value: Double) -> String {
    if value == value.rounded(), value.magnitude < 1e15 { return String(Int(value)) }
    guard value.magnitude < 1e-3 else { return "\(value)" }
    var mantissa = value
    var exponent = 0
    while mantissa.magnitude < 1 {
      mantissa *= 10
      exponent += 1
    }
    let digits = mantissa == mantissa.rounded() ? String(Int(mantissa)) : "\(mantissa)"
    let short = "\(digits)e-\(exponent)"
    return Double(short) == value ? short : "\(value)"
  }
}
