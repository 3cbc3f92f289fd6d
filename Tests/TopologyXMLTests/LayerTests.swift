import Testing
import Topology
import TopologyXML

/// Layers: names, what they read, and what is wrong with them.
@Suite struct LayerTests {
  @Test func layersTakeTheOneBeforeThem() throws {
    let text = topology(
      """
      <layer name="a"><conv filters="4" kernel="1"/><activation kind="relu"/></layer>
      <layer name="b"><softmax/></layer>
      <layer name="c" inputs="a b"><add/></layer>
      <layer name="d"><add with="a @input"/></layer>
      """)
    let graph = try graph(text)
    #expect(wiring(graph) == ["a <- x", "b <- a", "c <- a b", "d <- c a"])
    #expect(graph.layers[0].location?.description == "t.xml:3:1")
    #expect(graph.layers[0].primitives[1].location?.description == "t.xml:3:47")
    #expect(graph.outputs == [.layer(3)])
  }

  @Test func residualBlockIsOneLayer() throws {
    let text = topology(
      """
      <layer name="r"><conv filters="3" kernel="3" padding="1"/><batch-norm/><add with="@input"/>
      <activation kind="relu"/></layer>
      """)
    let layer = try graph(text).layers[0]
    #expect(layer.primitives.map(\.element) == ["conv", "batch-norm", "add", "activation"])
    #expect(layer.primitives[2].operands == [.previous, .input(0)])
  }

  @Test func shapesThatDoNotFitNameTheLayerAndThePrimitive() {
    let found = diagnostics(
      topology(
        """
        <layer name="a"><conv filters="4"
                              kernel="1"/></layer>
        <layer name="b"><conv filters="4" kernel="99"/></layer>
        <layer name="c"><softmax/></layer>
        <layer name="d" inputs="x a"><add/></layer>
        """))
    // c reads b, which failed: nothing is said of it.
    #expect(found.count == 2)
    #expect(found[0].hasPrefix("t.xml:5:17: layer 'b': <conv>: "))
    #expect(found[1].hasPrefix("t.xml:7:30: layer 'd': <add>: "))
  }

