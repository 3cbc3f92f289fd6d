import Testing
import Topology
import TopologyXML

/// `${}`: arithmetic over params.
@Suite struct ExpressionTests {
  /// The value of an expression over a = 7, b = -2.
  func value(_ expression: String) throws -> Int? {
    let text = bare(
      """
      <param name="a" value="7"/><param name="b" value="-2"/>
      <param name="result" value="\(expression)"/>
      <input name="x" shape="1x8"/><layer name="l"><softmax/></layer>
      """)
    return try TopologyReader().read(bytes: Array(text.utf8), file: "t.xml").parameters["result"]
  }

  @Test(arguments: [
    ("5", 5), ("-5", -5), ("${a}", 7), ("${ a }", 7), ("${a+b}", 5), ("${a - b}", 9),
    ("${a*b}", -14), ("${a/b}", -3), ("${-a/2}", -3), ("${7/-2}", -3), ("${2+3*4}", 14),
    ("${(2+3)*4}", 20), ("${20/3/2}", 3), ("${10-3-2}", 5), ("${--a}", 7), ("${-(a)}", -7),
    ("${a}0", 70), ("1${a}2", 172), ("-${a}", -7), ("${9223372036854775807}", Int.max),
    ("${-9223372036854775808}", Int.min), ("${\n a\n+\t1 }", 8), ("&#36;{a}", 7),
    ("${2^10}", 1024), ("${2^3^2}", 512), ("${-2^2}", -4), ("${(-2)^3}", -8), ("${7 % 3}", 1),
    ("${-7 % 3}", -1), ("${2*7%4}", 2), ("${-9223372036854775808 % -1}", 0), ("${1 == 1.0}", 1),
    ("${a > b}", 1), ("${a >= 7 and b &lt; 0}", 1), ("${not a}", 0), ("${a &lt;= 6 or b != -2}", 0),
    ("${a > 5 ? 10 : 20}", 10), ("${b == 0 ? 10 : a == 7 ? 30 : 20}", 30),
    ("${a == 7 ? 1 : 1 / 0}", 1), ("${0 and 1 / 0}", 0), ("${1 or 'x'}", 1),
    ("${'relu' == 'relu'}", 1), ("${'relu' == 1}", 0), ("${'a' != 'b'}", 1),
    ("${64 * 0.75}", 48), ("${0.1 * 30}", 3), ("${64^0.5}", 8), ("${sqrt(49)}", 7),
    ("${floor(7.5)}", 7), ("${ceil(7 / 2.0)}", 4), ("${round(2.5)}", 3), ("${max(1, a, b)}", 7),
    ("${min(1, b)}", -2), ("${1e3}", 1000), ("${1/3.0*3}", 1), ("1e2", 100),
  ]) func evaluates(_ expression: String, _ expected: Int) throws {
    #expect(try value(expression) == expected)
  }

