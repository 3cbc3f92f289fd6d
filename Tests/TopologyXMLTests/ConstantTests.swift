import Testing

@testable import Topology
@testable import TopologyXML
@testable import XMLTree

/// Tensors of the network, weights that layers share, and outputs that are declared.
@Suite struct ConstantTests {
  @Test func learnedConstantsCountWhereTheyAreReadFirst() throws {
    let graph = try graph(
      bare(
        """
        <input name="x" shape="1x8"/>
        <constant name="gain" shape="1x8" learned="true"/>
        <constant name="half" shape="1x8" value="${1 / 2}"/>
        <layer name="a"><mul with="gain"/><add with="gain half"/></layer>
        <layer name="b"><mul with="gain"/></layer>
        """))
    #expect(graph.layers.map(\.cost.parameters) == [8, 0])
    #expect(graph.layers.map(\.cost.weightElements) == [16, 8])
    #expect(graph.cost.parameters == 8)
    #expect(wiring(graph) == ["a <- x", "b <- a"])
    #expect(graph.constants.map(\.name) == ["gain", "half"])
  }

  @Test(
    arguments: [
      ("shape='2x3' kind='range'", [0, 1, 2, 3, 4, 5]),
      ("shape='3' kind='range' value='1' step='0.5'", [1, 1.5, 2]),
      ("shape='2x2' values='1 2.5,-3 4'", [1, 2.5, -3, 4]),
      ("shape='2' value='-7'", [-7, -7]),
      ("shape='2x3' kind='causal' value='-9'", [0, 0, -9, 0, 0, 0]),
      ("shape='6' kind='lower-triangle'", [4, 8, 9, 12, 13, 14]),
      ("shape='2x2' kind='rotary-cos'", [1, 1, 0.5403023, 0.5403023]),
      ("shape='1x2x2' kind='rotary-sin'", [0, 0, 0.8414710, 0.8414710]),
      (
        "shape='2x4' kind='sinusoids' base='100'",
        [0, 1, 0, 1, 0.8414710, 0.5403023, 0.0998334, 0.9950042]
      ),
      (
        "shape='4x4' kind='relative-positions' window='2'",
        [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4]
      ),
      (
        "shape='1x4x4' kind='shifted-windows' window='2' shift='1'",
        [0, -100, -100, -100, -100, 0, -100, -100, -100, -100, 0, -100, -100, -100, -100, 0]
      ),
    ] as [(String, [Float])]) func contentsFollowTheirRule(
      _ attributes: String, _ expected: [Float]
    ) throws
  {
    let graph = try graph(
      bare(
        """
        <input name="x" shape="1"/><constant name="c" \(attributes)/>
        <layer name="l" inputs="c"><mul with="x"/></layer>
        """))
    let slot = try #require(try graph.program().instructions.first?.weights.first)
    let values = SeededWeights(seed: 1).values(instruction: 0, slot: slot, index: 0)
    #expect(values.count == expected.count)
    for (value, wanted) in zip(values, expected) { #expect(abs(value - wanted) < 1e-6) }
  }

  @Test func wrongConstantsAreErrors() {
    let found = diagnostics(
      bare(
        """
        <input name="x" shape="1x8"/>
        <constant name="a" shape="2x2" values="1 2 3"/>
        <constant name="b" shape="2x2" kind="causal" step="2"/>
        <constant name="c" shape="3x2" kind="causal"/>
        <constant name="x" shape="1x8"/>
        <constant name="d" shape="1x8"/>
        <layer name="l"><softmax/></layer>
        """))
    #expect(
      found == [
        "t.xml:3:20: attribute 'shape' of <constant>: 3 values do not fill 2x2",
        "t.xml:4:46: attribute 'step' of <constant>: is none of a constant of kind 'causal'",
        "t.xml:5:20: attribute 'shape' of <constant>: a causal mask wants … x rows x columns, at least as many columns as rows",
        "t.xml:6:11: duplicate name 'x': line 2 has it",
      ])
  }

  @Test func aConstantThatNobodyReadsIsAnError() {
    let text = topology("<constant name=\"c\" shape=\"1x8\"/><layer name=\"l\"><softmax/></layer>")
    #expect(diagnostics(text) == ["t.xml:3:1: no layer reads the constant 'c'"])
  }

  @Test func constantsOfBlocksBearTheirPrefix() throws {
    let graph = try graph(
      topology(
        """
        <block name="scale">
          <constant name="gamma" shape="3x1x1" learned="true"/>
          <layer name="l"><mul with="gamma"/></layer>
        </block>
        <use block="scale" prefix="a"/><use block="scale" prefix="b"/>
        """))
    #expect(graph.constants.map(\.name) == ["a/gamma", "b/gamma"])
    #expect(graph.cost.parameters == 6)
  }

