import Foundation
import TestSupport
import Testing

@testable import Profiling

/// Predictions from records and roofs.
@Suite("Predictions") struct PredictionTests {
  // MARK: Specimens

  /// A core-bound, a memory-bound and a tiny convolution; 1 thread unless said otherwise.
  private static func record(
    times: [Double] = [1_000_000, 500_000, 3_000], name: String = "a",
    implementation: String = "jit:avx512_core", threads: Int = 1
  ) -> RunRecord {
    let layers = [
      conv(times[0], flops: 90_000_000, bytes: 1_000_000, 0, implementation),
      conv(times[1], flops: 500_000, bytes: 9_000_000, 1, implementation),
      conv(times[2], flops: 1000, bytes: 1000, 2, implementation),
    ]
    var record = HandMade.record(layers, threads: threads)
    record.topology.sha256 = SHA256.hexDigest(of: Array(name.utf8))
    record.options.isa = nil
    record.options.threadsRan = threads
    record.machine.onednn?.isa = "avx512_core"
    record.endToEnd?.time = TimeSummary(samples: Array(repeating: times.reduce(0, +), count: 8))
    return record
  }

  private static func conv(
    _ time: Double, flops: Int, bytes: Int, _ index: Int, _ implementation: String
  ) -> LayerRecord {
    var layer = HandMade.row(
      "conv", time: time, memory: 0, compute: 0, index: index, input: ["1x8x8x8"],
      output: "1x8x8x8", flops: flops,
      bytes: Bytes(weights: 0, input: bytes / 2, output: bytes / 2),
      primitive: PrimitiveRecord(
        kind: "convolution", implementation: implementation,
        time: TimeSummary(samples: Array(repeating: time, count: 8))))
    layer.bound = nil
    layer.kind = index == 1 ? "pool" : "conv"
    return layer
  }

  /// Another machine whose peak and bandwidths are so many times those of the record.
  private static func machine(
    like record: RunRecord, peak: Double = 1, bandwidth: Double = 1, isa: String? = nil,
    threads: Int? = nil
  ) -> MachineFile {
    var machine = record.machine
    machine.cpu = "Another"
    machine.rooflines?.peakFlops.f32 *= peak
    machine.rooflines?.threads = threads ?? record.options.threads ?? 1
    for index in machine.rooflines?.bandwidth.indices ?? 0..<0 {
      machine.rooflines?.bandwidth[index].gbs *= bandwidth
      machine.rooflines?.bandwidth[index].copyGbs = nil
    }
    if let isa {
      machine.isa = isa
      machine.onednn?.isa = isa
    }
    return MachineFile(machine: machine)
  }

  private static func predict(
    _ record: RunRecord, for file: MachineFile, from others: [RunRecord] = [],
    bricks: [Predictor.KnownBrick] = []
  ) throws -> Prediction {
    let target = try PredictionTarget(file)
    return try Predictor(for: target, from: others).predict(
      record, bricks: bricks, created: record.created, command: ["ntprof", "predict"],
      tool: record.tool)
  }

  private static func ratios(_ prediction: Prediction) -> [Double] {
    prediction.layers.compactMap(\.ratio)
  }

  // MARK: The roofs

