import Profiling
import Reports
import TestSupport
import Testing

/// The trace-event form: slices nest, sums close, counters follow the layers.
@Suite struct TraceTests {
  /// An `X` event with whole nanoseconds.
  struct Slice {
    var name: String
    var level: String
    var track: Double
    var start: Int
    var end: Int
    var arguments: JSON
  }

  static func events(_ record: RunRecord) throws -> [JSON] {
    guard case .array(let events) = try JSON.parse(TraceFormat().render(record))["traceEvents"]
    else { return [] }
    return events
  }

  static func slices(_ record: RunRecord) throws -> [Slice] {
    try events(record).compactMap { event in
      guard event["ph"] == .string("X"), case .string(let name) = event["name"],
        case .string(let level) = event["cat"], case .number(let track) = event["tid"],
        case .number(let start) = event["ts"], case .number(let duration) = event["dur"]
      else { return nil }
      let from = Int((start * 1000).rounded())
      return Slice(
        name: name, level: level, track: track, start: from,
        end: from + Int((duration * 1000).rounded()), arguments: event["args"])
    }
  }

  /// Every slice lies within the one that is open when it begins.
  static func expectNested(_ slices: [Slice]) {
    for (_, track) in Dictionary(grouping: slices, by: \.track) {
      var open: [Slice] = []
      var last = 0
      for slice in track {
        #expect(slice.start >= last && slice.end >= slice.start)
        last = slice.start
        while let around = open.last, around.end <= slice.start, around.end < slice.end {
          open.removeLast()
        }
        if let around = open.last {
          #expect(slice.start >= around.start && slice.end <= around.end, "\(slice.name)")
        }
        open.append(slice)
      }
    }
  }

  @Test(arguments: SampleRecords.all)
  func nests(sample: SampleRecords.Named) throws {
    Self.expectNested(try Self.slices(sample.record))
  }

