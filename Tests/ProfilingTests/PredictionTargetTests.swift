import Foundation
import TestSupport
import Testing

@testable import Profiling

/// What is predicted for, and the files that say so.
@Suite("Targets of predictions") struct PredictionTargetTests {
  @Test func targetsAreChosenByThreadsAndInstructionSet() throws {
    let record = PredictionSpecimens.record()
    var file = PredictionSpecimens.machine(like: record)
    var two = try #require(file.machine.rooflines)
    two.threads = 2
    var narrow = two
    narrow.peakFlops.f32 /= 3
    file.roofs = [.init(isa: nil, rooflines: two), .init(isa: "avx2", rooflines: narrow)]
    #expect(try PredictionTarget(file).threads == 1)
    #expect(try PredictionTarget(file, threads: 2).roofs == two)
    let capped = try PredictionTarget(file, threads: 2, isa: "AVX2")
    #expect(capped.roofs == narrow && capped.isa == "avx2" && capped.cap == "avx2")
    #expect(try PredictionTarget(file, isa: "avx512").cap == nil)
    for (threads, isa, words) in [
      (3, nil, "no roofs for 3 threads"), (1, "avx2", "1 thread, avx2"),
      (1, "avx512_core_amx", nil),
    ] as [(Int, String?, String?)] {
      let fault = #expect(throws: PredictionFault.self) {
        _ = try PredictionTarget(file, threads: threads, isa: isa)
      }
      #expect(fault?.isAbsent == true)
      if let words { #expect(fault?.reason.contains(words) == true, "\(fault?.reason ?? "")") }
    }
    var wide = file
    wide.machine.onednn?.isa = "avx2"
    let refused = #expect(throws: PredictionFault.self) {
      _ = try PredictionTarget(wide, threads: 2, isa: "avx512")
    }
    #expect(refused?.reason == "has avx2, and no avx512_core")
    for change in [
      { $0.machine.rooflines = nil }, { $0.machine.rooflines?.peakFlops.f32 = 0 },
      { $0.machine.rooflines?.bandwidth = [] },
    ] as [(inout MachineFile) -> Void] {
      var bare = PredictionSpecimens.machine(like: record)
      change(&bare)
      let fault = #expect(throws: PredictionFault.self) { _ = try PredictionTarget(bare) }
      #expect(fault?.isAbsent == false)
    }
  }

  @Test func aSourceWithoutRoofsOrTimesSaysSo() throws {
    var record = PredictionSpecimens.record()
    let file = PredictionSpecimens.machine(like: record)
    record.machine.rooflines = nil
    #expect(throws: PredictionFault.self) { _ = try PredictionSpecimens.predict(record, for: file) }
    record = PredictionSpecimens.record()
    for index in record.layers.indices { record.layers[index].time = nil }
    #expect(throws: PredictionFault.self) { _ = try PredictionSpecimens.predict(record, for: file) }
  }

  @Test func whatCannotBeKnownIsSaid() throws {
    var record = PredictionSpecimens.record()
    record.peakMemoryBytes = 1 << 40
    var file = PredictionSpecimens.machine(like: record, isa: "avx2", threads: 64)
    file.machine.onednn?.version = "9.9"
    file.machine.memoryBytes = 1 << 30
    file.machine.threads = 2
    file.machine.rooflines?.disturbance = 0.5
    let made = try PredictionSpecimens.predict(record, for: file)
    for words in [
      "what code for avx2 reaches", "how layers share 64 threads", "oneDNN 9.9 there",
      "whether it fits", "64 threads on 2 logical CPUs", "50 %", "rates of copying",
    ] {
      #expect(made.unknown.contains { $0.contains(words) }, "\(words): \(made.unknown)")
    }
  }

  @Test func machineFilesAreRead() throws {
    let bytes = try RepositoryFiles.bytes(of: "Tests/Fixtures/machine-zen4.json")
    let file = try RecordCoding.decodeMachine(bytes)
    #expect(file.machine.rooflines?.threads == 2 && file.roofs.count == 1)
    #expect(try PredictionTarget(file, threads: 1).isa == "avx512_core_bf16")
    #expect(try RecordCoding.decodeMachine(RecordCoding.encode(file)) == file)
    let schema = JSONSchema(try JSON.parse(RepositoryFiles.bytes(of: "docs/machine.schema.json")))
    #expect(schema.errors(in: try JSON.parse(RecordCoding.encode(file))) == [])
    let record = PredictionSpecimens.record()
    #expect(try RecordCoding.decodeMachine(RecordCoding.encode(record)).machine == record.machine)
    // As versions before printed it.
    let old = String(decoding: bytes, as: UTF8.self).replacing(
      "\"schema\": \"ntprof.machine/1\",", with: "")
    #expect(try RecordCoding.decodeMachine(Array(old.utf8)) == file)
  }

  @Test(
    "machines that cannot be are refused by the place of the fault",
    arguments: [
      ("\"f32\": 2", "\"f32\": -2", "peak_flops.f32"),
      ("\"clock_hz\": 3", "\"clock_hz\": -3", "clock_hz"),
      ("\"bytes\": 57344", "\"bytes\": 5", "rooflines.bandwidth[1]"),
      ("\"gbs\": 442", "\"gbs\": -442", "rooflines.bandwidth[1]"),
      ("\"gbs\": 442", "\"gbs\": 1e300, \"was\": 442", "gbs"), ("\"cpu\"", "\"cpo\"", "cpu"),
      ("ntprof.machine/1", "ntprof.machine/9", "ntprof.machine/9"),
      ("ntprof.machine/1", "ntprof.diff/1", "ntprof.diff/1"),
      ("\"threads\": 1", "\"threads\": 0", "threads"),
    ])
  func hostileMachines(old: String, new: String, words: String) throws {
    let text = String(
      decoding: try RepositoryFiles.bytes(of: "Tests/Fixtures/machine-zen4.json"), as: UTF8.self)
    let changed = text.replacing(old, with: new)
    #expect(changed != text)
    let error = #expect(throws: RecordError.self) {
      _ = try RecordCoding.decodeMachine(Array(changed.utf8))
    }
    #expect(error.map { "\($0)".contains(words) } == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func whatIsNoMachineIsNone() {
    for text in ["", " ", "{", "[]", "1", "null", "{}", "{\"schema\": 3}", "{\"cpu\": 1}"] {
      #expect(throws: RecordError.self, "\(text)") {
        _ = try RecordCoding.decodeMachine(Array(text.utf8))
      }
    }
  }

  @Test func documentsAreAsTheirSchemaSays() throws {
    let record = PredictionSpecimens.record()
    let file = PredictionSpecimens.machine(like: record, isa: "avx2")
    let made = try PredictionSpecimens.predict(
      record, for: file, from: PredictionSpecimens.pairs(3, factor: 1.2, on: file))
    let bytes = RecordCoding.encode(made)
    #expect(try RecordCoding.decodePrediction(bytes) == made)
    let tree = try JSON.parse(RepositoryFiles.bytes(of: "docs/prediction.schema.json"))
    #expect(JSONSchema(tree).errors(in: try JSON.parse(bytes)) == [])
    let shared = try JSON.parse(RepositoryFiles.bytes(of: "docs/record.schema.json"))
    for name in ["machine", "topology", "options", "engine", "onednn"] {
      #expect(tree["$defs"][name] != .null && tree["$defs"][name] == shared["$defs"][name])
    }
    #expect(
      tree["$defs"]["layer"]["properties"]["method"]["enum"]
        == .array(Prediction.Method.allCases.map { .string($0.rawValue) }))
    let machine = try JSON.parse(RepositoryFiles.bytes(of: "docs/machine.schema.json"))
    guard case .object(let members) = shared["$defs"]["machine"]["properties"] else {
      Issue.record("no machine")
      return
    }
    for (name, rule) in members { #expect(machine["properties"][name] == rule) }
    for (old, new) in [("\"ci95\": [", "\"ci95\": [1e17, "), ("\"ns\": ", "\"ns\": -")] {
      let wrong = String(decoding: bytes, as: UTF8.self).replacing(old, with: new)
      #expect(throws: RecordError.self) { _ = try RecordCoding.decodePrediction(Array(wrong.utf8)) }
    }
  }
}