  @Test func equalRoofsGiveEqualTimes() throws {
    let record = Self.record()
    let made = try Self.predict(record, for: Self.machine(like: record))
    for ratio in Self.ratios(made) { #expect(abs(ratio - 1) < 1e-9) }
    #expect(made.layers.allSatisfy { $0.method == .roofs })
    #expect(abs(made.whole.ns - 1_503_000) < 1 && abs(made.restNs) < 1e-6)
    #expect(made.whole.ci95[0] < made.whole.ns && made.whole.ns < made.whole.ci95[1])
    #expect(made.model.pairs == 0 && made.model.errorPercent == nil)
    #expect(abs((made.shares["roofs"] ?? 0) - 1) < 1e-9)
  }

  @Test("each layer goes with the roof that limits it; what neither explains stays")
  func limits() throws {
    let record = Self.record()
    let peak = Self.ratios(
      try Self.predict(record, for: Self.machine(like: record, peak: 2)))
    #expect(abs(peak[0] - 0.5) < 0.01 && peak[1] > 0.99 && peak[2] > 0.95)
    let bandwidth = Self.ratios(
      try Self.predict(record, for: Self.machine(like: record, bandwidth: 0.5)))
    #expect(bandwidth[0] < 1.01 && abs(bandwidth[1] - 2) < 0.01 && bandwidth[2] < 1.1)
    let both = try Self.predict(
      record, for: Self.machine(like: record, peak: 0.25, bandwidth: 0.25))
    #expect(abs(Self.ratios(both)[0] - 4) < 0.05 && both.layers[0].limit == .core)
    #expect(both.layers[1].limit == .memory && both.layers[2].limit == .latency)
  }

  @Test("narrower vectors lengthen the arithmetic, and not what is lost beside it")
  func narrowerVectors() throws {
    let record = Self.record()
    let file = Self.machine(like: record, peak: 0.5, isa: "avx2")
    let made = try Self.predict(record, for: file)
    let (here, there) = (made.layers[0].sourceRoof, made.layers[0].targetRoof)
    let roofs = try #require(here.map { ($0.computeNs, there?.computeNs ?? 0) })
    #expect(abs(roofs.1 - 2 * roofs.0) < 1)
    // 1 ms here, 0.9 ms of it arithmetic: 1.9 ms there, where carrying the proportion over would give 2 ms.
    #expect(abs((made.layers[0].predicted?.ns ?? 0) - 1.9e6) < 5e3)
    // With the same vectors the proportion stays.
    let same = try Self.predict(record, for: Self.machine(like: record, peak: 0.5))
    #expect(abs((same.layers[0].predicted?.ns ?? 0) - 2e6) < 5e3)
    // What is lost goes with the clock.
    var slow = file
    slow.machine.rooflines?.clockHz /= 2
    #expect(abs((try Self.predict(record, for: slow).layers[0].predicted?.ns ?? 0) - 2e6) < 5e3)
  }

  @Test("a median that neighbours left uncertain widens the interval, and not without bound")
  func disturbedSource() throws {
    var record = Self.record()
    let quiet = try Self.predict(record, for: Self.machine(like: record)).whole
    // Another program held a layer for 400 ms.
    record.layers[0].time?.ci95 = [1e6, 4e8]
    let made = try Self.predict(record, for: Self.machine(like: record)).whole
    #expect(made.ci95[1] / made.ns > 2 * quiet.ci95[1] / quiet.ns)
    #expect(made.ci95[1] / made.ns < 400)
  }

  @Test("plain loops go with the clock, not with the width of vectors")
  func plainLoops() throws {
    var record = Self.record()
    record.layers[0].primitives[0].kind = "host"
    let made = try Self.predict(record, for: Self.machine(like: record, peak: 0.25))
    #expect(abs(Self.ratios(made)[0] - 1) < 1e-9)
    var slow = Self.machine(like: record)
    slow.machine.rooflines?.clockHz /= 2
    #expect(abs(Self.ratios(try Self.predict(record, for: slow))[0] - 2) < 0.01)
  }

  @Test("Winograd's algorithm gives way to the direct one where the library has it not")
  func winograd() throws {
    var record = Self.record(implementation: "jit_wino_4x3:avx512_core")
    // It executes a quarter of the operations.
    record.layers[0].bound = Bound(
      class: .core, method: .roofline, confidence: "high",
      evidence: ["compute_ns": 225_000, "peak_gflops": 100, "memory_ns": 0])
    record.layers[0].time = TimeSummary(samples: Array(repeating: 300_000, count: 8))
    let wide = try Self.predict(record, for: Self.machine(like: record))
    #expect(abs((wide.layers[0].ratio ?? 0) - 1) < 1e-9)
    let narrow = try Self.predict(record, for: Self.machine(like: record, isa: "avx2"))
    #expect((narrow.layers[0].predicted?.ns ?? 0) > 900_000)
    #expect(narrow.unknown.contains { $0.contains("Winograd") })
    // What a search found of the direct algorithm is better than any rule.
    record.layers[0].primitives[0].time = record.layers[0].time
    record.layers[0].primitives[0].alternatives = [
      Alternative(implementation: "jit:avx512_core", algorithm: "convolution_direct", time: 1.5e6)
    ]
    let tried = try Self.predict(record, for: Self.machine(like: record, isa: "avx2"))
    #expect(abs((tried.layers[0].predicted?.ns ?? 0) - 1.5e6) < 1e3)
  }

  @Test("what stands between layers goes with the clock; what timing adds goes with them")
  func rest() throws {
    var record = Self.record()
    record.endToEnd?.time = TimeSummary(samples: Array(repeating: 1_603_000, count: 8))
    var file = Self.machine(like: record, peak: 2, bandwidth: 2)
    file.machine.rooflines?.clockHz *= 2
    #expect(abs(try Self.predict(record, for: file).restNs - 50_000) < 1)
    record.endToEnd?.time = TimeSummary(samples: Array(repeating: 1_352_700, count: 8))
    let made = try Self.predict(record, for: file)
    #expect(abs(made.restNs / (made.whole.ns - made.restNs) + 0.1) < 1e-9)
  }

  // MARK: What is learnt

  /// Records of other networks here and on a machine where layers lose `factor` more.
  private static func pairs(_ count: Int, factor: Double, on file: MachineFile) -> [RunRecord] {
    (0..<count).flatMap { index -> [RunRecord] in
      let scale = 1 + 0.1 * Double(index)
      let here = Self.record(times: [1e6 * scale, 5e5 * scale, 3e3], name: "other\(index)")
      var there = Self.record(
        times: [1e6 * scale * factor, 5e5 * scale, 3e3], name: "other\(index)",
        implementation: "jit:avx2")
      there.machine = file.machine
      return [here, there]
    }
  }

  @Test("records of both sides move the classes that they show, and narrow the interval")
  func learning() throws {
    let record = Self.record()
    let file = Self.machine(like: record, isa: "avx2")
    let none = try Self.predict(record, for: file)
    let others = Self.pairs(6, factor: 1.5, on: file)
    let made = try Self.predict(record, for: file, from: others)
    let ratios = Self.ratios(made)
    #expect((1.35...1.7).contains(ratios[0]), "\(ratios)")
    #expect((0.95...1.1).contains(ratios[1]), "\(ratios)")
    #expect(made.layers.allSatisfy { $0.method != .roofs })
    #expect(made.model.pairs == 18 && made.model.networks == 6)
    #expect(try #require(made.model.errorPercent) < 5)
    func width(_ figure: Prediction.Figure) -> Double { figure.ci95[1] / figure.ci95[0] }
    #expect(width(made.whole) < width(none.whole))
    // One network says a little, and what is of neither side nothing.
    let one = Self.ratios(try Self.predict(record, for: file, from: Array(others.prefix(2))))
    #expect(one[0] > 1.1 && one[0] < ratios[0], "\(one)")
    var foreign = others
    for index in foreign.indices { foreign[index].machine.cpu = "A third" }
    #expect(try Self.predict(record, for: file, from: foreign).model.pairs == 0)
    foreign = others
    for index in foreign.indices { foreign[index].options.tuning = "search" }
    #expect(try Self.predict(record, for: file, from: foreign).model.samples == 0)
  }

  @Test("pairs that predict each other worse than no pair does are left aside")
  func contradictingPairs() throws {
    let record = Self.record()
    let file = Self.machine(like: record, isa: "avx2")
    // Each network goes another way, as neighbours do it to records.
    let others = [3.0, 0.4, 2.5, 0.5, 1, 1].enumerated().flatMap { index, factor in
      Self.pairs(index + 1, factor: factor, on: file).suffix(2)
    }
    let made = try Self.predict(record, for: file, from: others)
    let none = try Self.predict(record, for: file)
    #expect(made.model.networks == 6 && made.model.pairs == 18)
    #expect(made.layers.allSatisfy { $0.method == .roofs })
    #expect(Self.ratios(made) == Self.ratios(none))
    // What they show of the spread stays.
    #expect(made.whole.ci95[1] / made.whole.ns > none.whole.ci95[1] / none.whole.ns)
  }

  @Test("records of the target alone tell what its kinds lose; one of the network is the answer")
  func targetAlone() throws {
    let record = Self.record()
    let file = Self.machine(like: record, isa: "avx2")
    let there = Self.pairs(8, factor: 3, on: file).filter { $0.machine.cpu == "Another" }
    let made = try Self.predict(record, for: file, from: there)
    #expect(made.model.pairs == 0 && made.model.samples == 24)
    #expect(Self.ratios(made)[0] > 1.3, "\(Self.ratios(made))")
    #expect(made.layers[0].method == .efficiency)
    var own = Self.record(times: [7e6, 6e5, 5e3])
    own.machine = file.machine
    let known = try Self.predict(record, for: file, from: there + [own])
    #expect(known.layers.map { $0.predicted?.ns } == [7e6, 6e5, 5e3])
    #expect(known.layers.allSatisfy { $0.method == .record })
  }

  @Test("bricks of the target are looked up, and shared out by what layers took here")
  func bricks() throws {
    let record = Self.record()
    let made = try Self.predict(
      record, for: Self.machine(like: record, peak: 0.5),
      bricks: [
        .init(layers: ["layer0", "layer1"], ns: 3e6), .init(layers: ["layer2"], ns: 0),
        .init(layers: ["nowhere"], ns: 1),
      ])
    #expect(made.layers.map(\.method) == [.brick, .brick, .roofs])
    #expect(abs((made.layers[0].predicted?.ns ?? 0) - 2e6) < 1)
    #expect(abs((made.layers[1].predicted?.ns ?? 0) - 1e6) < 1)
  }

  @Test("the record that it starts from is of the same work, and as like to the target as can be")
  func choice() throws {
    let one = Self.record()
    var two = Self.record(threads: 2)
    two.machine.rooflines?.threads = 2
    var eight = Self.record(threads: 8)
    var other = Self.record(name: "b")
    var there = Self.record(threads: 4)
    let file = Self.machine(like: one, threads: 4)
    there.machine = file.machine
    (other.options.batch, eight.options.batch) = (1, 3)
    let target = try PredictionTarget(file)
    func source(_ records: [RunRecord]) -> RunRecord? {
      Predictor(for: target, from: records).source(
        of: one.topology, batch: one.options.batch, precision: "f32", cache: "warm")
    }
    #expect(source([one, two, eight, other, there])?.options.threads == 2)
    #expect(source([one, eight, other])?.options.threads == 1)
    #expect(source([there])?.machine.cpu == "Another")
    #expect(source([eight, other]) == nil && source([]) == nil)
  }

  // MARK: Statistics

  @Test func meansArePooled() {
    let none = PooledMeans([], prior: (0.2, 0.5))
    let guess = none.estimate(["all", "conv"])
    #expect(guess.mean == 0.2 && guess.known == nil && abs(guess.spread - 0.5) < 1e-12)
    let seen = PooledMeans(
      (0..<50).map {
        .init(classes: ["all", $0 < 48 ? "conv" : "pool"], value: $0 < 48 ? 1 : 3, weight: 1)
      },
      prior: (0, 0.5))
    let (conv, pool, lstm) = (
      seen.estimate(["all", "conv"]), seen.estimate(["all", "pool"]),
      seen.estimate(["all", "lstm"])
    )
    #expect(abs(conv.mean - 1) < 0.01 && pool.mean > 1.9 && pool.mean < 2.2)
    #expect(lstm.known == "all" && lstm.mean > 1 && lstm.mean < 1.1)
    #expect(pool.meanSpread > conv.meanSpread && pool.spread > conv.spread)
  }

  @Test("intervals hold what they say they hold, where layers of a class err together")
  func coverage() throws {
    var random = SplitMix64(seed: 7)
    func normal() -> Double { random.normal() }
    var inside = 0
    let trials = 60
    for _ in 0..<trials {
      let record = Self.record()
      let file = Self.machine(like: record, isa: "avx2")
      let moved = [0.3 * normal(), 0.3 * normal(), 0.3 * normal()]
      func there(_ times: [Double], _ name: String) -> RunRecord {
        let network = 0.1 * normal()
        var made = Self.record(
          times: zip(times, moved).map { $0 * exp($1 + network + 0.1 * normal()) },
          name: name, implementation: "jit:avx2")
        made.machine = file.machine
        return made
      }
      let others = (0..<8).flatMap { index -> [RunRecord] in
        let times = [1e6, 5e5, 3e3].map { $0 * (1 + 0.1 * Double(index)) }
        return [Self.record(times: times, name: "o\(index)"), there(times, "o\(index)")]
      }
      let truth = there([1e6, 5e5, 3e3], "truth").layers.reduce(0) { $0 + ($1.time?.median ?? 0) }
      let made = try Self.predict(record, for: file, from: others)
      if made.whole.ci95[0] <= truth, truth <= made.whole.ci95[1] { inside += 1 }
    }
    #expect(inside >= trials * 85 / 100, "\(inside) of \(trials)")
  }

  // MARK: Targets

  @Test func targetsAreChosenByThreadsAndInstructionSet() throws {
    let record = Self.record()
    var file = Self.machine(like: record)
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
      var bare = Self.machine(like: record)
      change(&bare)
      let fault = #expect(throws: PredictionFault.self) { _ = try PredictionTarget(bare) }
      #expect(fault?.isAbsent == false)
    }
  }