  @Test func layersAndTheRestAddUpToThePass() throws {
    let record = SampleRecords.deepspeech()
    let slices = try Self.slices(record)
    func sum(_ level: String) -> Int {
      slices.filter { $0.level == level }.reduce(0) { $0 + $1.end - $1.start }
    }
    let time = try #require(record.timedPass?.time)
    let nearest = try #require(
      time.samples.min { abs($0 - time.median) < abs($1 - time.median) })
    #expect(sum("network") == Int(nearest))
    #expect(sum("layer") + sum("unattributed") == sum("network"))
    #expect(sum("segment") == sum("layer") && sum("primitive") == sum("layer"))
    #expect(slices.count == 1 + 3 + 6 + 6 + 1)
    let pass = try #require(time.samples.firstIndex(of: nearest))
    for layer in record.layers {
      let slice = try #require(slices.first { $0.level == "layer" && $0.name == layer.name })
      #expect(Double(slice.end - slice.start) == layer.time?.samples[pass])
    }
  }

  @Test func slicesSayWhatRan() throws {
    let slices = try Self.slices(SampleRecords.withHardwareCounters())
    let layer = try #require(slices.first { $0.level == "layer" && $0.name == "bilstm" })
    #expect(layer.arguments["bound"]["class"] == .string("memory"))
    #expect(layer.arguments["input_shapes"] == .array([.string("16x1x2048")]))
    #expect(layer.arguments["counter_source"] == .string("papi"))
    guard case .number = layer.arguments["metrics"]["gflops_per_second"],
      case .number = layer.arguments["events"]["llc_misses"]
    else {
      Issue.record("no metrics")
      return
    }
    let primitive = try #require(slices.first { $0.level == "primitive" && $0.name == "rnn ref" })
    #expect(primitive.arguments["formats"]["weights"] == .string("ldigo"))
    #expect(primitive.arguments["algorithm"] == .string("vanilla_lstm"))
  }

  @Test func countersAreTracks() throws {
    let events = try Self.events(SampleRecords.withHardwareCounters())
      .filter { $0["ph"] == .string("C") }
    let names = Set(events.map { $0["name"] })
    #expect(
      names
        == Set(
          [
            "GFLOP/s", "GB/s", "cycles per layer", "instructions per layer",
            "l1d_misses per layer", "l2_misses per layer", "llc_misses per layer",
          ].map(JSON.string)))
    // One value a layer, and the end of the last.
    #expect(events.count { $0["name"] == .string("GB/s") } == 7)
  }

  /// Overlapping segments go to tracks of their own; nested ones and parts stay with the layers.
  @Test func segmentsThatOverlap() throws {
    var record = SampleRecords.deepspeech()
    record.segments = [
      SegmentRecord(name: "front", layers: ["fc1", "fc2", "fc3"]),
      SegmentRecord(name: "within", layers: ["fc2"]),
      SegmentRecord(name: "across", layers: ["fc3", "bilstm"]),
      SegmentRecord(name: "ends", layers: ["fc4", "bilstm", "fc1"]),
      SegmentRecord(name: "gone", layers: ["nowhere"]),
    ]
    let slices = try Self.slices(record)
    Self.expectNested(slices)
    func tracks(_ name: String) -> [Double] {
      slices.filter { $0.level == "segment" && $0.name == name }.map(\.track)
    }
    #expect(tracks("front") == [1] && tracks("within") == [1])
    #expect(tracks("across") == [2])
    #expect(tracks("ends") == [1, 1] && tracks("gone").isEmpty)
    #expect(slices.count { $0.level == "layer" } == 6)
  }

  @Test func layersOutsideTheSelectionAreInTheRest() throws {
    var record = SampleRecords.deepspeech()
    for index in 1...2 { record.layers[index].time = nil }
    let slices = try Self.slices(record)
    Self.expectNested(slices)
    #expect(slices.count { $0.level == "layer" } == 4)
    let rest = try #require(slices.first { $0.level == "unattributed" })
    #expect(rest.arguments["layers_without_time"] == .array([.string("fc2"), .string("fc3")]))
  }

  @Test func fusedLayersAreNamedByTheirHost() throws {
    var record = SampleRecords.deepspeech()
    record.layers[1].time = nil
    record.layers[1].fusedInto = "fc1"
    let slices = try Self.slices(record)
    let host = try #require(slices.first { $0.level == "layer" && $0.name == "fc1" })
    #expect(host.arguments["fused"] == .array([.string("fc2")]))
  }

  @Test func withoutTimesItIsEmptyAndSaysSo() throws {
    let record = SampleRecords.deepspeechShown()
    #expect(try Self.slices(record).isEmpty)
    #expect(try Self.events(record).allSatisfy { $0["ph"] == .string("M") })
    let document = try JSON.parse(TraceFormat().render(record))
    #expect(document["otherData"]["note"] == .string("the record holds no times"))
  }

  /// Samples with fractions: boundaries are rounded, so that nothing overlaps or gapes.
  @Test func fractionsOfNanoseconds() throws {
    var record = SampleRecords.large(layers: 50)
    var total = 0.0
    for index in record.layers.indices {
      let value = 1000.0 + Double(index) / 3
      total += value
      record.layers[index].time = TimeSummary(samples: [value])
      let parts = [value / 3, value / 3, value - 2 * (value / 3)]
      record.layers[index].primitives = parts.map { part in
        PrimitiveRecord(
          kind: "reorder", implementation: "ref", time: TimeSummary(samples: [part]))
      }
    }
    record.timedPass = TimedPass(time: TimeSummary(samples: [total]))
    let slices = try Self.slices(record)
    Self.expectNested(slices)
    for level in ["layer", "primitive"] {
      let sum = slices.filter { $0.level == level }.reduce(0) { $0 + $1.end - $1.start }
      #expect(sum == Int(total.rounded()), "\(level)")
    }
  }
}
