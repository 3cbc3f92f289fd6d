/// What an XSD says about each element by name: attributes, values and children.
///
/// libxml2 reports at most ten expected elements, no expected attributes, and only the first
/// misplaced child; this knowledge makes clear sentences of its verdicts. Declarations of the same
/// name are united. It reads the XSD constructs that list names (groups, extensions, references);
/// order and number are libxml2's to judge.
public struct SchemaVocabulary: Sendable {
  /// What is known of one element.
  public struct Element: Sendable {
    /// Attributes in the order of the schema.
    public fileprivate(set) var attributes: [String] = []
    /// Those that must be present.
    public fileprivate(set) var required: [String] = []
    /// The values an attribute may take, where the schema lists them.
    public fileprivate(set) var values: [String: [String]] = [:]
    /// Attributes that take other text beside listed values, such as an expression.
    public fileprivate(set) var united: Set<String> = []
    /// Elements that may stand inside, in the order of the schema.
    public fileprivate(set) var children: [String] = []
    /// Whether attributes beyond the listed ones are allowed (`xs:anyAttribute`).
    public fileprivate(set) var isOpen = false
  }

  /// What is known, by element name.
  public private(set) var elements: [String: Element] = [:]
  /// Elements that may be the root.
  public private(set) var roots: [String] = []
  private var named: [String: XMLElement] = [:]
  private var declared: Set<XMLPosition> = []

  /// Reads the vocabulary of a schema document.
  init(_ schema: XMLElement) {
    for child in schema.children {
      if let name = child["name"] { named[localName(child.name) + " " + name] = child }
    }
    for child in schema.children where localName(child.name) == "element" {
      if let name = child["name"] { roots.append(name) }
      declare(child)
    }
    named = [:]
    declared = []
  }

  /// The elements inside which `child` may stand, in alphabetical order.
  func parents(of child: String) -> [String] {
    elements.filter { $0.value.children.contains(child) }.keys.sorted()
  }

  private mutating func declare(_ declaration: XMLElement) {
    guard let name = declaration["name"], declared.insert(declaration.position).inserted else {
      return
    }
    var element = elements[name] ?? Element()
    var found: [XMLElement] = []
    if let type = declaration["type"], let definition = named["complexType " + localName(type)] {
      collect(definition, into: &element, found: &found)
    }
    for child in declaration.children { collect(child, into: &element, found: &found) }
    elements[name] = element
    for inner in found { declare(inner) }
  }

  private func collect(
    _ node: XMLElement, into element: inout Element, found: inout [XMLElement]
  ) {
    switch localName(node.name) {
    case "element":
      let name = node["name"] ?? localName(node["ref"] ?? "")
      if !element.children.contains(name) { element.children.append(name) }
      if let global = named["element " + name], node["ref"] != nil { return found.append(global) }
      return found.append(node)
    case "attribute":
      return collectAttribute(node, into: &element)
    case "anyAttribute":
      element.isOpen = true
    case "group", "attributeGroup":
      let key = localName(node.name) + " " + localName(node["ref"] ?? "")
      if let target = named[key] { collectChildren(target, into: &element, found: &found) }
    case "extension":
      if let base = node["base"], let target = named["complexType " + localName(base)] {
        collect(target, into: &element, found: &found)
      }
    default: break
    }
    collectChildren(node, into: &element, found: &found)
  }

  private func collectChildren(
    _ node: XMLElement, into element: inout Element, found: inout [XMLElement]
  ) {
    for child in node.children { collect(child, into: &element, found: &found) }
  }

  private func collectAttribute(_ node: XMLElement, into element: inout Element) {
    guard let name = node["name"], !element.attributes.contains(name) else { return }
    element.attributes.append(name)
    if node["use"] == "required" { element.required.append(name) }
    var values: [String] = []
    if let type = node["type"], let definition = named["simpleType " + localName(type)] {
      enumerate(definition, into: &values)
      let isUnited = definition.children.contains { $0["memberTypes"] != nil }
      if isUnited { element.united.insert(name) }
    }
    enumerate(node, into: &values)
    if !values.isEmpty { element.values[name] = values }
  }

  private func enumerate(_ node: XMLElement, into values: inout [String]) {
    for child in node.children {
      if localName(child.name) == "enumeration", let value = child["value"] { values.append(value) }
      enumerate(child, into: &values)
    }
  }
}

/// A name without its prefix.
private func localName(_ name: String) -> String {
  name.split(separator: ":").last.map(String.init) ?? name
}
