import Testing

@testable import Topology
@testable import TopologyXML

/// What the guide says of repeats, blocks and markers.
@Suite struct GuideReuseTests: GuideSuite {
  @Test func repeatsFollowTheRules() throws {
    let inner = "<layer name=\"l${i}\"><fc units=\"2\"/></layer>"
    let last = "<layer name=\"z\"><fc units=\"2\"/></layer>"
    let graph = try read(topology("<repeat count=\"3\">\(inner)</repeat>" + last))
    #expect(graph.layers.map(\.inputs) == [[.input(0)], [.layer(0)], [.layer(1)], [.layer(2)]])
    #expect(try read(topology("<repeat count=\"0\">\(inner)</repeat>" + last)).layers.count == 1)
    expectError(topology("<repeat count=\"-1\">\(inner)</repeat>" + last), "negative")
    expectError(
      topology("<repeat count=\"2\"><layer name=\"l\"><fc units=\"2\"/></layer></repeat>"),
      "duplicate name")
    // An index hides a param.
    let hidden = "<param name=\"i\" value=\"7\"/><repeat count=\"1\">\(inner)</repeat>"
    #expect(try read(topology(hidden)).layers[0].name == "l0")
  }

  @Test func blocksFollowTheRules() throws {
    let block =
      "<block name=\"b\"><arg name=\"n\"/><arg name=\"m\" default=\"${n + p}\"/>"
      + "<layer name=\"x\"><fc units=\"${n}\"/></layer>"
      + "<layer name=\"y\"><fc units=\"${m}\"/></layer>"
      + "</block>"
    let before =
      "<layer name=\"x\"><fc units=\"3\"/></layer><param name=\"p\" value=\"5\"/>"
    let use = "<use block=\"b\" prefix=\"u\" n=\"2\"/>"
    // Above or below its uses; a default sees params above the use and earlier arguments.
    for text in [block + before + use, before + use + block] {
      let graph = try read(
        topology(
          text + "<layer name=\"z\" inputs=\"u\"><fc units=\"1\"/></layer>"
            + "<layer name=\"w\" inputs=\"u/x\"><fc units=\"1\"/></layer>"))
      #expect(graph.layers.map(\.name) == ["x", "u/x", "u/y", "z", "w"])
      #expect(graph.layers[2].outputType.dims == [1, 7])
      #expect(graph.layers[1].inputs == [.layer(0)])
      #expect(graph.layers[3].inputs == [.layer(2)])
      #expect(graph.layers[4].inputs == [.layer(1)])
    }
    expectError(topology(block + before + "<use block=\"b\" prefix=\"u\"/>"), "needs the argument")
    expectError(
      topology(block + before + "<use block=\"b\" prefix=\"u\" n=\"1\" k=\"1\"/>"), "no argument")
    expectError(topology("<block name=\"b\"><arg name=\"prefix\"/></block>"), "no argument can be")
    expectError(
      topology(
        "<block name=\"b\"><use block=\"b\" prefix=\"u\"/></block><use block=\"b\" prefix=\"u\"/>"),
      "cannot use itself")
    expectError(
      topology("<block name=\"b\"/><use block=\"b\" prefix=\"u\"/>"), "gives no layer")
    // What surrounds the use is not seen.
    expectError(
      topology(
        "<block name=\"b\"><layer name=\"x${i}\"><fc units=\"1\"/></layer></block>"
          + "<repeat count=\"1\"><use block=\"b\" prefix=\"u${i}\"/></repeat>"),
      "unknown name 'i'")
  }

  @Test func namesInBlocksMeanTheInnermost() throws {
    let graph = try read(
      topology(
        "<block name=\"inner\"><layer name=\"c\" inputs=\"x y in\"><add/></layer>"
          + "<layer name=\"d\"><fc units=\"4\"/><add with=\"@input2\"/></layer></block>"
          + "<block name=\"outer\"><layer name=\"x\"><fc units=\"4\"/></layer>"
          + "<use block=\"inner\" prefix=\"i\" inputs=\"x in\"/></block>"
          + "<layer name=\"x\"><fc units=\"4\"/></layer><layer name=\"y\"><fc units=\"4\"/></layer>"
          + "<use block=\"outer\" prefix=\"o\"/>", shape: "1x4"))
    #expect(graph.layers.map(\.name) == ["x", "y", "o/x", "o/i/c", "o/i/d"])
    #expect(graph.layers[3].inputs == [.layer(2), .layer(1), .input(0)])
    #expect(graph.layers[4].inputs == [.layer(3), .input(0)])
  }

  @Test func layersFollowTheRules() throws {
    let second = "<input name=\"in2\" shape=\"1x4\"/>"
    expectError(topology(second + "<layer name=\"l\"><fc units=\"1\"/></layer>"), "several inputs")
    expectError(
      topology(
        "<layer name=\"a\" inputs=\"b\"><fc units=\"1\"/></layer>"
          + "<layer name=\"b\"><fc units=\"1\"/></layer>"
      ),
      "stands below")
    expectError(layer("<fc units=\"1\"/><add/>"), "at least 2 operand")
    expectError(layer("<fc units=\"1\" with=\"in\"/>"), "unknown attribute 'with'")
    expectError(
      topology("<layer name=\"a\" inputs=\"@input\"><fc units=\"1\"/></layer>"), "@input")
    let residual = try read(layer("<fc units=\"4\"/><add with=\"@input\"/>", shape: "1x4"))
    #expect(residual.layers[0].primitives[1].operands == [.previous, .input(0)])
    #expect(residual.layers[0].kind == "fc")
    let branches = try read(
      topology(
        "<layer name=\"a\"><fc units=\"1\"/></layer>"
          + "<layer name=\"b\" inputs=\"in\"><fc units=\"1\"/></layer>"
      ))
    #expect(branches.outputs == [.layer(0), .layer(1)])
  }

  @Test func markersFollowTheRules() throws {
    let layers = ["a", "b", "c"].map { "<layer name=\"\($0)\"><fc units=\"1\"/></layer>" }
    func marker(_ action: String, _ name: String) -> String {
      "<marker action=\"\(action)\" name=\"\(name)\"/>"
    }
    let (start, stop) = (marker("start", "m"), marker("stop", "m"))
    let overlapping = try read(
      topology(
        start + layers[0] + marker("start", "n") + layers[1] + stop + layers[2]
          + marker("stop", "n")))
    #expect(overlapping.segments.map(\.layers) == [[0, 1], [1, 2]])
    expectError(topology(start + layers[0]), "never stops")
    expectError(topology(layers[0] + stop), "was not started")
    expectError(topology(start + stop + layers[0]), "encloses no layer")
    expectError(topology(start + layers[0] + stop + start + layers[1] + stop), "duplicate marker")
    expectError(topology(start + layers[0] + stop + stop), "stopped already")
    let inBlock = try read(
      topology(
        "<block name=\"b\">\(start)\(layers[0])\(stop)</block><use block=\"b\" prefix=\"u\"/>"))
    #expect(inBlock.segments[0].name == "u/m")
    // Inside a repeat, a segment may outlive its pass.
    let across = try read(
      topology(
        "<repeat count=\"2\"><marker action=\"start\" name=\"m${i}\"/>"
          + "<layer name=\"l${i}\"><fc units=\"1\"/></layer></repeat>"
          + marker("stop", "m0") + marker("stop", "m1")))
    #expect(across.segments.map(\.layers) == [[0, 1], [1]])
  }
}
