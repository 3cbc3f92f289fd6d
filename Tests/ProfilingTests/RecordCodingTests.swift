import Foundation
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
    record.layers[0].flops = 1 << 53
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

@Suite("Numbers that nobody measured") struct NumberRangeTests {
  /// A sample record with one of its numbers replaced.
  private static func text(_ key: String, _ number: String) throws -> [UInt8] {
    let text = String(decoding: RecordCoding.encode(SampleRecords.deepspeech()), as: UTF8.self)
    let pattern = try Regex("\"\(key)\": -?[0-9.e+]+")
    let found = try #require(text.firstMatch(of: pattern))
    return Array(text.replacingCharacters(in: found.range, with: "\"\(key)\": \(number)").utf8)
  }

  @Test(
    "are refused with their place",
    arguments: [
      ("clock_hz", "1e300", "machine.rooflines.clock_hz"),
      ("cores", "4611686018427387904", "machine.cores"),
      ("flops", "9007199254740993", "totals.flops"),
      ("f32", "-1e19", "machine.rooflines.peak_flops.f32"),
    ])
  func refused(key: String, number: String, path: String) throws {
    #expect(throws: RecordError.self) { try RecordCoding.decode(try Self.text(key, number)) }
    do { _ = try RecordCoding.decode(try Self.text(key, number)) } catch {
      let words = "\(error)"
      #expect(words.contains("'\(path)'") && words.contains(number), "\(words)")
    }
  }

  @Test("a seed has 64 bits, and so have params")
  func free() throws {
    let decoded = try RecordCoding.decode(try Self.text("seed", "18446744073709551615"))
    #expect(decoded.options.seed == .max)
    var record = SampleRecords.deepspeech()
    record.topology.parameters = ["a \"b\" {": .min, "c": .max]
    #expect(try RecordCoding.decode(RecordCoding.encode(record)) == record)
  }

  @Test("what is only compared or a user's may be any number in any document, and nothing else")
  func freeElsewhere() throws {
    func read<Value: Decodable & Equatable>(_ text: String, as type: Value.Type) throws -> Value {
      try CheckedJSON.decode(type, from: text.utf8)
    }
    let large = Int.max
    #expect(try read("{\"tid\": \(large)}", as: [String: Int].self) == ["tid": large])
    typealias Lists = [String: [[String: Int]]]
    let assigned = "{\"assignments\": [{\"value\": 1}, {\"value\": \(large)}]}"
    #expect(try read(assigned, as: Lists.self)["assignments"]?.last == ["value": large])
    let fault = #expect(throws: NumberRange.Fault.self) {
      try read("{\"others\": [{\"value\": 1}, {\"value\": \(large)}]}", as: Lists.self)
    }
    #expect(fault?.path == "others[1].value")
    #expect(throws: NumberRange.Fault.self) { try read("[1, 1e300]", as: [Double].self) }
    #expect(throws: DecodingError.self) { try read("[1, \"a\"]", as: [Double].self) }
  }

  @Test("what a ratio gives is rounded to what there is")
  func rounding() {
    #expect(Int(rounding: 2.5) == 3 && Int(rounding: -2.4) == -2 && Int(rounding: .nan) == 0)
    #expect(Int(rounding: 1e300) > 9_000_000_000_000_000_000 && Int(rounding: -.infinity) == .min)
  }

  @Test("a sweep whose parts do not fit is refused")
  func sweep() throws {
    let whole = SampleRecords.sweep()
    func refuses(_ change: (inout Sweep) -> Void) -> Bool {
      var sweep = whole
      change(&sweep)
      return (try? RecordCoding.decodeSweep(RecordCoding.encode(sweep))) == nil
    }
    #expect(!refuses { _ in })
    #expect(refuses { $0.points[1].index = 99 })
    #expect(refuses { $0.points[0].disturbed = [77] })
    #expect(refuses { $0.plan.rounds = 0 })
    #expect(refuses { $0.points[0].settings = [] })
    #expect(refuses { $0.plan.axes[0].values = [] })
  }
}

@Suite("Samples of a long run") struct SampleThinningTests {
  /// Which of so many samples are kept, in order.
  private static func kept(_ count: Int, room: Int) -> (places: [Int], stride: Int) {
    var thinning = SampleThinning(room: room)
    var places: [Int] = []
    for place in 0..<count where thinning.keepsNext() {
      places.append(place)
      if let stay = thinning.halving() { places = stay.map { places[$0] } }
    }
    return (places, thinning.stride)
  }

  @Test("all are kept while there is room, then one of each block, evenly")
  func blocks() {
    #expect(Self.kept(99, room: 100).places == Array(0..<99))
    for count in [100, 101, 1000, 54_321] {
      let (places, stride) = Self.kept(count, room: 100)
      #expect((50...100).contains(places.count), "\(count): \(places.count)")
      // One of each block in a row, in the order they ran.
      #expect(places.enumerated().allSatisfy { $1 / stride == $0 }, "\(count)")
    }
  }

  @Test("percentiles of a million samples are right within the stated error")
  func percentiles() {
    var random = SplitMix64(seed: 9)
    let all = (0..<1_000_000).map { _ in random.uniform() }
    let places = Self.kept(all.count, room: 10_000).places
    let sorted = places.map { all[$0] }.sorted()
    for p in [0.5, 0.9, 0.99] {
      // Uniform over 0 to 1, the percentile's rank is its value.
      let error = 1.96 * (p * (1 - p) / Double(sorted.count)).squareRoot()
      #expect(abs(Percentiles.value(p, ofSorted: sorted) - p) < 1.5 * error, "\(p)")
    }
  }

  @Test(
    "also of samples that drift, that take turns, and of which one in a thousand is slow",
    arguments: [0, 1, 2])
  func shapes(_ shape: Int) {
    var random = SplitMix64(seed: 5)
    let count = 1_000_000
    let all = (0..<count).map { place in
      let noise = random.uniform()
      return switch shape {
      case 0: noise + 3 * Double(place) / Double(count)
      case 1: noise + Double(place % 7)
      default: place % 1000 == 0 ? 50 + noise : noise
      }
    }
    let kept = Self.kept(count, room: 10_000).places.map { all[$0] }.sorted()
    #expect((5000...10_000).contains(kept.count))
    let sorted = all.sorted()
    for p in [0.1, 0.5, 0.9, 0.99] {
      let value = Percentiles.value(p, ofSorted: kept)
      let rank = Double(sorted.count { $0 < value }) / Double(count)
      let error = 1.96 * (p * (1 - p) / Double(kept.count)).squareRoot()
      #expect(abs(rank - p) < 1.5 * error, "\(p): \(rank)")
    }
  }
}
