import Testing
import Topology
import TopologyXML

/// `repeat`, `block` and `use`.
@Suite struct ExpansionTests {
  @Test("a repeat of nothing without end is reported where its count stands")
  func emptyRepeat() {
    let found = diagnostics(
      topology(
        "<layer name=\"a\"><softmax/></layer>\n<repeat count=\"1000000000000\" index=\"i\"></repeat>"
      ))
    #expect(
      found == [
        "t.xml:4:9: the topology expands to far more elements than 100000 layers need"
      ])
  }

  @Test("a prefix that an input has is refused, with the reason")
  func prefixOfAnInput() {
    let found = diagnostics(
      topology(
        "<block name=\"b\"><layer name=\"l\"><softmax/></layer></block>\n<use block=\"b\" prefix=\"x\"/>"
      ))
    #expect(
      found == [
        "t.xml:4:16: duplicate name 'x': line 2 has it (a prefix names the block's last layer: no "
          + "input, layer or prefix may have it)"
      ])
  }

  @Test func repeatCountsFromZero() throws {
    let text = topology(
      """
      <param name="n" value="2"/>
      <repeat count="${n + 1}"><layer name="a${i}"><fc units="${i + 1}"/></layer></repeat>
      <repeat count="2" index="k"><repeat count="2"><layer name="b${k}${i}"><softmax/></layer></repeat></repeat>
      <repeat count="0"><layer name="c"><softmax/></layer></repeat>
      """)
    let graph = try graph(text)
    #expect(graph.layers.map(\.name) == ["a0", "a1", "a2", "b00", "b01", "b10", "b11"])
    #expect(graph.layers[2].outputType.dims == [1, 3])
    #expect(wiring(graph)[3] == "b00 <- a2")
  }

  @Test func repeatsMustUseTheirIndex() {
    let text = topology("<repeat count=\"3\"><layer name=\"a\"><softmax/></layer></repeat>")
    #expect(diagnostics(text) == ["t.xml:3:26: duplicate name 'a': line 3 has it (i = 1)"])
  }

  @Test(arguments: [
    ("count=\"-1\"", 9, "attribute 'count' of <repeat>: -1 is negative"),
    ("count=\"x\"", 9, "attribute 'count': 'x' is no integer"),
    ("count=\"${k}\"", 18, "unknown name 'k' in ${}"),
    (
      "count=\"1\" index=\"a-b\"", 19,
      "'a-b' is no name for use in ${}: a letter or '_', then letters, digits and '_'"
    ),
  ]) func badRepeats(_ attributes: String, _ column: Int, _ message: String) {
    let found = diagnostics(
      topology(
        """
        <repeat \(attributes)><layer name="a${i}"><softmax/></layer></repeat>
        <layer name="b" inputs="a0"><softmax/></layer>
        """))
    #expect(found == ["t.xml:3:\(column): \(message)"])
  }

  @Test func oneErrorOfALineThatIsRepeated() {
    let text = topology(
      "<repeat count=\"40\"><layer name=\"a${i}\" inputs=\"x\"><conv filters=\"${i - 7}\" kernel=\"1\"/></layer></repeat>"
    )
    #expect(
      diagnostics(text) == [
        "t.xml:3:57: attribute 'filters' of <conv>: -7 is outside 1…2147483647 (i = 0)"
      ])
  }

  // MARK: Blocks

  static let residual = """
    <block name="res"><arg name="w"/><arg name="k" default="${w / w + 2}"/>
    <layer name="a"><conv filters="${w}" kernel="${k}" padding="same"/></layer>
    <layer name="b"><conv filters="${w}" kernel="1"/><add with="@input"/></layer>
    </block>
    """

  @Test func usesPrefixTheirLayers() throws {
    let graph = try graph(
      topology(
        """
        <use block="res" prefix="r1" w="3"/>
        <use block="res" prefix="r2" w="3" k="1" inputs="x"/>
        <layer name="end" inputs="r1 r2/a r2"><add/></layer>
        """ + "\n" + Self.residual))
    #expect(
      wiring(graph) == [
        "r1/a <- x", "r1/b <- r1/a x", "r2/a <- x", "r2/b <- r2/a x", "end <- r1/b r2/a r2/b",
      ])
    #expect(graph.layers[0].cost.parameters == 3 * 3 * 9 + 3)
    #expect(graph.layers[2].cost.parameters == 3 * 3 + 3)
  }

  @Test func insideNamesMeanTheBlocksOwnFirst() throws {
    let text = topology(
      """
      <block name="b">
      <layer name="a"><softmax/></layer>
      <layer name="c" inputs="a outer @input2"><add/></layer>
      </block>
      <layer name="a"><softmax/></layer>
      <layer name="outer"><softmax/></layer>
      <use block="b" prefix="p" inputs="outer a"/>
      """)
    #expect(
      wiring(try graph(text)) == [
        "a <- x", "outer <- a", "p/a <- outer", "p/c <- p/a outer a",
      ])
  }

  @Test func ownNamesBelowHideOuterOnesAbove() {
    let text = topology(
      """
      <block name="b">
      <layer name="c" inputs="a"><softmax/></layer>
      <layer name="a"><softmax/></layer>
      </block>
      <layer name="a"><softmax/></layer>
      <use block="b" prefix="p"/>
      """)
    #expect(
      diagnostics(text) == [
        "t.xml:4:25: 'a' stands below, at line 5, and closes a cycle: p/c → p/a → p/c "
          + "(in block 'b' used at line 8)"
      ])
  }

  @Test func blocksNest() throws {
    let text = topology(
      """
      <block name="in"><arg name="n"/><layer name="l${n}"><softmax/></layer>
      <layer name="m"><add with="@input top"/></layer></block>
      <block name="out"><arg name="n"/><layer name="top"><softmax/></layer>
      <repeat count="${n}"><use block="in" prefix="s${i}" n="${n * 10 + i}"/></repeat>
      <layer name="end" inputs="s0 s1/l21"><add/></layer></block>
      <use block="out" prefix="p" n="2"/>
      <layer name="z" inputs="p p/s0 p/s0/m"><add/></layer>
      """)
    #expect(
      wiring(try graph(text)) == [
        "p/top <- x", "p/s0/l20 <- p/top", "p/s0/m <- p/s0/l20 p/top", "p/s1/l21 <- p/s0/m",
        "p/s1/m <- p/s1/l21 p/s0/m p/top", "p/end <- p/s0/m p/s1/l21", "z <- p/end p/s0/m",
      ])
  }

  @Test func firstLayerOfAUseTakesWhatItWasGiven() throws {
    let text = topology(
      """
      <block name="one"><layer name="l"><softmax/></layer></block>
      <block name="two"><use block="one" prefix="q"/></block>
      <layer name="a"><softmax/></layer>
      <layer name="b"><softmax/></layer>
      <use block="two" prefix="p" inputs="a b"/>
      """)
    #expect(wiring(try graph(text)).last == "p/q/l <- a")
  }

  @Test func argumentsAreChecked() {
    let found = diagnostics(
      topology(
        """
        <use block="res" prefix="r1" w="3" kk="2"/>
        <use block="res" prefix="r2"/>
        <use block="rse" prefix="r3"/>
        <use block="res" prefix="r1" w="3"/>
        <use block="res" prefix="r 4" w="3"/>
        <use block="res" prefix="r5" w="wide"/>
        <use block="res" prefix="r6" w="${x}"/>
        <layer name="end" inputs="r3/a"><softmax/></layer>
        """ + "\n" + Self.residual))
    #expect(
      found == [
        "t.xml:3:36: block 'res' has no argument 'kk' (did you mean 'k'? it has w, k)",
        "t.xml:4:1: block 'res' needs the argument 'w'",
        "t.xml:5:6: no block is named 'rse' (did you mean 'res'?)",
        "t.xml:6:18: duplicate name 'r1': line 3 has it (a prefix names the block's last layer: no "
          + "input, layer or prefix may have it)",
        "t.xml:7:18: name 'r 4' contains white space",
        "t.xml:9:35: unknown name 'x' in ${}",
        "t.xml:11:61: 'wide' is no number",
        "t.xml:13:23: attribute 'filters' of <conv>: 'wide' is no integer (in block 'res' used at "
          + "line 8)",
      ])
  }

  @Test func blockDeclarationsAreChecked() {
    let found = diagnostics(
      topology(
        """
        <block name="b"><arg name="prefix"/><arg name="w"/><arg name="w"/><arg name="a-b"/></block>
        <block name="b"/>
        <block name="empty"/>
        <use block="empty" prefix="e"/>
        """))
    #expect(
      found == [
        "t.xml:3:22: no argument can be called 'prefix': <use> has it",
        "t.xml:3:57: duplicate argument 'w'",
        "t.xml:3:72: 'a-b' is no name for use in ${}: a letter or '_', then letters, digits and '_'",
        "t.xml:4:8: duplicate block 'b'",
        "t.xml:6:1: block 'empty' gives no layer here",
      ])
  }

  @Test func recursionIsAnError() {
    let text = topology(
      """
      <block name="a"><use block="b" prefix="p"/></block>
      <block name="b"><repeat count="2"><use block="a" prefix="q${i}"/></repeat></block>
      <use block="a" prefix="r"/>
      """)
    #expect(
      diagnostics(text) == [
        "t.xml:4:40: a block cannot use itself: a → b → a (i = 0, in block 'b' used at line 3)"
      ])
  }

  @Test func usesOutsideABlockCannotSeeMoreThanTheyGive() {
    let text = topology(
      """
      <block name="b"><layer name="l" inputs="@input2"><softmax/></layer></block>
      <use block="b" prefix="p"/>
      """)
    #expect(
      diagnostics(text) == [
        "t.xml:3:41: '@input2': the use of block 'b' gives 1 input (<use> names what it gives in 'inputs'; in block 'b' used at line 4)"
      ])
  }

  @Test func namesOfAnAlienScopeAreUnknown() {
    let text = topology(
      """
      <block name="b"><layer name="l"><fc units="${i}"/></layer></block>
      <repeat count="1"><use block="b" prefix="p${i}"/></repeat>
      """)
    #expect(
      diagnostics(text) == [
        "t.xml:3:46: unknown name 'i' in ${} (in block 'b' used at line 4)"
      ])
  }

  @Test func errorsInBlocksPointAtTheBlockAndNameTheUse() {
    let text = topology("<use block=\"res\" prefix=\"r1\" w=\"4\"/>\n" + Self.residual)
    let found = diagnostics(text)
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("t.xml:6:50: layer 'r1/b': <add>: "))
    #expect(found[0].hasSuffix(" (in block 'res' used at line 3)"))
  }

  // MARK: Bounds

  @Test func layersAreBounded() throws {
    let text = topology("<repeat count=\"10\"><layer name=\"a${i}\"><softmax/></layer></repeat>")
    #expect(try graph(text, options: .init(maximumLayers: 10)).layers.count == 10)
    #expect(
      diagnostics(text, options: .init(maximumLayers: 9)) == [
        "t.xml:3:20: the topology expands to more than 9 layers"
      ])
    let more = text.replacing("\"10\"", with: "\"9223372036854775807\"")
    #expect(diagnostics(more) == ["t.xml:3:37: the topology expands to more than 100000 layers"])
  }

  @Test(
    .timeLimit(.minutes(5)),
    arguments: [
      "<repeat count=\"9223372036854775807\"/>",
      "<repeat count=\"9223372036854775807\"><repeat count=\"0\"/></repeat>",
      "<repeat count=\"1000000\"><repeat count=\"1000000\" index=\"k\"><repeat count=\"1000000\"/></repeat></repeat>",
      "<repeat count=\"1000000000\"><marker action=\"start\" name=\"${i}\"/></repeat>",
    ]) func expansionIsBounded(_ body: String)
  {
    let text = topology(body + "<layer name=\"a\"><softmax/></layer>")
    let found = diagnostics(text, options: .init(maximumLayers: 100))
    #expect(found.count == 1)
    #expect(found[0].contains("the topology expands to far more elements than 100 layers need"))
  }

  @Test(.timeLimit(.minutes(5))) func doublingBlocksAreBounded() {
    let blocks = (1...60).map {
      "<block name=\"b\($0)\"><use block=\"b\($0 - 1)\" prefix=\"l\"/><use block=\"b\($0 - 1)\" prefix=\"r\"/></block>"
    }
    let text = topology(
      "<block name=\"b0\"><layer name=\"l\"><softmax/></layer></block>" + blocks.joined()
        + "<use block=\"b60\" prefix=\"p\"/>")
    let found = diagnostics(text, options: .init(maximumLayers: 1000))
    #expect(found.count == 1)
    #expect(found[0].contains("the topology expands to more than 1000 layers"))
  }

  @Test(.timeLimit(.minutes(5))) func textIsBounded() {
    let number = "1" + String(repeating: "0", count: 200_000)
    let text = topology(
      "<repeat count=\"100000\"><layer name=\"a${i}\"><activation kind=\"linear\" beta=\"0.\(number)\"/></layer></repeat>"
    )
    #expect(diagnostics(text) == ["t.xml:3:70: the topology expands to more than 64 MiB of text"])
  }

  @Test func deepChainsOfBlocksAreBounded() {
    let blocks = (1...200).map {
      "<block name=\"b\($0)\"><use block=\"b\($0 - 1)\" prefix=\"p\"/></block>"
    }
    let text = topology(
      "<block name=\"b0\"><layer name=\"l\"><softmax/></layer></block>\n"
        + blocks.joined(separator: "\n")
        + "\n<use block=\"b200\" prefix=\"p\"/>")
    let found = diagnostics(text)
    #expect(found.count == 1)
    #expect(found[0].contains("uses nest deeper than 100"))
  }
}