  @Test func badAttributesStandAtTheAttribute() {
    let found = diagnostics(
      topology(
        """
        <layer name="a"><conv filters="-4" kernel="1"/></layer>
        <layer name="b" inputs="x"><conv
            filters="4"
            kernel="abc"/></layer>
        <layer name="c" inputs="x"><fc units="99999999999999999999"/></layer>
        <layer name="d" inputs="x"><fc units="${1/0}"/></layer>
        """))
    #expect(
      found == [
        "t.xml:3:23: attribute 'filters' of <conv>: -4 is outside 1…2147483647",
        "t.xml:6:5: attribute 'kernel' of <conv>: 'abc' is not a list of integers joined by 'x'",
        "t.xml:7:32: attribute 'units' of <fc>: '99999999999999999999' is no integer",
        "t.xml:8:42: division by zero",
      ])
  }

  @Test func operandsAreCounted() {
    let found = diagnostics(
      topology(
        """
        <layer name="a"><add/></layer>
        <layer name="b" inputs="x x"><softmax/></layer>
        <layer name="c" inputs="x"><add with="@input2"/></layer>
        """))
    #expect(found.count == 3)
    #expect(found[0].hasPrefix("t.xml:3:17: layer 'a': <add> takes "))
    #expect(found[1].hasPrefix("t.xml:4:30: layer 'b': <softmax> takes 1 operand, not 2"))
    #expect(found[2] == "t.xml:5:33: layer 'c': '@input2' is no input of this layer")
  }

  // MARK: References

  @Test func unknownNamesAreReportedOnceAndSuggested() {
    let found = diagnostics(
      topology(
        """
        <layer name="first"><softmax/></layer>
        <layer name="b" inputs="fisrt"><softmax/></layer>
        <layer name="c" inputs="b"><softmax/></layer>
        <layer name="d" inputs="x"><add with="first  nowhere"/></layer>
        """))
    #expect(
      found == [
        "t.xml:4:25: no input or layer 'fisrt' stands above (did you mean 'first'?)",
        "t.xml:6:46: no input or layer 'nowhere' stands above",
      ])
  }

  @Test func forwardReferencesSayWhereTheNameStands() {
    let found = diagnostics(
      topology(
        """
        <layer name="a" inputs="b"><softmax/></layer>
        <layer name="b" inputs="x"><softmax/></layer>
        """))
    #expect(
      found == [
        "t.xml:3:25: 'b' stands below, at line 4 (the order in the file is the order of execution: "
          + "a layer reads what stands above it)"
      ])
  }

  @Test func cyclesAreSaidToBeCycles() {
    let found = diagnostics(
      topology(
        """
        <layer name="a" inputs="x c"><add/></layer>
        <layer name="b"><softmax/></layer>
        <layer name="c"><softmax/></layer>
        <layer name="d" inputs="d"><softmax/></layer>
        """))
    #expect(
      found == [
        "t.xml:3:27: 'c' stands below, at line 5, and closes a cycle: a → c → b → a",
        "t.xml:6:25: layer 'd' reads itself",
      ])
  }

  @Test func cyclesOfForwardReferencesAreFound() {
    let found = diagnostics(
      topology(
        """
        <layer name="a" inputs="b"><softmax/></layer>
        <layer name="b" inputs="c"><softmax/></layer>
        <layer name="c" inputs="a"><softmax/></layer>
        """))
    #expect(
      found == [
        "t.xml:3:25: 'b' stands below, at line 4, and closes a cycle: a → b → c → a",
        "t.xml:4:25: 'c' stands below, at line 5, and closes a cycle: b → c → a → b",
      ])
  }

  @Test func emptyListsNameNothing() {
    let found = diagnostics(
      topology(
        """
        <layer name="a" inputs=" "><softmax/></layer>
        <layer name="b" inputs="x"><add with=""/></layer>
        """))
    #expect(
      found == [
        "t.xml:3:17: attribute 'inputs' names nothing",
        "t.xml:4:33: attribute 'with' names nothing",
      ])
  }

  @Test func atInputNeedsABlockInInputs() {
    let found = diagnostics(
      topology(
        """
        <layer name="a" inputs="@input"><softmax/></layer>
        <layer name="b" inputs="@output"><softmax/></layer>
        """))
    #expect(
      found == [
        "t.xml:3:25: '@input' stands for an input in 'with' or inside a block only",
        "t.xml:4:25: '@output' is no name; only @input, @input2… begin with '@'",
      ])
  }

  // MARK: Names

  @Test(arguments: [
    ("@a", "name '@a' begins with '@'"), ("a,b", "name 'a,b' contains ','"),
    ("a..b", "name 'a..b' contains '..'"), ("a b", "name 'a b' contains white space"),
    ("a&#9;b", "name 'a\tb' contains white space"), ("", "a name is empty"),
    ("a&#127;b", "a name contains a control character"),
    ("a&#160;b", "name 'a\u{A0}b' contains white space"),
  ]) func namesThatCannotBe(_ name: String, _ message: String) {
    let layer = topology("<layer name=\"\(name)\"><softmax/></layer>")
    #expect(diagnostics(layer) == ["t.xml:3:8: \(message)"])
    let input = bare("<input name=\"\(name)\" shape=\"1x8\"/><layer name=\"l\"><softmax/></layer>")
    #expect(diagnostics(input) == ["t.xml:2:8: \(message)"])
  }

  @Test(arguments: ["a.b", "conv1/3x3", "größe", "a-b:c#d", "1", "日本", "a|b[0]"])
  func namesThatCan(_ name: String) throws {
    #expect(
      try graph(topology("<layer name=\"\(name)\"><softmax/></layer>")).layers[0].name == name)
  }

  @Test func namesAreUniqueAmongInputsAndLayers() {
    let found = diagnostics(
      topology(
        """
        <layer name="a" inputs="x"><softmax/></layer>
        <layer name="x"><softmax/></layer>
        <layer name="a"><softmax/></layer>
        <input name="a" shape="1x8"/>
        """))
    #expect(
      found == [
        "t.xml:4:8: duplicate name 'x': line 2 has it",
        "t.xml:5:8: duplicate name 'a': line 3 has it",
        "t.xml:6:8: duplicate name 'a': line 3 has it",
      ])
  }
}
