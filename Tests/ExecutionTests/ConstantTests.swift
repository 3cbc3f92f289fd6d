import Execution
import Measuring
import TestSupport
import Testing
import Topology
import TopologyXML

/// Tensors of the network and shared weights against naive loops.
@Suite struct ConstantTests {
  func program(_ body: String) throws -> Program {
    let text = "<topology name=\"t\" version=\"1\">\(body)</topology>"
    return try TopologyReader().read(bytes: Array(text.utf8), file: "t.xml").graph.program()
  }

  static let bodies: [String] = [
    // A layer scale and an addend behind a blocked convolution, of its channels and of its shape.
    """
    <input name="x" shape="1x16x9x9"/>
    <constant name="gamma" shape="16x1x1" learned="true"/>
    <constant name="map" shape="1x16x9x9" learned="true"/>
    <layer name="conv"><conv filters="16" kernel="3" padding="1"/><mul with="gamma"/><add with="map"/></layer>
    <layer name="next"><conv filters="32" kernel="3" stride="2"/><activation kind="relu"/></layer>
    """,
    // A learned token before those of three samples, positions for all.
    """
    <input name="x" shape="4x3x8" layout="tnc"/>
    <constant name="token" shape="1x1x8" learned="true"/>
    <constant name="positions" shape="5x1x8" learned="true"/>
    <layer name="tokens" inputs="token x"><concat axis="0"/><add with="positions"/></layer>
    <layer name="fc"><fc units="12"/></layer>
    """,
    // Indices that are constants choose rows of a value, and of a constant that is turned round.
    """
    <input name="x" shape="1x16"/>
    <constant name="below" shape="6" kind="lower-triangle"/>
    <constant name="table" shape="5x3" learned="true"/>
    <constant name="rows" shape="4" values="4 0 0 2"/>
    <layer name="chosen" inputs="x below"><gather axis="1"/></layer>
    <layer name="turned" inputs="table rows"><gather axis="0"/><transpose perm="1,0"/><reshape shape="2x6"/></layer>
    <layer name="product" inputs="chosen turned"><matmul transpose-b="true"/></layer>
    """,
    // A matrix that is a constant on either side.
    """
    <input name="x" shape="2x5x7" layout="tnc"/>
    <constant name="a" shape="6x5" learned="true"/>
    <constant name="b" shape="7x4" learned="true"/>
    <layer name="left" inputs="a x"><matmul/></layer>
    <layer name="right"><matmul with="b"/></layer>
    <layer name="ratio"><div with="bounds"/></layer>
    """.replacing(
      "<layer name=\"left\"",
      with:
        "<constant name=\"bounds\" shape=\"6x4\" kind=\"range\" value=\"1\"/><layer name=\"left\""),
    // One convolution for two branches, with a normalisation of its own in one.
    """
    <input name="x" shape="1x8x8x8"/><input name="y" shape="1x8x8x8"/>
    <layer name="a" inputs="x"><conv filters="8" kernel="3"/><activation kind="relu"/></layer>
    <layer name="b" inputs="y" weights="a"><conv filters="8" kernel="3"/><activation kind="tanh"/></layer>
    <layer name="both" inputs="a b"><add/></layer>
    <layer name="cell" inputs="x"><reshape shape="8x1x64" layout="tnc"/><lstm hidden="5"/></layer>
    <layer name="again" inputs="y" weights="cell"><reshape shape="8x1x64" layout="tnc"/><lstm hidden="5"/></layer>
    """,
  ]

  @Test(arguments: bodies.indices)
  func agreeWithNaiveLoops(_ body: Int) throws {
    try expectAgreement(program(Self.bodies[body]), threads: [1, 2])
  }

  @Test(arguments: bodies.indices, [Precision.bf16, .int8])
  func agreeInOtherPrecisions(_ body: Int, precision: Precision) throws {
    try expectAgreement(program(Self.bodies[body]), in: precision, depth: 10, threads: [1])
  }

  @Test(arguments: bodies.indices)
  func aSearchChangesNothing(_ body: Int) throws {
    let program = try program(Self.bodies[body])
    let plan = try Plan(program, options: PlanOptions(threads: 1, tuning: .search))
    try plan.run()
    let expected = reference(program)
    for (index, output) in program.outputs.enumerated() {
      #expect(error(plan.readOutput(index), expected[output]) < 1e-4)
    }
  }

  @Test func whatIsTheSameInEveryPassIsDoneOnce() throws {
    let plan = try Plan(program(Self.bodies[2]), options: PlanOptions(threads: 1))
    #expect(!plan.steps.contains { $0.kind == "reorder" })
    #expect(plan.steps.count { $0.implementation == "gather" } == 1)
  }

  @Test func layersThatShareWeightsReadTheSameMemory() throws {
    func bytes(_ weights: String) throws -> Int {
      let body = """
        <input name="x" shape="1x512"/>
        <repeat count="3"><layer name="fc${i}" \(weights)><fc units="512"/></layer></repeat>
        """
      return try Plan(program(body), options: PlanOptions(threads: 1)).weightBytes
    }
    let (own, shared) = (
      try bytes(""), try bytes("weights=\"${i > 0 ? 'fc0' : ''}\"")
    )
    #expect(Double(shared) < 0.4 * Double(own))
  }

  @Test("of an embedding's table a survey counts what is looked up, of other weights all")
  func surveyCountsWhatIsRead() throws {
    let body = """
      <input name="x" shape="1x3"/>
      <layer name="e"><embedding rows="1000" dim="8"/></layer>
      <layer name="f"><fc units="5"/></layer>
      """
    let survey = try Plan.survey(of: program(body), options: PlanOptions(threads: 1))
    #expect(survey.weightBytes == 4 * (3 * 8 + 5 * 8 + 5))
  }
}
