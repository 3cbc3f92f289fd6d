import Foundation
import Profiling
import Reports
import TestSupport
import Testing

/// Records that lack what later versions added, or were cut short, still render.
@Suite struct OldRecordTests {
  /// Keys that a record may lack, by where they stand.
  static let optional: [String: [String]] = [
    "": [
      "end_to_end", "timed_pass", "unattributed", "overhead", "peak_memory_bytes",
      "predicted_memory_bytes", "simulation",
    ],
    "machine": ["papi", "onednn", "rooflines", "governor", "microarchitecture"],
    "layers": ["line", "inputs", "time", "share", "counters", "bound", "fused_into"],
    "segments": ["time", "share", "counters", "bound"],
  ]

  static let removals: [(place: String, keys: [String])] =
    optional.sorted { $0.key < $1.key }.flatMap { place, keys in
      keys.map { (place, [$0]) } + [(place, keys)]
    }

  /// A full record without some keys.
  private static func record(without keys: [String], in place: String) throws -> RunRecord {
    var full = SampleRecords.withHardwareCounters()
    for i in full.layers.indices { full.layers[i].inputs = i == 0 ? ["x"] : [full.layers[0].name] }
    let data = Data(RecordCoding.encode(full))
    var tree = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    func strip(_ part: Any?) -> Any? {
      if let object = part as? [String: Any] { return object.filter { !keys.contains($0.key) } }
      return (part as? [[String: Any]])?.map { $0.filter { !keys.contains($0.key) } }
    }
    if place.isEmpty {
      tree = tree.filter { !keys.contains($0.key) }
    } else {
      tree[place] = strip(tree[place])
    }
    return try RecordCoding.decode(Array(try JSONSerialization.data(withJSONObject: tree)))
  }

  @Test(arguments: optional.keys.sorted(), [false, true])
  func rendersInEveryFormat(place: String, withAssets: Bool) throws {
    let options = ReportOptions(assets: withAssets ? PageAssetsTests.Fake() : nil)
    for keys in Self.removals where keys.place == place {
      let record = try Self.record(without: keys.keys, in: place)
      for format in ReportFormats.all {
        let bytes = format.render(record, options: options)
        #expect(!bytes.isEmpty, "\(format.name) without \(keys.keys)")
        let diff = Diff(baseline: record, candidate: SampleRecords.deepspeech())
        #expect(!format.render(diff, options: options).isEmpty)
        guard format.name == "html" else { continue }
        let problem = WellFormedness.problem(in: String(decoding: bytes, as: UTF8.self))
        #expect(problem == nil, "without \(keys.keys)")
      }
    }
  }
}
