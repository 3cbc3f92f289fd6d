import Profiling
import TestSupport
import Testing

@Suite("parts of a run on a cluster")
struct MeasuredPartTests {
  private static func part(_ item: Int, _ round: Int, nanoseconds: Double) -> MeasuredPart {
    var part = MeasuredPart(
      tool: Tool(name: "ntprof", version: "1"), run: "abc", place: .init(item: item, round: round),
      node: round % 2 == 0 ? "n1" : "n2", job: "17_\(round)")
    var record = SampleRecords.deepspeech()
    record.endToEnd?.time = TimeSummary(samples: [nanoseconds])
    record.endToEnd?.disturbance = nil
    part.record = record
    return part
  }

  @Test("a part is read as it was written")
  func coding() throws {
    let part = Self.part(3, 1, nanoseconds: 5e6)
    #expect(try RecordCoding.decodePart(RecordCoding.encode(part)) == part)
    var empty = part
    empty.record = nil
    #expect(throws: RecordError.missingField(path: "record")) {
      try RecordCoding.decodePart(RecordCoding.encode(empty))
    }
  }

  @Test("its summary is all that a sweep needs, and much smaller")
  func summary() {
    let part = Self.part(0, 0, nanoseconds: 5e6)
    var whole = SweepPoint(index: 0, settings: [])
    var small = whole
    whole.take([part], rounds: 1)
    small.take([part.summary], rounds: 1)
    #expect(whole == small && whole.state == .measured && whole.latency?.samples == [5e6])
    #expect(RecordCoding.encode(part.summary).count * 2 < RecordCoding.encode(part).count)
  }

  @Test("points are made of parts by round, whichever came first; nodes stand beside samples")
  func points() {
    let parts = [7e6, 5e6, 6e6].enumerated().map {
      Self.part(2, $0.offset, nanoseconds: $0.element)
    }
    var point = SweepPoint(index: 2, settings: ["1"])
    point.take(parts, rounds: 4)
    #expect(point.state == .pending && point.latency?.samples == [7e6, 5e6, 6e6])
    #expect(point.nodes == ["n1", "n2", "n1"])
    point.take(parts, rounds: 3)
    #expect(point.state == .measured && point.latency?.count == 3)
  }

  @Test("a part that replaces a disturbed process brings its node along")
  func replaces() {
    var again = Self.part(0, 3, nanoseconds: 5.1e6)
    again.replaces = true
    // The third took more than twice as long as the others.
    let parts = [5e6, 5.2e6, 14e6].enumerated()
      .map { Self.part(0, $0.offset, nanoseconds: $0.element) }
    var point = SweepPoint(index: 0, settings: [])
    point.take(parts, rounds: 3)
    #expect(point.disturbed == [2])
    point.take(parts + [again], rounds: 3)
    #expect(point.disturbed == nil && point.latency?.samples == [5e6, 5.2e6, 5.1e6])
    #expect(point.nodes == ["n1", "n2", "n2"])
  }

  @Test("a fault is the point's, and what was measured of it stays")
  func fault() {
    var bad = Self.part(0, 1, nanoseconds: 1)
    bad.record = nil
    bad.fault = .init(status: 65, message: "too large")
    var point = SweepPoint(index: 0, settings: [])
    point.take([Self.part(0, 0, nanoseconds: 5e6), bad], rounds: 2)
    #expect(point.state == .failed && point.reason == "too large" && point.latency?.count == 1)
  }

  @Test("machines are one where CPU, cores and library are; neither kernel nor memory matters")
  func machines() throws {
    var other = SampleRecords.machine()
    other.kernel = "9.9"
    other.memoryBytes = 1
    #expect(NodeKind.words(other) == NodeKind.words(SampleRecords.machine()))
    other.cores = 1000
    #expect(NodeKind.words(other) != NodeKind.words(SampleRecords.machine()))
    let kind = NodeKind(node: "n1", machine: other)
    #expect(try RecordCoding.decodeNodeKind(RecordCoding.encode(kind)) == kind)
  }
}
