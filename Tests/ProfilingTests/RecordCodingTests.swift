import Profiling
import TestSupport
import Testing

@Suite struct RecordCodingTests {
  @Test(arguments: SampleRecords.all)
  func roundTrip(sample: SampleRecords.Named) throws {
    let bytes = RecordCoding.encode(sample.record)
    let read = try RecordCoding.decode(bytes)
    #expect(read == sample.record)
    #expect(RecordCoding.encode(read) == bytes)
  }

  @Test func readsLikeADocument() {
    let text = String(decoding: RecordCoding.encode(SampleRecords.deepspeech()), as: UTF8.self)
    #expect(
      text.hasPrefix(
        "{\n  \"schema\": \"ntprof.record/1\",\n  \"created\": \"2026-03-04T05:06:07Z\",\n"))
    #expect(text.contains("\n  \"tool\": {\"name\": \"ntprof\", \"version\": \"0.1.0\"},\n"))
    #expect(text.contains("\"throughput_per_second\": "))
    #expect(text.contains("\"gflops_per_second\": "))
    #expect(text.contains("\"first_inference_ns\": 312000000"))
    #expect(!text.contains("null"))
    #expect(!text.contains("\"governor\""))
    #expect(text.hasSuffix("}\n"))
    let samples = text.split(separator: "\n").filter { $0.contains("\"samples\": [") }
    #expect(samples.allSatisfy { $0.hasSuffix("],") })
  }

  @Test func namesOfEventsAreNotTouched() throws {
    var record = SampleRecords.deepspeech()
    record.layers[0].counters = CounterRecord(
      source: "papi", events: ["PAPI_TOT_INS": .init(value: 5), "perf::CYCLES:u": .init(value: 7)],
      threads: [["PAPI_TOT_INS": 5]])
    record.layers[0].metrics["someMetric"] = 1
    let read = try RecordCoding.decode(RecordCoding.encode(record))
    #expect(read == record)
  }

  @Test func numbersThatJSONCannotHoldAreLeftOut() throws {
    var record = SampleRecords.deepspeech()
    record.layers[0].metrics["x"] = .nan
    record.layers[0].metrics["y"] = .infinity
    let read = try RecordCoding.decode(RecordCoding.encode(record))
    #expect(read.layers[0].metrics["x"] == nil)
    #expect(read.layers[0].metrics["y"] == nil)
  }

  @Test func extremeNumbersSurvive() throws {
    var record = SampleRecords.deepspeechShown()
    record.options.seed = .max
    record.layers[0].flops = .max
    record.layers[0].arithmeticIntensity = 1.5e-300
    #expect(try RecordCoding.decode(RecordCoding.encode(record)) == record)
  }

  @Test func whatIsNotARecord() throws {
    func error(_ text: String) -> RecordError? {
      do {
        _ = try RecordCoding.decode(Array(text.utf8))
        return nil
      } catch { return error }
    }
    #expect(error("") == .empty)
    #expect(error(" \n") == .empty)
    #expect(error("latency 5 ms") == .notJSON)
    #expect(error("{\"schema\": nonsense}") == .notJSON)
    #expect(error("{\"traceEvents\": []}") == .foreign)
    #expect(error("[1, 2]") == .foreign)
    #expect(error("{\"schema\": 1}") == .foreign)
    #expect(error("{\"schema\": \"http://json-schema.org\"}") == .foreign)
    #expect(
      error("{\"schema\": \"ntprof.record/2\"}")
        == .unknownSchema(found: "ntprof.record/2", expected: "ntprof.record/1"))
    #expect(
      error("{\"schema\": \"ntprof.diff/1\"}")
        == .unknownSchema(found: "ntprof.diff/1", expected: "ntprof.record/1"))
    #expect(error("{\"schema\": \"ntprof.record/1\"}") == .missingField(path: "created"))
  }

  @Test func truncatedAnywhere() throws {
    let bytes = RecordCoding.encode(SampleRecords.deepspeech())
    for length in stride(from: 1, to: bytes.count - 2, by: 977) {
      #expect(throws: RecordError.truncated, "\(length) bytes") {
        try RecordCoding.decode(Array(bytes.prefix(length)))
      }
    }
  }

  @Test func missingAndWrongFieldsAreNamed() throws {
    let text = String(decoding: RecordCoding.encode(SampleRecords.deepspeech()), as: UTF8.self)
    let noShape = text.replacing("\"output_shape\": \"16x1x29\"", with: "\"other\": 1")
    #expect(throws: RecordError.missingField(path: "layers[5].output_shape")) {
      try RecordCoding.decode(Array(noShape.utf8))
    }
    let wrong = text.replacing("\"batch\": 1", with: "\"batch\": \"one\"")
    do {
      _ = try RecordCoding.decode(Array(wrong.utf8))
      Issue.record("a batch that is a text was read")
    } catch {
      guard case .invalidField(let path, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(path == "options.batch")
    }
  }

  @Test func unknownKeysAreIgnored() throws {
    let text = String(decoding: RecordCoding.encode(SampleRecords.deepspeech()), as: UTF8.self)
    let newer = text.replacing("\"batch\": 1,", with: "\"batch\": 1, \"from_the_future\": [1],")
    #expect(try RecordCoding.decode(Array(newer.utf8)) == SampleRecords.deepspeech())
  }

  @Test func errorsSpeakPlainly() {
    #expect(RecordError.exitStatus == 65)
    #expect(
      RecordError.missingField(path: "layers[3].name").description
        == "the record lacks 'layers[3].name'")
  }
}
