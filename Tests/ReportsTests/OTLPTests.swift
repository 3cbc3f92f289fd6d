import Profiling
import Reports
import TestSupport
import Testing

/// OTLP/JSON: the request's shape, ids, parents and times.
@Suite struct OTLPTests {
  /// A span of the request.
  struct Span {
    var trace: String
    var id: String
    var parent: String?
    var name: String
    var start: Int
    var end: Int
    var attributes: [String: JSON]
  }

  static func attributes(_ list: JSON) throws -> [String: JSON] {
    guard case .array(let pairs) = list else { return [:] }
    var result: [String: JSON] = [:]
    for pair in pairs {
      guard case .string(let key) = pair["key"] else { continue }
      #expect(result.updateValue(pair["value"], forKey: key) == nil, "\(key) twice")
    }
    return result
  }

  static func spans(_ resource: JSON) throws -> [Span] {
    guard case .array(let scopes) = resource["scopeSpans"],
      case .array(let spans)? = scopes.first?["spans"]
    else { return [] }
    return try spans.map { span in
      func text(_ key: String) -> String? {
        if case .string(let text) = span[key] { text } else { nil }
      }
      #expect(span["kind"] == .number(1))
      return Span(
        trace: try #require(text("traceId")), id: try #require(text("spanId")),
        parent: text("parentSpanId"), name: try #require(text("name")),
        start: try #require(text("startTimeUnixNano").flatMap { Int($0) }),
        end: try #require(text("endTimeUnixNano").flatMap { Int($0) }),
        attributes: try attributes(span["attributes"]))
    }
  }

  static func resources(_ bytes: [UInt8]) throws -> [JSON] {
    guard case .array(let list) = try JSON.parse(bytes)["resourceSpans"] else { return [] }
    return list
  }

  @Test(arguments: SampleRecords.all)
  func childrenLieWithinTheirParents(sample: SampleRecords.Named) throws {
    let resource = try #require(try Self.resources(OTLPFormat().render(sample.record)).first)
    let spans = try Self.spans(resource)
    let byID = Dictionary(uniqueKeysWithValues: spans.map { ($0.id, $0) })
    for span in spans {
      #expect(try span.trace.wholeMatch(of: Regex("[0-9a-f]{32}")) != nil)
      #expect(try span.id.wholeMatch(of: Regex("[0-9a-f]{16}")) != nil)
      #expect(span.trace == spans[0].trace)
      guard let parent = span.parent else {
        #expect(span.id == spans[0].id)
        continue
      }
      let around = try #require(byID[parent])
      #expect(span.start >= around.start && span.end <= around.end && span.end >= span.start)
    }
    let timed = sample.record.layers.filter { $0.time != nil }
    let expected = timed.isEmpty ? 0 : 1 + timed.count + timed.flatMap(\.primitives).count
    #expect(spans.count == expected)
  }

  @Test func timesCountFromTheStartOfTheRun() throws {
    let resource = try #require(
      try Self.resources(OTLPFormat().render(SampleRecords.deepspeech())).first)
    let root = try #require(try Self.spans(resource).first)
    // 2026-03-04T05:06:07Z
    #expect(root.start == 1_772_600_767_000_000_000)
    #expect(root.name == "deepspeech")
  }

  @Test func attributesHaveTypes() throws {
    let resource = try #require(
      try Self.resources(OTLPFormat().render(SampleRecords.deepspeech())).first)
    let about = try Self.attributes(resource["resource"]["attributes"])
    #expect(about["service.name"]?["stringValue"] == .string("ntprof"))
    #expect(about["host.cpu.model.name"]?["stringValue"] == .string("AMD EPYC 9R45"))
    #expect(about["ntprof.onednn.version"]?["stringValue"] == .string("2.6.3"))
    let layer = try #require(try Self.spans(resource).first { $0.name == "bilstm" }?.attributes)
    #expect(layer["ntprof.level"]?["stringValue"] == .string("layer"))
    #expect(layer["ntprof.parameters"]?["intValue"] == .string("67125248"))
    #expect(layer["ntprof.bound.class"]?["stringValue"] == .string("memory"))
    #expect(
      layer["ntprof.segments"]?["arrayValue"]["values"]
        == .array([.object(["stringValue": .string("rnn")])]))
    guard case .number? = layer["ntprof.metrics.gflops_per_second"]?["doubleValue"] else {
      Issue.record("no rate")
      return
    }
  }

  @Test func idsAreOfTheRecord() throws {
    func trace(_ record: RunRecord) throws -> String? {
      try Self.resources(OTLPFormat().render(record)).first.flatMap { try Self.spans($0).first }?
        .trace
    }
    let record = SampleRecords.deepspeech()
    var other = record
    other.created = "2026-03-04T05:06:08Z"
    #expect(try trace(record) == trace(record))
    #expect(try trace(record) != trace(other))
  }

  @Test func aDiffIsTwoTraces() throws {
    let diff = Diff(baseline: SampleRecords.deepspeech(), candidate: SampleRecords.variant())
    let traces = try Self.resources(OTLPFormat().render(diff)).map {
      try Self.spans($0).first?.trace
    }
    #expect(traces.count == 2 && Set(traces).count == 2)
  }
}
