import Foundation
import Profiling
import Testing

@testable import Counters

/// Dumps as callgrind 3.19 writes them, whole and broken.
@Suite struct CallgrindDumpTests {
  static let events = "events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw"
  static let head = """
    # callgrind format
    version: 1
    creator: callgrind-3.19.0
    pid: 26446
    cmd:  /proc/self/fd/5 simulate-child

    """

  /// A part with its costs by function, which are of no interest.
  static func part(_ number: Int, _ name: String, _ summary: String) -> String {
    """
    part: \(number)


    desc: I1 cache: 32768 B, 64 B, 8-way associative
    desc: LL cache: 33554432 B, 64 B, 16-way associative

    desc: Timerange: Basic block 0 - 16388
    desc: Trigger: Client Request: \(name)

    positions: line
    \(events)
    summary: \(summary)


    ob=(1) /usr/lib/x86_64-linux-gnu/libdnnl.so.2.6
    fn=(0) dnnl_primitive_execute
    0 131092 65538 16393 3 16384 3 3 16384 3
    cfn=(7) summary: 1 2 3
    calls=1 0
    0 12 3

    totals: 99 99 99

    """
  }

  static let termination = """
    part: 3


    desc: Trigger: Program termination

    positions: line
    \(events)
    summary: 18446744073709420513 18446744073709486078 18446744073709535217 3 4 5 6 7 8


    fn=(1) main
    0 11 0 6 2 0 1 2 0 1

    totals: 11 0 6 2 0 1 2 0 1

    """

  static let whole =
    head + part(1, "cold 0", "500487 1 2 3 63130 5 6 62807 178")
    + part(2, "warm 0", "500487 1 2 0 71")
    + termination

  @Test func everyRequestIsAPartAndTheProgramsEndIsNone() {
    let dump = CallgrindDump(Self.whole.utf8)
    #expect(dump.problem == nil)
    #expect(dump.creator == "callgrind-3.19.0")
    #expect(dump.parts.map(\.name) == ["cold 0", "warm 0"])
    #expect(dump.parts[0].counts["Ir"] == 500_487)
    #expect(dump.parts[0].counts["D1mr"] == 63130)
    #expect(dump.parts[0].counts["DLmr"] == 62807)
    #expect(dump.parts[0].counts["DLmw"] == 178)
  }

  @Test func zerosAtTheEndAreLeftOutAndStillCount() {
    let warm = CallgrindDump(Self.whole.utf8).parts[1]
    #expect(warm.counts["D1mr"] == 71)
    #expect(warm.counts["DLmr"] == 0)
    #expect(warm.counts["DLmw"] == 0)
    #expect(warm.counts.count == 9)
  }

  @Test func aPartWithoutAnyCountIsAllZeros() {
    let dump = CallgrindDump((Self.head + Self.part(1, "warm 3", "")).utf8)
    #expect(dump.problem == nil)
    #expect(dump.parts.map { $0.counts["Ir"] } == [0])
  }

  @Test func whatIsCutShortKeepsItsCompleteParts() throws {
    let bytes = Array(Self.whole.utf8)
    let marker = try #require(Self.whole.range(of: "warm 0"))
    let inSecond = Self.whole.utf8.distance(
      from: Self.whole.startIndex, to: marker.lowerBound)
    let dump = CallgrindDump(bytes.prefix(inSecond + 30))
    #expect(dump.parts.map(\.name) == ["cold 0"])
    #expect(dump.problem?.contains("ends inside a part, after 1") == true)
  }

  @Test func noPrefixOfADumpEverGivesACountThatIsNotInIt() {
    let bytes = Array(Self.whole.utf8)
    let all = CallgrindDump(bytes).parts
    for length in 0...bytes.count {
      let parts = CallgrindDump(bytes.prefix(length)).parts
      #expect(parts == Array(all.prefix(parts.count)), "the first \(length) bytes")
    }
  }

  @Test func aDumpThatEndsWithTheProgramsKillLacksNothing() {
    let text = Self.head + Self.part(1, "cold 0", "1 2 3")
    #expect(CallgrindDump(text.utf8).problem == nil)
    let ended = CallgrindDump((text + Self.termination.prefix(60)).utf8)
    #expect(ended.parts.count == 1)
    #expect(ended.problem == nil)
  }

  @Test(arguments: [
    ("", "it is empty"), ("\n\n", "it is empty"), ("hello\n", "does not begin"),
    (head + part(1, "cold 0", "1 2 x"), "has 'x' where a count belongs"),
    (head + part(1, "cold 0", "18446744073709420513"), "where a count belongs"),
    (head + part(1, "cold 0", "9223372036854775807"), "where a count belongs"),
    (head + part(1, "cold 0", "1 -2"), "has '-2' where a count belongs"),
    (head + part(1, "cold 0", "1 2 3 4 5 6 7 8 9 10"), "more values than events"),
    (head + "part: 1\ndesc: Trigger: Client Request: a\nsummary: 1\n", "before the events"),
    (head + "part: 1\ndesc: Trigger: Client Request: a\ntotals: 1\n", "without a summary"),
  ])
  func whatIsNoDumpIsNamed(text: String, words: String) {
    let dump = CallgrindDump(text.utf8)
    #expect(dump.problem?.contains(words) == true, "\(dump.problem ?? "no problem")")
    #expect(dump.parts.isEmpty)
  }

  @Test func dumpAndReportTogetherAreCountsOfLayers() throws {
    let steps = [SimulatedProgram.Step(layer: 3, kind: "convolution", implementation: "jit:avx2")]
    let report = SimulationReport.encode(
      SimulatedProgram(topology: "ab", isa: "avx2", steps: steps))
    let counts = try #require(SimulatedCounts(dump: Array(Self.whole.utf8), report: report))
    let record = try #require(counts.all.first)
    #expect(counts.all.count == 1 && record.simulatedImplementations == ["jit:avx2"])
    #expect(record.events["instructions"]?.value == 500_487)
    #expect(record.events["l1d_misses"]?.value == 71)
    #expect(record.events["l1d_misses_cold"]?.value == 63130)
    #expect(SimulatedCounts(dump: Array(Self.whole.utf8), report: []) == nil)
    // Of a layer whose parts are not all there nothing is said.
    let cut = Self.head + Self.part(1, "cold 0", "1 2 3")
    #expect(SimulatedCounts(dump: Array(cut.utf8), report: report)?.all == [])
  }

  @Test func bytesThatAreNoTextDoNoHarm() {
    var bytes = Array(Self.whole.utf8)
    bytes.insert(contentsOf: [0xFF, 0x00, 0xC3], at: 10)
    #expect(CallgrindDump(bytes).parts.count == 2)
  }
}
