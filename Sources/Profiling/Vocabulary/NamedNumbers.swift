/// What numbers of a record may be called.
public protocol NumberName: Hashable, Sendable {
  /// The name in JSON.
  var name: String { get }
  /// Names a number, also one that this version does not know.
  init(_ name: String)
}

/// Numbers by name, in JSON one object.
public protocol NumbersByName: Hashable, Sendable, Codable, ExpressibleByDictionaryLiteral
where Key: NumberName, Value == Double {
  /// Takes numbers by their names in JSON.
  init(byName: [String: Double])
  /// The numbers by their names in JSON.
  var byName: [String: Double] { get }
}

extension NumbersByName {
  /// Makes numbers of which each has a name of its own.
  public init(dictionaryLiteral elements: (Key, Double)...) {
    self.init(byName: Dictionary(elements.map { ($0.0.name, $0.1) }) { _, last in last })
  }

  /// Reads an object of numbers.
  public init(from decoder: any Decoder) throws {
    self.init(byName: try decoder.singleValueContainer().decode([String: Double].self))
  }

  /// Writes an object of numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(byName)
  }
}

/// Numbers under names of one vocabulary.
public struct NamedNumbers<Key: NumberName>: NumbersByName {
  /// The numbers by their names in JSON.
  public var byName: [String: Double]

  /// Takes numbers by their names in JSON.
  public init(byName: [String: Double] = [:]) { self.byName = byName }

  /// A number; nil where it is absent.
  public subscript(name: Key) -> Double? {
    get { byName[name.name] }
    set { byName[name.name] = newValue }
  }

  /// Whether there is none.
  public var isEmpty: Bool { byName.isEmpty }
}

/// The numbers behind a verdict.
public typealias Evidence = NamedNumbers<EvidenceName>
