import Testing
import XMLTree

@Suite struct XMLSchemaTests {
  static let text = """
    <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
      <xs:element name="box">
        <xs:complexType>
          <xs:complexContent>
            <xs:extension base="named">
              <xs:sequence>
                <xs:element name="lid" minOccurs="0"/>
                <xs:group ref="things" maxOccurs="3"/>
              </xs:sequence>
              <xs:attribute name="size" type="size"/>
            </xs:extension>
          </xs:complexContent>
        </xs:complexType>
      </xs:element>
      <xs:complexType name="named"><xs:attributeGroup ref="names"/></xs:complexType>
      <xs:attributeGroup name="names">
        <xs:attribute name="name" use="required"/>
      </xs:attributeGroup>
      <xs:group name="things">
        <xs:choice>
          <xs:element name="thing">
            <xs:complexType>
              <xs:attribute name="count" type="xs:integer"/>
              <xs:anyAttribute namespace="##local" processContents="skip"/>
            </xs:complexType>
          </xs:element>
          <xs:element ref="box"/>
        </xs:choice>
      </xs:group>
      <xs:simpleType name="size">
        <xs:restriction base="xs:string">
          <xs:enumeration value="small"/><xs:enumeration value="large"/>
        </xs:restriction>
      </xs:simpleType>
    </xs:schema>
    """

  func violations(_ text: String) throws -> [String] {
    let schema = try XMLSchema(Array(Self.text.utf8))
    return schema.violations(of: try XMLDocument.parse(Array(text.utf8))).map(\.description)
  }

  @Test func vocabularyFollowsGroupsExtensionsAndReferences() throws {
    let vocabulary = try XMLSchema(Array(Self.text.utf8)).vocabulary
    #expect(vocabulary.roots == ["box"])
    let box = try #require(vocabulary.elements["box"])
    #expect(box.attributes == ["name", "size"])
    #expect(box.required == ["name"])
    #expect(box.values == ["size": ["small", "large"]])
    #expect(box.children == ["lid", "thing", "box"])
    #expect(!box.isOpen)
    #expect(vocabulary.elements["thing"]?.isOpen == true)
  }

  @Test func validDocumentsHaveNoViolations() throws {
    #expect(try violations("<box name='a'><lid/><box name='b'><thing any='1'/></box></box>") == [])
  }

  @Test func everyViolationIsFound() throws {
    let text = """
      <box nam='a'>
        <lid/>
        <thnig/><box name='b' size='lagre'><thing/><oops/></box>
        <other/>
      </box>
      """
    #expect(
      try violations(text) == [
        "1:6: unknown attribute 'nam' of <box> (did you mean 'name'? allowed here: name, size)",
        "3:3: unknown element <thnig> in <box> (did you mean <thing>? allowed here: lid, thing, box)",
        "3:25: attribute 'size' of <box>: 'lagre' is none of small, large (did you mean 'large'?)",
        "3:46: unknown element <oops> in <box> (allowed here: lid, thing, box)",
        "4:3: unknown element <other> in <box> (allowed here: lid, thing, box)",
      ])
  }

  @Test func orderAndNumberAreLibxml2sToJudge() throws {
    let late = try violations("<box name='a'>\n<thing/>\n<lid/></box>")
    #expect(late == ["3:1: <lid> is out of place here"])
    let many = try violations("<box name='a'><thing/><thing/><thing/>\n<thing/></box>")
    #expect(many == ["2:1: <thing> is out of place here"])
    #expect(
      try violations("<box name='a'/>") == ["1:1: <box> is incomplete (it holds lid, thing, box)"])
  }

  @Test func typesAreLibxml2sToJudge() throws {
    #expect(
      try violations("<box name='a'><thing\n  count='x'/></box>") == [
        "2:3: attribute 'count' of <thing>: 'x' is not a valid value of the atomic type 'xs:integer'"
      ])
  }

  @Test func schemasThatAreNoneAreRefused() {
    #expect(throws: XMLDiagnostic.self) { _ = try XMLSchema(Array("<a/>".utf8)) }
    #expect(throws: XMLDiagnostic.self) { _ = try XMLSchema(Array("<a>".utf8)) }
    let unknown =
      "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='a' type='b'/></xs:schema>"
    #expect(throws: XMLDiagnostic.self) { _ = try XMLSchema(Array(unknown.utf8)) }
  }

  /// One schema serves every thread.
  @Test func validationIsConcurrent() async throws {
    let schema = try XMLSchema(Array(Self.text.utf8))
    try await withThrowingTaskGroup { group in
      for index in 0..<20 {
        group.addTask {
          let name = index.isMultiple(of: 2) ? "name" : "nme"
          let document = try XMLDocument.parse(Array("<box \(name)='a'><thing/></box>".utf8))
          return (index.isMultiple(of: 2), schema.violations(of: document).isEmpty)
        }
      }
      for try await (isValid, isEmpty) in group { #expect(isValid == isEmpty) }
    }
  }

  @Test(arguments: [
    ("cnov", "conv"), ("Conv", "conv"), ("cov", "conv"), ("convv", "conv"), ("lst", "lstm"),
    ("activatoin", "activation"), ("xyz", nil), ("", nil),
    ("fd", "fc"), ("z", nil), ("xy", nil),
  ]) func misspellingsAreUnderstood(_ word: String, _ expected: String?) {
    #expect(
      Spelling.suggestion(for: word, among: ["fc", "conv", "lstm", "activation"]) == expected)
  }
}
