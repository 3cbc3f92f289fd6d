import Profiling
import TestSupport
import Testing

/// One network on several machines: what the roofs explain, what is left, and where.
@Suite struct HardwareTests {
  private let wide = SampleRecords.deepspeech()
  private let narrow = SampleRecords.narrowDeepspeech()

  private func compare(_ records: RunRecord...) throws -> HardwareComparison {
    try HardwareComparison(records)
  }

  private func mismatch(_ candidate: RunRecord) -> String {
    do throws(HardwareMismatch) {
      _ = try HardwareComparison([wide, candidate])
      return ""
    } catch { return "\(error)" }
  }

  @Test func roofsExplainWhatTheyShould() throws {
    let made = try compare(wide, narrow)
    #expect(made.machines.count == 2 && made.candidates.count == 1)
    #expect(made.layers.map(\.name) == wide.layers.map(\.name))
    for (row, layer) in made.layers.enumerated() {
      let times = try #require(layer.candidates[0].times)
      let sides = [wide, narrow].map { $0.layers[row] }
      let medians = sides.compactMap(\.time?.median)
      let roofs = sides.map {
        max($0.bound?.evidence["memory_ns"] ?? 0, $0.bound?.evidence["compute_ns"] ?? 0)
      }
      #expect(layer.machines.map(\.timeNs) == medians)
      #expect(layer.machines.map(\.attainableNs) == roofs)
      #expect(layer.machines.map(\.roofFraction) == zip(roofs, medians).map { $0 / $1 })
      #expect(times.ratio == medians[1] / medians[0])
      #expect(times.explained == roofs[1] / roofs[0])
      let left = try #require(times.left)
      let fractions = layer.machines.compactMap(\.roofFraction)
      #expect(abs(left / (fractions[0] / fractions[1]) - 1) < 1e-12)
    }
    // The roof of fc1 is memory there and arithmetic here, that of bilstm memory on both.
    let explained = made.layers.compactMap { $0.candidates[0].times?.explained }
    #expect((1.5...1.7).contains(explained[0]) && abs(explained[3] - 4 / 3) < 1e-9)
    let lstm = try #require(made.layers[3].candidates[0].times?.left)
    #expect((1.4...1.6).contains(lstm))
  }

  @Test func theWholeIsTheLayersWeighted() throws {
    let made = try compare(wide, narrow)
    let whole = try #require(made.candidates[0].whole)
    let explained = try #require(whole.explained)
    var (before, predicted, after) = (0.0, 0.0, 0.0)
    for layer in made.layers {
      let time = layer.machines[0].timeNs ?? 0
      before += time
      predicted += time * (layer.candidates[0].times?.explained ?? 0)
      after += layer.machines[1].timeNs ?? 0
    }
    #expect(abs(explained / (predicted / before) - 1) < 1e-12)
    #expect(abs((whole.left ?? 0) - whole.ratio / explained) < 1e-12)
    #expect(abs((whole.excessNs ?? 0) - (after - predicted)) < 1)
    let sum = made.candidates[0].causes.reduce(0) { $0 + $1.excessNs }
    #expect(abs(sum - (whole.excessNs ?? 0)) < 1)
    #expect(made.candidates[0].causes.map(\.cause) == [.implementation])
    #expect((made.candidates[0].coverage?.baseline ?? 0) > 0.99)
  }

