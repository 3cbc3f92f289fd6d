import Foundation
import TestSupport
import Testing

@testable import Profiling

/// What records hold is typed, and their JSON is what it always was.
@Suite struct VocabularyTests {
  @Test(
    "records of the repository are the same bytes when they are written again",
    arguments: ["deepspeech", "deepspeech-batch64", "mobilenet-v1"])
  func bytes(name: String) throws {
    let bytes = try RepositoryFiles.bytes(of: "reports/examples/\(name).json")
    // What reading adds (reasons of records that state none) is not what is asked here.
    let again = try RecordCoding.decode(RecordCoding.encode(RecordCoding.decode(bytes)))
    #expect(try RecordCoding.encode(again) == RecordCoding.encode(RecordCoding.decode(bytes)))
    let (old, new) = (try tree(bytes), try tree(RecordCoding.encode(again)))
    for (one, other) in zip(try layers(old), try layers(new)) {
      for key in ["precision", "input_shapes", "output_shape", "metrics", "bound", "counters"] {
        #expect(one[key] as? NSObject == other[key] as? NSObject, "\(name): \(key)")
      }
    }
  }

  private func tree(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  private func layers(_ record: [String: Any]) throws -> [[String: Any]] {
    let layers = try #require(record["layers"] as? [[String: Any]])
    #expect(layers.count > 5)
    return layers
  }

  @Test(
    "shapes are read as they are written, and no other way",
    arguments: [
      ("", []), ("7", [7]), ("1x3x224x224", [1, 3, 224, 224]), ("0x2", [0, 2]), ("1x", nil),
      ("x", nil), ("01x2", nil), ("+1x2", nil), ("1 x2", nil), ("a", nil), ("1x2X3", nil),
      ("99999999999999999999", nil),
    ] as [(String, [Int]?)])
  func dims(text: String, sizes: [Int]?) throws {
    let json = Data("[\"\(text)\"]".utf8)
    guard let sizes else {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode([Dims].self, from: json) }
      return
    }
    #expect(try JSONDecoder().decode([Dims].self, from: json) == [Dims(sizes)])
    #expect(
      try String(decoding: JSONEncoder().encode([Dims(sizes)]), as: UTF8.self) == "[\"\(text)\"]")
  }

  @Test("numbers that this version does not know are kept, and the roofline's are told apart")
  func numbers() throws {
    let json = #"{"ipc":2,"of_a_later_version":7,"roofline_memory_ns":10,"roofline_new":3}"#
    let metrics = try JSONDecoder().decode(MetricValues.self, from: Data(json.utf8))
    #expect(metrics[.ipc] == 2 && metrics["of_a_later_version"] == 7)
    #expect(metrics.roofline == ["memory_ns": 10, "new": 3])
    #expect(metrics["roofline_memory_ns"] == nil)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(try String(decoding: encoder.encode(metrics), as: UTF8.self) == json)
  }

  @Test("layers and segments keep their roofs alike")
  func roofs() {
    var layer = SampleRecords.deepspeech().layers[0]
    layer.metrics = [:]
    layer.bound = Bound(
      class: .memory, method: .roofline, confidence: "high", evidence: [.memoryNs: 3])
    #expect(layer.roofs == [.memoryNs: 3])
    var segment = SegmentRecord(name: "s", layers: [])
    #expect(segment.roofs == nil)
    segment.take(
      Judgement(
        JudgementInput(
          flops: 1, trafficBytes: 1, timeNs: 1, peakFlopsPerSecond: 1,
          roofline: Bound(class: .core, method: .none, confidence: "low"), counters: nil)))
    #expect(segment.bound?.class == .core && segment.roofs == nil)
    segment.metrics.roofline = [.memoryNs: 4]
    segment.bound = Bound(class: .core, method: .topDown, confidence: "high")
    #expect(segment.roofs == [.memoryNs: 4])
  }
}