  @Test func aSourceWithoutRoofsOrTimesSaysSo() throws {
    var record = Self.record()
    let file = Self.machine(like: record)
    record.machine.rooflines = nil
    #expect(throws: PredictionFault.self) { _ = try Self.predict(record, for: file) }
    record = Self.record()
    for index in record.layers.indices { record.layers[index].time = nil }
    #expect(throws: PredictionFault.self) { _ = try Self.predict(record, for: file) }
  }

  @Test func whatCannotBeKnownIsSaid() throws {
    var record = Self.record()
    record.peakMemoryBytes = 1 << 40
    var file = Self.machine(like: record, isa: "avx2", threads: 64)
    file.machine.onednn?.version = "9.9"
    file.machine.memoryBytes = 1 << 30
    file.machine.threads = 2
    file.machine.rooflines?.disturbance = 0.5
    let made = try Self.predict(record, for: file)
    for words in [
      "what code for avx2 reaches", "how layers share 64 threads", "oneDNN 9.9 there",
      "whether it fits", "64 threads on 2 logical CPUs", "50 %", "rates of copying",
    ] {
      #expect(made.unknown.contains { $0.contains(words) }, "\(words): \(made.unknown)")
    }
  }

  // MARK: Files

  @Test func machineFilesAreRead() throws {
    let bytes = try RepositoryFiles.bytes(of: "Tests/Fixtures/machine-zen4.json")
    let file = try RecordCoding.decodeMachine(bytes)
    #expect(file.machine.rooflines?.threads == 2 && file.roofs.count == 1)
    #expect(try PredictionTarget(file, threads: 1).isa == "avx512_core_bf16")
    #expect(try RecordCoding.decodeMachine(RecordCoding.encode(file)) == file)
    let schema = JSONSchema(try JSON.parse(RepositoryFiles.bytes(of: "docs/machine.schema.json")))
    #expect(schema.errors(in: try JSON.parse(RecordCoding.encode(file))) == [])
    let record = Self.record()
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
    let record = Self.record()
    let file = Self.machine(like: record, isa: "avx2")
    let made = try Self.predict(
      record, for: file, from: Self.pairs(3, factor: 1.2, on: file))
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