  @Test func kindsAreThoseOfTheSchema() throws {
    #expect(
      try Set(
        XMLSchema(TopologySchema.standard.bytes).vocabulary.elements["constant"]?.values["kind"]
          ?? [])
        == Set(ConstantSchema.Kind.allCases.map(\.rawValue)))
  }

  // MARK: Shared weights

  @Test func sharedWeightsCountOnce() throws {
    let graph = try graph(
      bare(
        """
        <input name="tokens" shape="4x1x1" layout="tnc"/>
        <layer name="wte"><embedding rows="50" dim="8"/></layer>
        <block name="step"><layer name="norm"><layer-norm/></layer><layer name="act"><activation kind="relu"/></layer>
          <layer name="fc"><fc units="8"/></layer></block>
        <repeat count="3">
          <use block="step" prefix="s${i}" weights="${i > 0 ? 's0' : ''}"/>
        </repeat>
        <layer name="logits" weights="wte"><fc units="50"/></layer>
        """))
    // The bias of the last one is its own.
    #expect(graph.cost.parameters == 400 + 16 + 72 + 50)
    #expect(graph.layers.map(\.cost.parameters) == [400, 16, 0, 72, 0, 0, 0, 0, 0, 0, 50])
    #expect(graph.layers.last?.cost.weightElements == 450)
    #expect(graph.layers.map(\.sharesWeights) == [nil, nil, nil, nil, 1, nil, 3, 1, nil, 3, 0])
    let program = try graph.program()
    let weights = SeededWeights(seed: 3)
    let slots = program.instructions.indices.flatMap { index in
      program.instructions[index].weights.indices.map { (index, $0) }
    }
    let values = slots.map { index, place in
      weights.values(
        instruction: index, slot: program.instructions[index].weights[place], index: place)
    }
    #expect(values.count == 1 + 3 * 4 + 2)
    #expect(values[1...4].elementsEqual(values[5...8]))
    #expect(values[1...4].elementsEqual(values[9...12]))
    #expect(values[13] == values[0])
  }

  @Test func weightsThatDoNotMatchAreErrors() {
    let found = diagnostics(
      bare(
        """
        <input name="x" shape="1x8"/>
        <layer name="a"><fc units="4"/></layer>
        <layer name="b" weights="a"><fc units="4"/></layer>
        <layer name="c" weights="a" inputs="x"><softmax/></layer>
        <layer name="d" weights="a" inputs="x"><fc units="4"/><fc units="4"/></layer>
        <layer name="e" weights="z" inputs="x"><fc units="4"/></layer>
        <layer name="f" weights="x" inputs="x"><fc units="4"/></layer>
        """))
    #expect(
      found == [
        "t.xml:4:17: layer 'b': its weights are 4x4, those of the layer that it shares them with 4x8",
        "t.xml:5:17: layer 'c': it has no weights to share",
        "t.xml:6:17: layer 'd': it has 2 operations with weights, the layer that it shares them with 1",
        "t.xml:7:26: no input or layer 'z' stands above",
        "t.xml:8:17: layer 'f': no layer 'x' stands above",
      ])
  }

  // MARK: Outputs

  @Test func declaredOutputsAreTheNetworks() throws {
    let text = """
      <topology name="t" version="1" outputs="p${0..1} c.h">
      <input name="x" shape="2x1x8"/>
      <repeat count="3"><layer name="p${i}"><fc units="4"/></layer></repeat>
      <layer name="c"><gru hidden="4"/></layer>
      </topology>
      """
    let graph = try graph(text)
    #expect(graph.outputs == [.layer(0), .layer(1), .state(3, 0)])
    let program = try graph.program()
    #expect(
      program.outputs.map { program.values[$0].dims } == [[2, 1, 4], [2, 1, 4], [1, 1, 4]])
  }

  @Test(arguments: [
    ("y", "t.xml:1:33: no layer 'y' could be an output"),
    ("x", "t.xml:1:33: the output 'x' is no layer"),
    ("a a", "t.xml:1:33: the output 'a' is named twice"),
    ("a", "t.xml:3:32: layer 'b': nothing reads it, and it is none of the outputs"),
  ]) func wrongOutputsAreErrors(_ outputs: String, _ message: String) {
    let text = """
      <topology name="t" version="1"  outputs="\(outputs)">
      <input name="x" shape="1x8"/>
      <layer name="a"><fc units="4"/></layer><layer name="b"><fc units="4"/></layer>
      </topology>
      """
    #expect(diagnostics(text).count == 1)
    let tail = message.split(separator: ": ", maxSplits: 1).last ?? ""
    #expect(diagnostics(text).first?.hasSuffix(tail) == true)
  }
}
