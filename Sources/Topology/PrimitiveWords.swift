/// A primitive in words that a file of another format may carry beside what it became: its element and
/// its attributes.
public struct PrimitiveWords: Hashable, Sendable {
  /// The element's name.
  public let element: String
  /// What was said of it; operands that attributes name are only said to be there.
  public let attributes: [String: String]

  private static let prefix = "ntprof: "
  private static let given = "given"

  /// The words of a primitive; `nil` where nobody kept its attributes, or they do not make it again.
  public init?(_ primitive: Primitive) {
    let reader = type(of: primitive.kind)
    guard let said = primitive.attributes, let schema = reader.schema(of: primitive.element) else {
      return nil
    }
    element = primitive.element
    let naming = schema.naming
    func makes(_ values: [String: String]) -> Bool {
      let made = try? reader.init(Attributes(element: primitive.element, values))
      return made.map { AnyHashable($0) == AnyHashable(primitive.kind) } ?? false
    }
    var values = said.values
    for name in naming where values[name] != nil {
      values[name] = values[name]?.isEmpty == true ? nil : PrimitiveWords.given
    }
    // Divided exactly where that is what was read.
    for name in values.keys.sorted() where !makes(values) && !naming.contains(name) {
      values[name] = said.fractions(name)
    }
    guard makes(values) else { return nil }
    attributes = values
  }

  /// The words of a text; `nil` for other text.
  public init?(text: String) {
    guard text.hasPrefix(PrimitiveWords.prefix), text.utf8.count < 4096 else { return nil }
    let parts = text.dropFirst(PrimitiveWords.prefix.count).split(separator: "|")
    guard let first = parts.first, LayerKinds.standard[String(first)] != nil else { return nil }
    element = String(first)
    var attributes: [String: String] = [:]
    for part in parts.dropFirst() {
      guard let equals = part.firstIndex(of: "=") else { return nil }
      attributes[String(part[..<equals])] = String(part[part.index(after: equals)...])
    }
    self.attributes = attributes
  }

  /// A text that gives the words again; `nil` where an attribute would be misread.
  public var text: String? {
    guard attributes.values.allSatisfy({ !$0.contains("|") }) else { return nil }
    let parts = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return PrimitiveWords.prefix + ([element] + parts).joined(separator: "|")
  }
}
