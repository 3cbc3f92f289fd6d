import Testing
import Topology
import TopologyXML

/// Reading is linear in layers, and places stay exact where libxml2's own line numbers end.
@Suite struct LargeTopologyTests {
  @Test(.timeLimit(.minutes(20))) func linesBeyondSixteenBitsAreExact() {
    // Lines are what counts, not layers.
    let blank = String(repeating: "\n", count: 19)
    let layers = (0..<4000).map {
      "<layer name=\"l\($0)\">\(blank)  <activation kind=\"relu\"/></layer>\n"
    }
    let found = diagnostics(
      topology(
        layers.joined()
          + "<layer\n name=\"end\" inputs=\"l5 l7\n nowhere\"><add\n wth=\"\"/></layer>"))
    #expect(
      found == [
        "t.xml:80006:2: unknown attribute 'wth' of <add> (did you mean 'with'? allowed here: with, if)"
      ])
  }

  @Test(.timeLimit(.minutes(20))) func moreElementsThanSixteenBitsAreRead() throws {
    // Two elements each.
    let layers = (0..<35_000).map {
      "<layer name=\"l\($0)\"><conv filters=\"3\" kernel=\"1\"/></layer>"
    }
    #expect(try graph(topology(layers.joined(separator: "\n"))).layers.count == 35_000)
  }

  @Test(.timeLimit(.minutes(20))) func oneLongLineIsNoSlower() {
    let layers = (0..<50_000).map { "<layer name=\"l\($0)\"><softmx/></layer>" }
    #expect(diagnostics(topology(layers.joined())).count == 50)
  }
}