  @Test func theVerdictNamesChipRestAndPlace() throws {
    let verdict = try compare(wide, narrow).candidates[0].verdict
    #expect(verdict.count == 3)
    let words = try #require(verdict.first)
    #expect(words.hasPrefix("B takes 1.99 × the time of A ["), "\(words)")
    #expect(words.contains("; the chip explains 1.34 × of it; 1.48 × is left ["), "\(words)")
    #expect(words.contains(" in bilstm, which ran ref on A, gemm:jit on B"), "\(words)")
    #expect(verdict[1] == "Of what is left: 100 % in 1 layer that runs other code")
    #expect(verdict[2].hasPrefix("So the library makes most of the difference"), "\(verdict[2])")
    // The other way round it is the same story.
    let reverse = try compare(narrow, wide).candidates[0]
    #expect(reverse.verdict[0].hasPrefix("B is 1.99 × as fast as A ["), "\(reverse.verdict)")
    #expect(
      reverse.verdict[0].contains("; the chip explains 1.34 × of it; 1.48 × is left ["),
      "\(reverse.verdict)")
    #expect(reverse.verdict[0].contains("in bilstm, which ran gemm:jit on A, ref on B"))
  }

  @Test func whatMakesTheDifference() throws {
    // All layers at the same part of their roofs: the chip.
    let chip = try compare(wide, SampleRecords.narrowDeepspeech(excess: 1)).candidates[0]
    #expect(chip.mainly == .chip)
    #expect(chip.verdict[0].contains("is nothing these samples can tell"), "\(chip.verdict)")
    // As much is left as the chip explains, give or take what the samples tell.
    let both = try compare(wide, SampleRecords.narrowDeepspeech(excess: 1.35)).candidates[0]
    #expect(both.mainly == nil && both.whole?.isLeftTold == true)
    #expect(
      both.verdict.last
        == "Whether the chip or what is left makes more of it, these samples cannot tell")
    // Most is left: other code, layers without a roof, another version, the same code.
    var other = SampleRecords.narrowDeepspeech(excess: 6)
    #expect(try compare(wide, other).candidates[0].mainly == .library)
    for row in other.layers.indices {
      other.layers[row].primitives = wide.layers[row].primitives
    }
    var against = try compare(wide, other)
    #expect(against.layers.allSatisfy { $0.candidates[0].code == nil })
    #expect(against.layers[3].candidates[0].cause == .latency)
    #expect(against.candidates[0].mainly == .network)
    #expect(against.candidates[0].verdict[0].contains("in bilstm, which ran ref on both"))
    other.layers[3].bound?.class = .balanced
    against = try compare(wide, other)
    #expect(against.layers[3].candidates[0].cause == .library)
    #expect(against.candidates[0].mainly == .library)
    other.machine.onednn?.version = "2.6.3"
    against = try compare(wide, other)
    #expect(against.layers[3].candidates[0].cause == .sameCode)
    #expect(against.candidates[0].mainly == .unexplained)
  }

  @Test func aChipIsNotAllThatCounts() throws {
    func words(excess: Double) throws -> [String] {
      let other = SampleRecords.narrowDeepspeech(excess: excess)
      return try [compare(wide, other), compare(other, wide)].map { $0.candidates[0].verdict[0] }
    }
    // Slower by less than its chip, faster although its chip is slower, and both seen from there.
    let less = try words(excess: 0.9)
    #expect(less[0].hasPrefix("B takes 1.2"), "\(less)")
    #expect(less[0].contains("; the chip would explain 1.34 ×, and B does better than that by 1.1"))
    #expect(less[1].hasPrefix("B is 1.2"), "\(less)")
    #expect(less[1].contains("; the chip would explain 1.35 ×, and B falls short of that by 1.1"))
    let other = try words(excess: 0.5)
    #expect(other[0].hasPrefix("B is 1.43 × as fast as A ["), "\(other)")
    #expect(other[0].contains("; by the chip alone B would be 0.74 × as fast; 1.92 × comes on top"))
    #expect(other[1].hasPrefix("B takes 1.43 × the time of A ["), "\(other)")
    #expect(other[1].contains("; by the chip alone B would take 0.7"), "\(other)")
  }

  @Test func samplesThatCannotTellClaimNothing() throws {
    // Nothing is known of either machine's processes: one process a side tells little.
    var (one, two) = (wide, SampleRecords.narrowDeepspeech(excess: 1.05))
    one.endToEnd?.processSpread = nil
    two.endToEnd?.processSpread = ProcessSpread(
      percent: 30, degrees: 2, processes: 3, source: .measured)
    let against = try compare(one, two).candidates[0]
    #expect(against.whole?.verdict == .undecided && against.whole?.isLeftTold == false)
    #expect(against.verdict[0].hasPrefix("these samples cannot tell the times of A and B apart"))
    #expect(against.mainly == nil)
  }

  @Test func othersAreNamed() throws {
    var other = narrow
    other.options.threads = 8
    other.options.precision = "bf16"
    other.interrupted = true
    let against = try compare(wide, other).candidates[0]
    #expect(
      against.differences == [
        "oneDNN: 2.6.3 against 3.7.1",
        "threads: 2 against 8", "precision: f32 against bf16", "B was interrupted",
      ])
    #expect(against.verdict[0].contains("the chip, threads and precision explain "))
    var engine = narrow
    engine.options.engine = "onnxruntime"
    engine.machine.engine = .init(name: "onnxruntime", version: "1.2")
    engine.machine.onednn = nil
    let made = try compare(wide, engine)
    #expect(made.candidates[0].differences == ["engine: onednn against onnxruntime"])
    #expect(made.layers[0].candidates[0].code?.hasPrefix("onednn on A, onnxruntime on B") == true)
  }

  @Test func otherWorkIsRefused() {
    var other = narrow
    other.options.batch = 4
    #expect(mismatch(other).contains("batch 1 against 4 is other work in every layer"))
    other = narrow
    other.options.cache = "cold"
    #expect(mismatch(other).contains("warm against cold caches"))
    other = SampleRecords.variant()
    #expect(mismatch(other).hasPrefix("A and B do not compare: they do not hold the same layers: "))
    other = narrow
    other.layers.remove(at: 2)
    #expect(mismatch(other).hasSuffix("the same layers: only A has 'fc3'"))
    other.layers = []
    #expect(mismatch(other).hasSuffix("only A has 'fc1', and 5 more"))
    #expect(mismatch(narrow) == "")
  }

  @Test func cpusDecideWhetherMachinesAreCompared() {
    func isOfSeveral(_ change: (inout MachineInfo) -> Void) -> Bool {
      var other = wide
      change(&other.machine)
      return HardwareComparison.isOfSeveral([wide, other])
    }
    #expect(!isOfSeveral { $0.kernel = "6.1" })
    #expect(!isOfSeveral { $0.onednn?.isa = "avx2" })
    #expect(!isOfSeveral { $0.microarchitecture = "zen3" })
    #expect(isOfSeveral { $0.cpu = "another" })
    #expect(isOfSeveral { $0.isa = "avx2" })
    #expect(isOfSeveral { $0.vendor = "GenuineIntel" })
    // Hypervisors give Zen 3 and Zen 4 one name.
    var (one, two) = (wide, wide)
    one.machine.microarchitecture = "zen4"
    two.machine.microarchitecture = "zen3"
    #expect(HardwareComparison.isOfSeveral([one, two]))
    // Imported records do not say.
    two.machine = MachineInfo(
      cpu: "CPU not recorded", vendor: nil, cores: nil, threads: nil, isa: "avx2", caches: [],
      memoryBytes: nil, kernel: nil, governor: nil, virtualized: nil)
    #expect(!HardwareComparison.isOfSeveral([one, two]))
    #expect(!HardwareComparison.isOfSeveral([]))
  }

  @Test("without roofs on a side nothing is explained", arguments: [0, 1, 2, 3, 4])
  func roofsThatSayNothing(fault: Int) throws {
    var other = narrow
    switch fault {
    case 0: other.machine.rooflines = nil
    case 1: other.machine.rooflines?.peakFlops.f32 = .nan
    case 2: other.machine.rooflines?.peakFlops.f32 = 0
    case 3: other.machine.rooflines?.bandwidth[2].gbs = 0
    default: other.machine.rooflines?.bandwidth = []
    }
    let made = try compare(wide, other)
    #expect(made.machines[1].missing.count == 1 && made.machines[0].missing == [])
    #expect(made.machines[1].bandwidths == [] && made.machines[1].attainableNs == nil)
    #expect(made.machines[1].machine.rooflines == nil && made.machines[0].attainableNs != nil)
    for layer in made.layers {
      #expect(layer.machines[1].attainableNs == nil && layer.candidates[0].times?.ratio != nil)
      #expect(layer.candidates[0].times?.explained == nil && layer.candidates[0].cause == nil)
    }
    let against = made.candidates[0]
    #expect(against.whole?.ratio != nil && against.whole?.left == nil && against.causes == [])
    #expect(against.verdict[0].hasSuffix("; what the chip would explain is not known"))
    #expect(try RecordCoding.decodeHardware(RecordCoding.encode(made)) == made)
    // Every list has a place a machine, or a machine but the first.
    func path(_ change: (inout HardwareComparison) -> Void) -> String? {
      var damaged = made
      change(&damaged)
      do throws(RecordError) {
        _ = try RecordCoding.decodeHardware(RecordCoding.encode(damaged))
      } catch {
        if case .invalidField(let path, _) = error { return path }
      }
      return nil
    }
    #expect(path { $0.machines = [] } == "machines")
    #expect(path { $0.candidates = [] } == "candidates")
    #expect(path { $0.layers[0].machines.removeLast() } == "layers[0].machines")
    #expect(path { $0.layers[0].candidates = [] } == "layers[0].candidates")
  }

  @Test func evidenceThatSaysNothing() throws {
    for value in [Double.nan, .infinity, -1, 0] {
      var other = narrow
      other.layers[0].bound?.evidence["memory_ns"] = value
      other.layers[0].bound?.evidence["compute_ns"] = value
      let made = try compare(wide, other)
      #expect(made.layers[0].machines[1].attainableNs == nil)
      #expect(made.layers[0].candidates[0].times?.explained == nil)
      #expect(made.layers[1].candidates[0].times?.explained != nil)
      #expect(made.candidates[0].whole?.explained != nil)
    }
    // Layers that carry the time must have roofs, or the whole is not explained by the others.
    var other = narrow
    other.layers[3].bound = nil
    let against = try compare(wide, other).candidates[0]
    #expect(against.whole?.explained == nil && (against.coverage?.baseline ?? 1) < 0.05)
    #expect(against.verdict[1].contains("too little to explain the whole by"))
    // Where top-down gives the bound, the metrics have the roofs.
    other = narrow
    other.layers[3].metrics.roofline = other.layers[3].bound?.evidence ?? [:]
    other.layers[3].bound = Bound(class: .memory, method: .topDown, confidence: "high")
    #expect(try compare(wide, other).layers[3].candidates[0].times?.explained != nil)
  }

  @Test func anAlgorithmIsNoMeritOfTheChip() throws {
    let wide = SampleRecords.large(layers: 4)
    let before = try compare(wide, wide).layers[0].candidates[0].times
    #expect(before?.explained == 1 && before?.left == 1)
    // Winograd on one side executes a quarter of the operations, and its roof is as much lower.
    var quick = wide
    quick.layers[0].primitives[0].algorithm = "convolution_winograd"
    let compute = try #require(quick.layers[0].bound?.evidence["compute_ns"])
    quick.layers[0].bound?.evidence["compute_ns"] = compute / 4
    let samples = try #require(quick.layers[0].time?.samples)
    quick.layers[0].time = TimeSummary(samples: samples.map { $0 / 2 })
    let made = try compare(wide, quick).layers[0].candidates[0]
    #expect(made.times?.explained == 1)
    #expect(abs((made.times?.left ?? 0) - 0.5) < 1e-9)
    #expect(made.code == "convolution_direct on A, convolution_winograd on B")
  }

  @Test func whatIsFusedHasNoTimeOfItsOwn() throws {
    var other = narrow
    other.layers[4].time = nil
    other.layers[4].fusedInto = "bilstm"
    other.layers[4].primitives = []
    let layer = try compare(wide, other).layers[4]
    #expect(layer.machines[1].timeNs == nil && layer.candidates[0].times == nil)
    #expect(layer.candidates[0].code == "by itself on A, fused into bilstm on B")
  }

  @Test func severalMachines() throws {
    let made = try compare(wide, narrow, SampleRecords.remeasured(slowdown: 1.3))
    #expect(made.machines.count == 3 && made.candidates.count == 2)
    #expect(made.layers.allSatisfy { $0.machines.count == 3 && $0.candidates.count == 2 })
    #expect(made.candidates[1].verdict[0].hasPrefix("C takes 1.3"))
    #expect(made.candidates[1].mainly == .unexplained)
    var other = SampleRecords.variant()
    other.options.batch = 1
    do throws(HardwareMismatch) {
      _ = try HardwareComparison([wide, narrow, other])
      Issue.record("it compares")
    } catch { #expect(error.letter == "C") }
  }

  @Test func networksWithoutTimes() throws {
    let shown = SampleRecords.deepspeechShown()
    let made = try compare(shown, narrow)
    #expect(made.candidates[0].whole == nil && made.layers[0].candidates[0].times == nil)
    #expect(made.machines[0].missing == ["the network was not measured"])
    #expect(
      made.candidates[0].verdict == [
        "A and B: the whole network was not measured on both machines"
      ])
  }

  @Test func aGateCannotTell() throws {
    var made = try compare(wide, narrow)
    made.ask(gate: 300, text: "fc1")
    #expect(made.gate?.result == .cannotTell && made.gate?.layers == "fc1")
    #expect(made.gate?.reason.contains("a slower machine is no regression") == true)
  }

  @Test func documentsAreValid() throws {
    let schema = JSONSchema(
      try JSON.parse(RepositoryFiles.bytes(of: "docs/hardware.schema.json")))
    var plain = narrow
    plain.machine.rooflines = nil
    for var made in [
      try compare(wide, narrow), try compare(wide, plain), try compare(wide, narrow, wide),
      try compare(SampleRecords.deepspeechShown(), narrow),
      try compare(SampleRecords.hostile(), SampleRecords.hostile()),
    ] {
      made.ask(gate: 3, text: nil)
      let bytes = RecordCoding.encode(made)
      #expect(schema.errors(in: try JSON.parse(bytes)) == [])
      #expect(try RecordCoding.decodeHardware(bytes) == made)
    }
    let trees = try ["hardware", "record"].map {
      try JSON.parse(RepositoryFiles.bytes(of: "docs/\($0).schema.json"))
    }
    for name in ["machine", "options", "topology", "totals", "onednn", "engine"] {
      #expect(trees[0]["$defs"][name] == trees[1]["$defs"][name], "\(name)")
    }
  }
}
