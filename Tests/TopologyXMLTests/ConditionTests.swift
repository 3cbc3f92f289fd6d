import Testing
import Topology
import TopologyXML

/// `if`, ranges of names, and inputs inside repeats and blocks.
@Suite struct ConditionTests {
  @Test func elementsAreThereWhereTheirConditionHolds() throws {
    let text = topology(
      """
      <param name="p" value="2"/>
      <input name="y" shape="1x3x8x8" if="${p > 2}"/>
      <marker action="start" name="s" if="${p == 2}"/>
      <repeat count="3">
        <layer name="a${i}"><activation kind="relu"/><add with="@input" if="${i % 2 == 0}"/></layer>
        <layer name="b${i}" if="${i == 1}"><activation kind="tanh"/></layer>
      </repeat>
      <repeat count="2" if="false"><layer name="never"><softmax/></layer></repeat>
      <marker action="stop" name="s" if="1"/>
      """)
    let graph = try graph(text)
    #expect(wiring(graph) == ["a0 <- x", "a1 <- a0", "b1 <- a1", "a2 <- b1"])
    #expect(graph.layers.map(\.primitives.count) == [2, 1, 1, 2])
    #expect(graph.inputs.map(\.name) == ["x"])
    #expect(graph.segments.map(\.layers) == [[0, 1, 2, 3]])
  }

  @Test func usesAreConditional() throws {
    let text = topology(
      """
      <block name="b"><arg name="squeeze" default="false"/>
        <layer name="l"><activation kind="relu"/></layer>
        <layer name="s" if="${squeeze}"><activation kind="sigmoid"/></layer>
      </block>
      <use block="b" prefix="p"/>
      <use block="b" prefix="q" squeeze="true"/>
      <use block="b" prefix="r" if="${1 > 2}"/>
      """)
    #expect(wiring(try graph(text)) == ["p/l <- x", "q/l <- p/l", "q/s <- q/l"])
  }

  @Test func whatIsNoConditionIsAnError() {
    let text = topology(
      """
      <layer name="a" if="i > 2"><softmax/></layer>
      <layer name="b"><softmax if="${'x'}"/></layer>
      <layer name="c" inputs="x"><softmax if="0"/></layer>
      """)
    #expect(
      diagnostics(text) == [
        "t.xml:3:17: attribute 'if': 'i > 2' is neither true nor false (a condition is written ${…})",
        "t.xml:4:26: attribute 'if': 'x' is neither true nor false",
        "t.xml:5:1: layer 'c': holds no primitive",
      ])
  }

  @Test func rangesWriteNamesOut() throws {
    let text = bare(
      """
      <param name="tables" value="3"/>
      <repeat count="${tables}"><input name="x${i}" shape="1x4"/></repeat>
      <layer name="none" inputs="x0 y${1..0}"><activation kind="relu"/></layer>
      <layer name="all" inputs="none x${0..tables - 1}"><concat/></layer>
      <layer name="sum" inputs="x0"><add with="x${1..2}"/></layer>
      """)
    let graph = try graph(text)
    #expect(graph.inputs.map(\.name) == ["x0", "x1", "x2"])
    #expect(wiring(graph) == ["none <- x0", "all <- none x0 x1 x2", "sum <- x0 x1 x2"])
  }

  @Test func rangesAreBounded() {
    let text = topology(
      "<layer name=\"l\" inputs=\"x${0..9223372036854775807} x${0..999}${0..999}\"><concat/></layer>"
    )
    #expect(diagnostics(text) == ["t.xml:3:28: the range gives more than 100000 names"])
  }

  @Test func inputsOfBlocksBearTheirPrefix() throws {
    let text = bare(
      """
      <block name="branch"><input name="in" shape="1x4"/>
        <layer name="fc" inputs="in"><fc units="2"/></layer>
      </block>
      <use block="branch" prefix="left"/>
      <use block="branch" prefix="right"/>
      <layer name="both" inputs="left right"><add/></layer>
      """)
    let graph = try graph(text)
    #expect(graph.inputs.map(\.name) == ["left/in", "right/in"])
    #expect(
      wiring(graph) == ["left/fc <- left/in", "right/fc <- right/in", "both <- left/fc right/fc"])
  }

  @Test func aLayerSaysWhichOfSeveralInputsItTakes() {
    let text = bare(
      """
      <repeat count="2"><input name="x${i}" shape="1x4"/></repeat>
      <layer name="l"><softmax/></layer>
      """)
    #expect(
      diagnostics(text) == ["t.xml:3:1: there are several inputs; say which with 'inputs'"])
  }
}
