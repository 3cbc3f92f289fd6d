import Testing
import Topology
import TopologyXML

/// Inputs, their layouts, and `--batch`.
@Suite struct InputTests {
  func type(_ attributes: String, batch: Int? = nil) throws -> String {
    let text = bare("<input name=\"x\" \(attributes)/><layer name=\"l\"><softmax/></layer>")
    return try graph(text, options: .init(batch: batch)).inputs[0].type.description
  }

  @Test(arguments: [
    ("shape=\"1x8\"", "1x8 nc", "5x8 nc"),
    ("shape=\"4x1x8\"", "4x1x8 tnc", "4x5x8 tnc"),
    ("shape=\"1x3x8\" layout=\"ncw\"", "1x3x8 ncw", "5x3x8 ncw"),
    ("shape=\"1x3x8x8\"", "1x3x8x8 nchw", "5x3x8x8 nchw"),
    ("shape=\"1x3x4x8x8\"", "1x3x4x8x8 ncdhw", "5x3x4x8x8 ncdhw"),
    ("shape=\"9\"", "9", "5"),
    ("shape=\"1x2x3x4x5x6\"", "1x2x3x4x5x6", "5x2x3x4x5x6"),
  ]) func layoutFollowsRank(_ attributes: String, _ plain: String, _ batched: String) throws {
    #expect(try type(attributes) == plain)
    #expect(try type(attributes, batch: 5) == batched)
  }

  @Test(arguments: [
    ("-1x8", "-1 is outside 1…2147483647"),
    ("0x8", "0 is outside 1…2147483647"),
    ("1x", "'1x' is not a list of integers joined by 'x'"),
    ("", "'' is not a list of integers joined by 'x'"),
    ("1X8", "'1X8' is not a list of integers joined by 'x'"),
    ("1x99999999999999999999", "'1x99999999999999999999' is not a list of integers joined by 'x'"),
    ("1x4294967296", "4294967296 is outside 1…2147483647"),
    ("2000000000x2000000000", "shape 2000000000x2000000000 has more than 2^40 elements"),
  ]) func badShapes(_ shape: String, _ message: String) {
    let found = diagnostics(
      bare("<input name=\"x\" shape=\"\(shape)\"/>\n<layer name=\"l\"><softmax/></layer>"))
    #expect(found == ["t.xml:2:17: attribute 'shape' of <input>: \(message)"])
  }

  @Test func layoutMustFit() {
    #expect(
      diagnostics(
        bare(
          "<input name=\"x\" shape=\"1x8\" layout=\"nchw\"/><layer name=\"l\"><softmax/></layer>"))
        == ["t.xml:2:17: attribute 'shape' of <input>: layout nchw wants 4 dimensions, 1x8 has 2"])
  }

  @Test func batchMustBePositive() {
    let found = diagnostics(
      topology("<layer name=\"l\"><softmax/></layer>"), options: .init(batch: 0))
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("t.xml:2:17: attribute 'shape' of <input>: dimension 0"))
  }

  @Test func batchReachesEveryInput() throws {
    let text = bare(
      """
      <input name="a" shape="1x8"/><input name="b" shape="1x8"/>
      <layer name="l" inputs="a b"><add/></layer>
      """)
    let graph = try graph(text, options: .init(batch: 3))
    #expect(graph.inputs.map(\.type.dims) == [[3, 8], [3, 8]])
  }

  @Test func networkNeedsInputAndLayer() {
    #expect(diagnostics(bare("")) == ["t.xml:1:1: the topology has no <input>"])
    #expect(diagnostics(topology("")) == ["t.xml:1:1: the topology has no <layer>"])
    #expect(
      diagnostics(bare("<layer name=\"l\"><softmax/></layer>")) == [
        "t.xml:1:1: the topology has no <input>"
      ])
    #expect(
      diagnostics(bare("<layer name=\"l\"><softmax/></layer><input name=\"x\" shape=\"1x8\"/>"))
        == ["t.xml:2:1: no <input> stands above"])
  }

  @Test func severalInputsMustBeChosenFrom() {
    let text = bare(
      """
      <input name="a" shape="1x8"/>
      <layer name="l"><softmax/></layer>
      <input name="b" shape="1x8"/>
      """)
    #expect(diagnostics(text) == ["t.xml:3:1: there are several inputs; say which with 'inputs'"])
  }

  @Test func topologyNameMustSuitFiles() {
    let text =
      "<topology name=\"../t\" version=\"1\"><input name=\"x\" shape=\"1x8\"/><layer name=\"l\"><softmax/></layer></topology>"
    #expect(
      diagnostics(text) == ["t.xml:1:11: the topology's name contains '/' or a control character"])
    #expect(
      diagnostics(text.replacing("../t", with: "")) == ["t.xml:1:11: the topology's name is empty"])
  }
}
