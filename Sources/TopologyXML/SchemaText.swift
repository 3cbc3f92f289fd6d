import Topology

/// Writes the schema: elements of primitives, and the types of their words, at their marks in a frame.
struct SchemaText {
  private static let width = 100

  private var lines: [String] = []

  /// The whole document.
  static func document(_ elements: [ElementSchema]) -> String {
    var primitives = SchemaText()
    for element in elements { primitives.add(element) }
    var types = SchemaText()
    var names: Set<String> = []
    let choices = elements.flatMap(\.attributes).compactMap { attribute in
      if case .choice(let type) = attribute.form { type } else { nil }
    }
    // Inputs and constants have layouts, too.
    for type in [Layout.choiceType] + choices where names.insert(type.name).inserted {
      types.add(type)
    }
    return String(decoding: PackageResources.language_xsd, as: UTF8.self)
      .replacing("      <!-- elements of primitives -->\n", with: primitives.text)
      .replacing("  <!-- types of their words -->\n", with: types.text)
  }

  private var text: String { lines.map { $0 + "\n" }.joined() }

  private mutating func add(_ element: ElementSchema) {
    line(6, "<xs:element name=\"\(element.name)\">")
    document(element.doc, 8)
    line(8, "<xs:complexType>")
    for attribute in element.attributes {
      let use = attribute.isRequired ? " use=\"required\"" : ""
      line(
        10,
        "<xs:attribute name=\"\(attribute.name)\" type=\"\(Self.type(attribute.form))\"\(use)>")
      document(
        [attribute.doc, attribute.sentenceOfAbsence].compactMap(\.self).joined(separator: " "), 12)
      line(10, "</xs:attribute>")
    }
    if element.further != nil { line(10, "<xs:attributeGroup ref=\"operands\"/>") }
    line(10, "<xs:attributeGroup ref=\"conditional\"/>")
    line(8, "</xs:complexType>")
    line(6, "</xs:element>")
  }

  private mutating func add(_ type: ChoiceType) {
    if !lines.isEmpty { lines.append("") }
    line(2, "<xs:simpleType name=\"\(type.name)\">")
    document(type.doc, 4)
    line(4, "<xs:union memberTypes=\"expression\">")
    line(6, "<xs:simpleType>")
    line(8, "<xs:restriction base=\"xs:string\">")
    for word in type.words { line(10, "<xs:enumeration value=\"\(word)\"/>") }
    line(8, "</xs:restriction>")
    line(6, "</xs:simpleType>")
    line(4, "</xs:union>")
    line(2, "</xs:simpleType>")
  }

  private static func type(_ form: AttributeDeclaration.Form) -> String {
    switch form {
    case .number: "number"
    case .text, .operand: "text"
    case .boolean: "boolean"
    case .choice(let type): type.name
    }
  }

  /// An annotation on as few lines as fit.
  private mutating func document(_ text: String, _ indentation: Int) {
    let text = WrittenElement.escaped(text).replacing("&quot;", with: "\"")
    let inner = "<xs:documentation>\(text)</xs:documentation>"
    let whole = "<xs:annotation>\(inner)</xs:annotation>"
    if indentation + whole.count <= Self.width { return line(indentation, whole) }
    line(indentation, "<xs:annotation>")
    if indentation + 2 + inner.count <= Self.width {
      line(indentation + 2, inner)
    } else {
      line(indentation + 2, "<xs:documentation>")
      var row = ""
      for word in text.split(separator: " ") {
        if !row.isEmpty, indentation + 5 + row.count + word.count > Self.width {
          line(indentation + 4, row)
          row = ""
        }
        row += (row.isEmpty ? "" : " ") + word
      }
      line(indentation + 4, row)
      line(indentation + 2, "</xs:documentation>")
    }
    line(indentation, "</xs:annotation>")
  }

  private mutating func line(_ indentation: Int, _ text: String) {
    lines.append(String(repeating: " ", count: indentation) + text)
  }
}
