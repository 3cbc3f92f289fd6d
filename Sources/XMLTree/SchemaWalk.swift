/// Checks names and listed values of a whole document against a vocabulary.
///
/// It finds every fault of that sort at once, where libxml2 stops at the first child it did not
/// expect. Inside an element that should not be there nothing is looked at.
struct SchemaWalk {
  private static let instanceNamespace = "http://www.w3.org/2001/XMLSchema-instance"

  /// Findings beyond these help nobody, and suggestions take time.
  private static let limit = 1000

  let vocabulary: SchemaVocabulary
  let synonyms: SchemaSynonyms
  private(set) var findings: [XMLDiagnostic] = []
  /// Positions of elements about which something was said.
  private(set) var faulty: Set<XMLPosition> = []

  init(_ vocabulary: SchemaVocabulary, synonyms: SchemaSynonyms = SchemaSynonyms()) {
    self.vocabulary = vocabulary
    self.synonyms = synonyms
  }

  mutating func check(root: XMLElement) {
    guard root.namespace == nil, vocabulary.roots.contains(root.name) else {
      let wanted = vocabulary.roots.map { "<\($0)>" }.joined(separator: " or ")
      let space = root.namespace.map { " of namespace '\($0)'" } ?? ""
      return report(
        root, root.position, "the root element is <\(root.name)>\(space), not \(wanted)")
    }
    check(root, isRoot: true)
  }

  private mutating func check(_ element: XMLElement, isRoot: Bool = false) {
    guard findings.count < SchemaWalk.limit, let known = vocabulary.elements[element.name]
    else { return }
    checkAttributes(of: element, known, isRoot: isRoot)
    for child in element.children where findings.count < SchemaWalk.limit {
      if child.namespace == nil, known.children.contains(child.name) {
        check(child)
      } else {
        reportMisplaced(child, in: element, known)
      }
    }
  }

  private mutating func checkAttributes(
    of element: XMLElement, _ known: SchemaVocabulary.Element, isRoot: Bool
  ) {
    // What an unknown attribute was meant to be is not missing.
    var meant: Set<String> = []
    for attribute in element.attributes {
      if attribute.namespace == SchemaWalk.instanceNamespace, isRoot,
        attribute.name.hasSuffix(":noNamespaceSchemaLocation")
      {
        continue
      }
      guard attribute.namespace == nil, known.attributes.contains(attribute.name) || known.isOpen
      else {
        let (hint, name) = hint(for: attribute, among: known.attributes)
        report(
          element, attribute.position,
          "unknown attribute '\(attribute.name)' of <\(element.name)>", hint: hint)
        if let name { meant.insert(name) }
        continue
      }
      guard let values = known.values[attribute.name], !values.contains(attribute.value) else {
        continue
      }
      // Whether the text is one of the other kind is libxml2's to judge.
      if known.united.contains(attribute.name), attribute.value.contains("$") { continue }
      let choices = values.joined(separator: ", ")
      let wanted = values.count == 1 ? "not \(choices)" : "none of \(choices)"
      report(
        element, attribute.position,
        "attribute '\(attribute.name)' of <\(element.name)>: '\(attribute.value)' is \(wanted)",
        hint: values.count == 1
          ? nil
          : synonyms.suggestion(for: attribute.value, among: values)
            .map { "did you mean '\($0)'?" })
    }
    for name in known.required where element.attribute(name) == nil && !meant.contains(name) {
      report(element, element.position, "<\(element.name)> needs the attribute '\(name)'")
    }
  }

  private mutating func reportMisplaced(
    _ child: XMLElement, in parent: XMLElement, _ known: SchemaVocabulary.Element
  ) {
    // Elements of other namespaces are unknown whatever their name.
    guard child.namespace == nil, vocabulary.elements[child.name] != nil else {
      return report(
        child, child.position, "unknown element <\(child.name)> in <\(parent.name)>",
        hint: hint(for: child, in: known))
    }
    let parents = vocabulary.parents(of: child.name).map { "<\($0)>" }.joined(separator: ", ")
    report(
      child, child.position, "<\(child.name)> is not allowed in <\(parent.name)>",
      hint: parents.isEmpty ? "it is the root element" : "it stands in \(parents)")
  }

  /// What an unknown attribute may mean, with the name of that in the schema.
  private func hint(
    for attribute: XMLAttribute, among names: [String]
  ) -> (hint: String, name: String?) {
    let allowed =
      names.isEmpty ? "nothing is allowed here" : "allowed here: " + names.joined(separator: ", ")
    if attribute.namespace == nil, let meaning = synonyms.attribute(attribute.name, among: names) {
      return ("\(meaning.advice); \(allowed)", meaning.name)
    }
    guard let near = Spelling.suggestion(for: attribute.name, among: names) else {
      return (allowed, nil)
    }
    return ("did you mean '\(near)'? \(allowed)", near)
  }

  /// What an unknown element may mean: what another vocabulary calls so, else a slip of spelling
  /// of what may stand here, else of what may stand elsewhere.
  private func hint(for child: XMLElement, in parent: SchemaVocabulary.Element) -> String {
    guard !parent.children.isEmpty else { return "nothing is allowed here" }
    let allowed = "allowed here: " + parent.children.joined(separator: ", ")
    let exact = parent.children.first {
      SchemaSynonyms.key($0) == SchemaSynonyms.key(child.name)
    }
    if let exact { return "did you mean <\(exact)>? \(allowed)" }
    if child.namespace == nil,
      let meaning = synonyms.element(child.name, among: vocabulary.elements.keys)
    {
      let isHere = meaning.name.map(parent.children.contains) ?? true
      return meaning.advice + (isHere ? "" : places(of: meaning.name ?? "")) + "; " + allowed
    }
    if let near = Spelling.suggestion(for: child.name, among: parent.children) {
      return "did you mean <\(near)>? \(allowed)"
    }
    if let near = Spelling.suggestion(for: child.name, among: vocabulary.elements.keys.sorted()) {
      return "did you mean <\(near)>\(places(of: near))? \(allowed)"
    }
    return allowed
  }

  /// `, which stands in <layer>`.
  private func places(of element: String) -> String {
    let parents = vocabulary.parents(of: element).map { "<\($0)>" }
    return parents.isEmpty ? "" : ", which stands in " + parents.joined(separator: ", ")
  }

  private mutating func report(
    _ element: XMLElement, _ position: XMLPosition, _ message: String, hint: String? = nil
  ) {
    faulty.insert(element.position)
    findings.append(XMLDiagnostic(.schema, position, message, hint: hint))
  }
}