  @Test(arguments: [
    ("${", 1, "'${' without its '}'"),
    ("${a", 1, "'${' without its '}'"),
    ("1x${(a", 3, "'${' without its '}'"),
    ("${}", 3, "a number or name is wanted, not '}'"),
    ("${a+}", 5, "a number or name is wanted, not '}'"),
    ("${a b}", 5, "an operator or '}' is wanted, not 'b'"),
    ("${(a}", 5, "an operator or ')' is wanted, not '}'"),
    ("${a)}", 4, "an operator or '}' is wanted, not ')'"),
    ("${a$2}", 4, "an operator or '}' is wanted, not '$'"),
    ("${a ? 1}", 8, "an operator or ':' is wanted, not '}'"),
    ("${a ?: 1}", 6, "a number or name is wanted, not ':'"),
    ("${a%0}", 4, "division by zero"),
    ("${0^-1}", 4, "division by zero"),
    ("${(-1)^0.5}", 7, "the result is no finite number"),
    ("${10^19}", 5, "the result leaves signed 64 bits"),
    ("${'a'+1}", 6, "'a' is no number"),
    ("${'a'}${2 > 'b'}", 11, "'b' is no number"),
    ("${'a' or 1}", 9, "'a' is neither true nor false"),
    ("${'a}", 3, "a text without its second \"'\""),
    ("${sqrt(1, 2)}", 3, "sqrt takes one number"),
    ("${min(1)}", 3, "min takes two numbers or more"),
    ("${1..2}", 3, "a range stands for names in a list of them only"),
    ("${1..a/2.0}", 6, "a range goes from integer to integer"),
    ("${+a}", 3, "a number or name is wanted, not '+'"),
    ("${1.}", 4, "an operator or '}' is wanted, not '.'"),
    ("${2a}", 4, "a digit is wanted, not 'a'"),
    ("${é}", 3, "a number or name is wanted, not 'é'"),
    ("é${a/0}", 5, "division by zero"),
    ("${a/(b+2)}", 4, "division by zero"),
    ("${9223372036854775808}", 3, "the result leaves signed 64 bits"),
    ("${9223372036854775807+1}", 22, "the result leaves signed 64 bits"),
    ("${-9223372036854775807-2}", 23, "the result leaves signed 64 bits"),
    ("${9223372036854775807*2}", 22, "the result leaves signed 64 bits"),
    ("${-9223372036854775808/-1}", 23, "the result leaves signed 64 bits"),
    ("${-(-9223372036854775808)}", 3, "the result leaves signed 64 bits"),
    ("${1+c}", 5, "unknown name 'c' in ${}"),
  ]) func errorsStandInTheirColumn(_ expression: String, _ column: Int, _ message: String) {
    let found = diagnostics(
      bare(
        """
        <param name="a" value="7"/><param name="b" value="-2"/>
        <param name="result" value="\(expression)"/>
        <input name="x" shape="1x8"/><layer name="l"><softmax/></layer>
        """))
    #expect(
      found.map { $0.split(separator: " (").first.map(String.init) } == [
        "t.xml:3:\(28 + column): \(message)"
      ])
  }

  @Test func nestingIsBounded() {
    let deep = { (count: Int) in
      "${" + String(repeating: "(", count: count) + "1" + String(repeating: ")", count: count) + "}"
    }
    #expect(throws: Never.self) { try value(deep(63)) }
    let text = { (expression: String) in
      bare(
        "<param name=\"p\" value=\"\(expression)\"/><input name=\"x\" shape=\"1x8\"/><layer name=\"l\"><softmax/></layer>"
      )
    }
    #expect(diagnostics(text(deep(64))) == ["t.xml:2:90: the expression nests deeper than 64"])
    #expect(
      diagnostics(text(deep(1_000_000))) == ["t.xml:2:90: the expression nests deeper than 64"])
    #expect(
      diagnostics(text("${" + String(repeating: "-", count: 1_000_000) + "1}")) == [
        "t.xml:2:90: the expression nests deeper than 64"
      ])
  }

  /// With a character reference or a line end inside, columns of the value are unknowable.
  @Test func errorsInRespelledValuesStandAtTheAttribute() {
    #expect(
      diagnostics(
        bare(
          "<param name=\"p\" value=\"&#36;{1/0}\"/><input name=\"x\" shape=\"1x8\"/><layer name=\"l\"><softmax/></layer>"
        ))
        == ["t.xml:2:17: division by zero"])
  }

  @Test func paramsUseParamsAboveThem() throws {
    let text = bare(
      """
      <param name="a" value="2"/><param name="b" value="${a * 3}"/>
      <input name="x" shape="${a}x${b}"/><layer name="l${b}"><fc units="${a + b}"/></layer>
      """)
    let graph = try graph(text)
    #expect(graph.inputs[0].type.description == "2x6 nc")
    #expect(graph.layers[0].name == "l6")
    #expect(graph.layers[0].outputType.description == "2x8 nc")
    let below = bare(
      """
      <param name="b" value="${width}"/><param name="width" value="2"/>
      <input name="x" shape="1x${b}"/><layer name="l"><fc units="${b}"/></layer>
      """)
    // One error, not one for every use of b.
    #expect(diagnostics(below) == ["t.xml:2:26: unknown name 'width' in ${}"])
  }

  @Test func similarNamesAreSuggested() {
    let text = topology(
      "<param name=\"hidden\" value=\"2\"/><layer name=\"l\"><fc units=\"${hiden}\"/></layer>")
    #expect(
      diagnostics(text) == ["t.xml:3:62: unknown name 'hiden' in ${} (did you mean 'hidden'?)"])
  }

  @Test func paramsHaveNames() {
    let found = diagnostics(
      topology(
        """
        <param name="fc-units" value="1"/>
        <param name="p" value="1.5"/>
        <param name="q" value="1"/>
        <param name="q" value="2"/>
        <param name="" value="2"/>
        <param name="2x" value="2"/>
        <layer name="l"><softmax/></layer>
        """))
    let rule = "is no name for use in ${}: a letter or '_', then letters, digits and '_'"
    #expect(
      found == [
        "t.xml:3:8: 'fc-units' \(rule)",
        "t.xml:6:8: duplicate param 'q'",
        "t.xml:7:8: '' \(rule)",
        "t.xml:8:8: '2x' \(rule)",
      ])
  }

  // MARK: Overrides

  @Test func overridesReplaceValuesAndWhatUsesThem() throws {
    let text = bare(
      """
      <param name="a" value="2"/><param name="b" value="${a * 3}"/>
      <input name="x" shape="1x${b}"/><layer name="l"><fc units="${a}"/></layer>
      """)
    let reader = TopologyReader(options: .init(parameters: ["a": 5]))
    let document = try reader.read(bytes: Array(text.utf8), file: "t.xml")
    #expect(document.parameters == ["a": 5, "b": 15])
    #expect(document.graph.inputs[0].type.dims == [1, 15])
  }

  @Test func unknownOverridesAreWrongUsage() {
    let text = bare(
      "<param name=\"a\" value=\"2\"/><input name=\"x\" shape=\"1x8\"/><layer name=\"l\"><softmax/></layer>"
    )
    let error = TopologyReadError.unknownParameter(name: "z", known: ["a"])
    #expect(throws: error) {
      try TopologyReader(options: .init(parameters: ["z": 1])).read(
        bytes: Array(text.utf8), file: "t.xml")
    }
    #expect(error.exitStatus == 64)
    #expect("\(error)" == "no parameter is named 'z'; known: a")
  }
}
