import Testing
import Topology
import TopologyXML

/// Markers and the segments between them.
@Suite struct MarkerTests {
  @Test func segmentsNestAndOverlap() throws {
    let graph = try graph(
      topology(
        """
        <marker action="start" name="x" counters="simulated" events="cycles, llc_misses  l1d_misses"/>
        <layer name="a"><softmax/></layer>
        <marker action="start" name="s${1 + 1}"/>
        <layer name="b"><softmax/></layer>
        <marker action="stop" name="x"/>
        <layer name="c"><softmax/></layer>
        <marker action="stop" name="s2"/>
        """))
    #expect(graph.segments.map(\.name) == ["x", "s2"])
    #expect(graph.segments.map(\.layers) == [[0, 1], [1, 2]])
    #expect(graph.segments[0].counters == "simulated")
    #expect(graph.segments[0].events == ["cycles", "llc_misses", "l1d_misses"])
    #expect(graph.segments[1].counters == nil)
    #expect(graph.segments[1].events == [])
  }

  @Test func everyUnbalancedMarkerIsReported() {
    let found = diagnostics(
      topology(
        """
        <marker action="stop" name="never"/>
        <marker action="start" name="open"/>
        <marker action="start" name="empty"/>
        <marker action="stop" name="empty"/>
        <marker action="start" name="twice"/>
        <layer name="a"><softmax/></layer>
        <marker action="start" name="twice"/>
        <marker action="stop" name="twice"/>
        <marker action="stop" name="twice"/>
        <marker action="start" name="open too"/>
        <marker action="start" name="open2"/>
        """))
    #expect(
      found == [
        "t.xml:3:1: marker 'never' stops but was not started",
        "t.xml:4:1: marker 'open' starts but never stops",
        "t.xml:6:1: marker 'empty' encloses no layer",
        "t.xml:9:24: duplicate marker 'twice': it starts at line 7 already",
        "t.xml:11:1: marker 'twice' was stopped already",
        "t.xml:12:24: name 'open too' contains white space",
        "t.xml:13:1: marker 'open2' starts but never stops",
      ])
  }

  @Test func failedLayersStillFillSegments() {
    let found = diagnostics(
      topology(
        """
        <marker action="start" name="m"/>
        <layer name="a"><fc units="0"/></layer>
        <marker action="stop" name="m"/>
        """))
    #expect(found == ["t.xml:4:21: attribute 'units' of <fc>: 0 is outside 1…2147483647"])
  }

  @Test func markersOfABlockHaveItsPrefix() throws {
    let text = topology(
      """
      <block name="b"><marker action="start" name="m"/><layer name="l"><softmax/></layer>
      <marker action="stop" name="m"/></block>
      <use block="b" prefix="p"/><use block="b" prefix="q"/>
      """)
    #expect(try graph(text).segments.map(\.name) == ["p/m", "q/m"])
  }

  @Test func actionAndCountersAreListed() {
    let found = diagnostics(
      topology(
        "<marker action=\"begin\" name=\"m\" counters=\"vtune\"/><layer name=\"a\"><softmax/></layer>"
      ))
    #expect(
      found == [
        "t.xml:3:9: attribute 'action' of <marker>: 'begin' is none of start, stop "
          + "(did you mean 'start'?)",
        "t.xml:3:33: attribute 'counters' of <marker>: 'vtune' is none of auto, papi, perf, "
          + "software, simulated, estimated, none",
      ])
  }
}
