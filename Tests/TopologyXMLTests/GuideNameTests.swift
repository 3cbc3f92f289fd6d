import Testing

@testable import Topology
@testable import TopologyXML

/// What the guide says of names and arithmetic.
@Suite struct GuideNameTests: GuideSuite {
  @Test func namesFollowTheRules() throws {
    for name in ["a b", "a,b", "a..b", "@a", ""] {
      expectError(
        layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"\(name)\""), "name")
    }
    for name in ["a.b", "a/b", "Ä:1", "a@b", "1"] {
      _ = try read(layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"\(name)\""))
    }
    expectError(
      layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"in\""), "duplicate")
    expectError(
      topology(
        "<block name=\"b\"><layer name=\"x\"><fc units=\"1\"/></layer></block>"
          + "<layer name=\"u\"><fc units=\"1\"/></layer><use block=\"b\" prefix=\"u\"/>"),
      "duplicate")
    // Markers have a space of their own.
    _ = try read(
      topology(
        "<marker action=\"start\" name=\"l\"/><layer name=\"l\"><fc units=\"1\"/></layer>"
          + "<marker action=\"stop\" name=\"l\"/>"))
    expectError(topology("<param name=\"a-b\" value=\"1\"/>"), "no name for use in ${}")
    expectError(topology("<param name=\"1a\" value=\"1\"/>"), "no name for use in ${}")
  }

  @Test func statesAreNamedAfterTheirLayers() throws {
    let encoder = "<layer name=\"e\"><lstm hidden=\"3\" layers=\"2\"/></layer>"
    func decoder(_ primitive: String) -> String {
      topology(encoder + "<layer name=\"d\" inputs=\"in\">\(primitive)</layer>", shape: "5x2x4")
    }
    let graph = try read(decoder("<lstm hidden=\"3\" layers=\"2\" with=\"e.h e.c\"/>"))
    #expect(graph.layers[1].inputs == [.input(0), .state(0, 0), .state(0, 1)])
    #expect(graph.layers[0].states.map(\.name) == ["h", "c"])
    #expect(graph.layers[0].states.map(\.type.description) == ["2x2x3 tnc", "2x2x3 tnc"])
    #expect(graph.outputs == [.layer(1)])
    let gru = try read(
      topology(
        "<block name=\"b\"><layer name=\"g\"><gru hidden=\"3\" direction=\"bidirectional\"/></layer>"
          + "<layer name=\"s\" inputs=\"g.h\"><reshape shape=\"1x-1\"/></layer></block>"
          + "<use block=\"b\" prefix=\"u\"/><layer name=\"z\" inputs=\"u/g.h u/g.h\"><add/></layer>",
        shape: "5x2x4"))
    #expect(gru.layers[1].outputType.dims == [1, 12])
    #expect(gru.layers[2].outputType.dims == [2, 2, 3])
    expectError(decoder("<lstm hidden=\"3\" layers=\"2\" with=\"e.h\"/>"), "h and c, or none")
    expectError(decoder("<lstm hidden=\"4\" with=\"e.h e.c\"/>"), "is 1x2x4, not 2x2x3")
    expectError(decoder("<gru hidden=\"3\" layers=\"2\" with=\"e.d\"/>"), "'e.d' stands above")
    expectError(decoder("<gru hidden=\"3\" layers=\"2\" with=\"d.h\"/>"), "'d.h' stands")
    expectError(
      topology(encoder + "<layer name=\"e.c\"><fc units=\"1\"/></layer>", shape: "5x2x4"),
      "duplicate name 'e.c'")
    // What follows from another error is not reported again.
    let text = decoder("<lstm hidden=\"3\" with=\"e.h e.c\"/>").replacing("\"2\"", with: "\"0\"")
    do throws(TopologyReadError) {
      _ = try TopologyReader().read(bytes: Array(text.utf8), file: "t.xml")
      Issue.record("a stack of no layers was read")
    } catch {
      guard case .invalid(let diagnostics) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(diagnostics.count == 1, "\(diagnostics)")
    }
  }

  @Test func arithmeticFollowsTheRules() throws {
    let values = [
      "7 / 2": 3, "-7 / 2": -3, "2 + 3 * 4": 14, "(2 + 3) * 4": 20, "8 - 4 - 2": 2,
      "100 / 10 / 5": 2, "-(3)": -3, "- -3": 3, "9223372036854775807": Int.max,
      "-9223372036854775808": Int.min, "p * 2": 10,
    ]
    for (expression, value) in values {
      let parameters =
        "<param name=\"p\" value=\"5\"/><param name=\"x\" value=\"${\(expression)}\"/>"
      let text = topology(parameters + "<layer name=\"l\"><fc units=\"1\"/></layer>")
      let document = try TopologyReader().read(bytes: Array(text.utf8), file: "t.xml")
      #expect(document.parameters["x"] == value, "\(expression)")
    }
    for (expression, message) in [
      ("1 / 0", "division by zero"), ("9223372036854775807 + 1", "64 bits"),
      ("y", "unknown name"), ("1 ? 2", "wanted"), ("", "wanted"), ("+1", "wanted"),
    ] {
      expectError(topology("<param name=\"x\" value=\"${\(expression)}\"/>"), message)
    }
    expectError(topology("<param name=\"x\" value=\"${1\"/>"), "without its '}'")
    expectError(
      topology("<param name=\"x\" value=\"${y}\"/><param name=\"y\" value=\"1\"/>"), "unknown name")
    _ = try read(layer("<batch-norm epsilon=\"1e-${2 + 3}\"/>"))
    #expect(
      try read(layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"$l\""))
        .layers[0].name == "$l")
  }

  @Test func overridesReachTheParamsBelow() throws {
    let text = topology(
      "<param name=\"p\" value=\"5\"/><param name=\"q\" value=\"${p * 2}\"/>"
        + "<layer name=\"l\"><fc units=\"${q}\"/></layer>")
    let reader = TopologyReader(options: TopologyReader.Options(parameters: ["p": 7]))
    let document = try reader.read(bytes: Array(text.utf8), file: "t.xml")
    #expect(document.parameters == ["p": 7, "q": 14])
    let wrong = TopologyReader(options: TopologyReader.Options(parameters: ["r": 7]))
    #expect(throws: TopologyReadError.unknownParameter(name: "r", known: ["p", "q"])) {
      try wrong.read(bytes: Array(text.utf8), file: "t.xml")
    }
  }

  @Test func arithmeticStandsWhereThePageSays() throws {
    // Not expanded, or refused, where the page says so.
    #expect(
      try read(layer("<fc units=\"1\"/>").replacing("\"t\"", with: "\"${1}\"")).name == "${1}")
    expectError(layer("<fc units=\"1\" bias=\"${2}\"/>"), "bias")
    expectError(layer("<activation kind=\"${1}\"/>"), "kind")
    expectError(topology("<repeat count=\"1\" index=\"${1}\"/>"), "no name for use in ${}")
    let graph = try read(
      topology(
        "<marker action=\"start\" name=\"m${1}\" counters=\"none\" events=\"${1}, b c\"/>"
          + "<layer name=\"a\"><fc units=\"4\"/></layer>"
          + "<layer name=\"b\" inputs=\"in a\"><add/></layer>"
          + "<marker action=\"stop\" name=\"m${2 - 1}\" events=\"d\"/>", shape: "1x4"))
    #expect(graph.segments[0].name == "m1")
    #expect(graph.segments[0].events == ["${1}", "b", "c"])
    #expect(graph.segments[0].counters == "none")
    let listed = try read(
      topology(
        "<layer name=\"a1\"><fc units=\"4\"/></layer>"
          + "<layer name=\"b\" inputs=\"in a${2 - 1}\"><add/></layer>", shape: "1x4"))
    #expect(listed.layers[1].inputs == [.input(0), .layer(0)])
  }
}
