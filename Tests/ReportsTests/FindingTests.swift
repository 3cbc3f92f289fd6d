import Profiling
import Reports
import TestSupport
import Testing

/// What the reports say to look at first; one rule a test.
@Suite struct FindingTests {
  private func findings(_ record: RunRecord) -> [String] {
    let text = String(
      decoding: TableFormat().render(record, options: ReportOptions(width: 1000)), as: UTF8.self)
    return text.split(separator: "\n").filter { $0.hasPrefix("•") }
      .map { String($0.dropFirst(2)) }
  }

  /// One layer of 90 % with a given bound.
  private func dominated(
    by bound: Bound.Class, kind: String = "conv", efficiency: Double = 0.9
  ) -> RunRecord {
    var record = SampleRecords.deepspeech()
    record.layers[3].kind = kind
    record.layers[3].share = 0.9
    record.layers[3].bound = Bound(
      class: bound, method: .roofline, confidence: "high",
      evidence: ["efficiency": efficiency, "dram_share": 0])
    return record
  }

  @Test func whatTheRoofsAllow() {
    var record = SampleRecords.deepspeechShown()
    let costs = "bilstm has 79.0 % of the FLOP and 79.0 % of the parameters."
    #expect(findings(record) == [costs])
    record.layers[0].predicted = RoofPrediction(
      class: .core, leastNs: 1e6, memoryNs: 1e5, computeNs: 1e6)
    record.layers[3].predicted = RoofPrediction(
      class: .memory, leastNs: 3e6, memoryNs: 3e6, computeNs: 1e6)
    #expect(
      findings(record) == [
        costs,
        "this machine's roofs allow no less than 4.00 ms with 2 threads, 75.0 % of it in memory-bound "
          + "layers; bilstm (memory-bound) has 75.0 %.",
      ])
  }

  @Test func memoryBoundWeights() {
    #expect(
      findings(SampleRecords.deepspeech()) == [
        "bilstm takes 97 % of the time and is memory-bound at 88 % of the DRAM roof: try a "
          + "smaller hidden size, bf16 or int8 weights or a larger batch (many inputs share one reading of "
          + "the weights)."
      ])
  }

  @Test func unevenThreads() {
    var record = SampleRecords.deepspeech()
    record.layers[3].metrics["thread_imbalance"] = 0.25
    #expect(
      findings(record).contains(
        "bilstm leaves 25.0 % of its threads' capacity unused: try a larger batch, which gives "
          + "all of them work, or fewer threads."))
    // Of a layer that takes 1 % of the time it is not worth a word.
    record.layers[3].metrics["thread_imbalance"] = nil
    record.layers[0].metrics["thread_imbalance"] = 1
    #expect(!findings(record).contains { $0.contains("capacity") })
  }

  @Test func memoryBoundActivations() {
    var record = dominated(by: .memory, kind: "pool")
    record.layers[3].bytes = Bytes(weights: 0, input: 100, output: 100)
    record.options.fusion = false
    let sentence =
      "bilstm takes 90 % of the time and is memory-bound at 90 % of the cache roof: try fusion "
      + "(without `--no-fusion`), bf16 or int8 activations or a smaller output."
    #expect(findings(record).first == sentence)
  }

  @Test func coreBoundNearThePeak() {
    var record = dominated(by: .core)
    record.machine.cores = 8
    record.machine.rooflines?.peakFlops.int8 = nil
    let sentence =
      "bilstm takes 90 % of the time and is core-bound at 90 % of the arithmetic peak: try bf16 "
      + "arithmetic, fewer filters or groups or more threads (`--threads`)."
    #expect(findings(record).first == sentence)
  }

  @Test func coreBoundFarFromThePeak() {
    let sentence =
      "bilstm takes 90 % of the time and is core-bound at 40 % of the arithmetic peak: try "
      + "`--tuning search` or another shape (channels in multiples of 16)."
    #expect(findings(dominated(by: .core, efficiency: 0.4)).first == sentence)
  }

  @Test func latencyBound() {
    #expect(
      findings(dominated(by: .latency, efficiency: 0.1)).first?.contains(
        "latency-bound (the roofs explain 10 % of its time): it may be too small") == true)
  }

  @Test func unknownBound() {
    let sentence =
      "bilstm takes 90 % of the time: what holds it back is not known without measured roofs."
    #expect(findings(dominated(by: .unknown)).first == sentence)
  }

  @Test func manyEqualLayers() throws {
    let sentence = try #require(findings(SampleRecords.large(layers: 50)).first)
    #expect(sentence.hasPrefix("no layer stands out: 50 conv layers take 100 % together"))
  }

  @Test func doubtIsKept() {
    var record = dominated(by: .memory, efficiency: 0.17)
    record.layers[3].bound?.confidence = "low"
    #expect(
      findings(record).first?.hasPrefix(
        "bilstm takes 90 % of the time and is perhaps memory-bound at 17 % of the cache roof: ")
        == true)
  }

  /// Layers that run inside others hide nothing of the rest; those that were not asked for do.
  @Test func theRestIsNamedUnlessItHoldsLayers() {
    var record = SampleRecords.deepspeech()
    record.unattributed?.share = 0.2
    record.layers[5].time = nil
    record.layers[5].fusedInto = "fc4"
    #expect(findings(record).contains { $0.hasPrefix("20.0 % of the time is in no layer") })
    record.layers[5].fusedInto = nil
    #expect(!findings(record).contains { $0.contains("in no layer") })
  }

  @Test func theRoofItselfIsNoPercentage() {
    #expect(
      findings(dominated(by: .memory, efficiency: 1.08)).first?.hasPrefix(
        "bilstm takes 90 % of the time and is memory-bound at the cache roof: ") == true)
  }

  /// What `--verbose` blames first is what is blamed, and what helps against it is advised.
  @Test func theReasonThatWeighsMostIsNamed() {
    var record = dominated(by: .latency, efficiency: 0.02)
    record.layers[3].primitives[0].implementation = "ref:any"
    record.layers[3].hindrances = [
      Hindrance(.reference, share: 0.95, evidence: ["reference_ns": 1.33e6])
    ]
    #expect(
      findings(record).first
        == "bilstm takes 90 % of the time and is latency-bound (the roofs explain 2 % of its time); "
        + "first reason: plain loops of oneDNN (ref:any), 1.33 ms (95 % of its time): its shape, type "
        + "or post-ops have no fast path; try another of them.")
    record.layers[3].hindrances = [
      Hindrance(.launch, share: 0.6, evidence: ["call_ns": 4000, "calls": 5])
    ]
    #expect(findings(record).first?.contains(": try ") == true)
    #expect(findings(record).first?.contains("little work a call: 5 calls") == true)
    record.layers[3].hindrances = [Hindrance(.unknown, evidence: ["explained": 0.2])]
    let unknown = findings(record).first
    #expect(unknown?.contains("explain 20 % of its time; the rest is not known") == true)
    #expect(unknown?.contains("too small") == false)
  }

  /// Every reason has something to say, and no suggestion is left half a sentence.
  @Test(arguments: Hindrance.Code.allCases)
  func everyReasonHasASuggestion(code: Hindrance.Code) throws {
    var record = dominated(by: .core, efficiency: 0.4)
    record.layers[3].hindrances = [Hindrance(code, share: 0.5)]
    let sentence = try #require(findings(record).first)
    #expect(sentence.contains("; first reason: "), "\(sentence)")
    #expect(sentence.hasSuffix(".") && !sentence.hasSuffix(": ."), "\(sentence)")
  }

  /// The largest layer is named of the kind that the sentence is about, and one layer is no plural.
  @Test func kindsAreCountedRight() throws {
    var record = SampleRecords.large(layers: 20)
    for index in record.layers.indices {
      record.layers[index].kind = index == 0 ? "attention" : index < 5 ? "fc" : "conv"
      record.layers[index].share = index == 0 ? 0.2 : index < 5 ? 0.15 - Double(index) * 0.01 : 0.01
      record.layers[index].hindrances = []
    }
    var sentence = try #require(findings(record).first)
    #expect(
      sentence.hasPrefix(
        "no layer stands out: 4 fc layers take 50 % together, the largest being "
          + "\(record.layers[1].name) with 14.0 %"), "\(sentence)")
    for index in record.layers.indices.dropFirst() { record.layers[index].share = 0.01 }
    sentence = try #require(findings(record).first)
    #expect(
      sentence.hasPrefix("no layer stands out: \(record.layers[0].name) takes the most, 20.0 %"),
      "\(sentence)")
  }

  /// Of many layers that reason is named that takes most of their time, with one of them.
  @Test func theCommonReasonIsNamed() throws {
    var record = SampleRecords.large(layers: 50)
    for index in record.layers.indices {
      record.layers[index].hindrances =
        index == 0
        ? [Hindrance(.writes, share: 0.3, evidence: ["output_bytes": 1e6, "bandwidth_gbs": 10])]
        : [Hindrance(.reorders, share: 0.4, evidence: ["reorder_ns": 2e5, "count": 2])]
    }
    let sentence = try #require(findings(record).first)
    #expect(sentence.contains("; first reason in 49 of them, as in "), "\(sentence)")
    #expect(sentence.contains("2 changes of format, 200 µs (40 % of its time): "), "\(sentence)")
  }

  @Test func reordersReferencesRestAndNoise() {
    var record = SampleRecords.deepspeech()
    let slow = TimeSummary(samples: [5e6, 5e6])
    record.layers[4].primitives.append(
      PrimitiveRecord(kind: "reorder", implementation: "ref:any", time: slow))
    record.layers[4].share = 0.1
    record.layers[4].primitives[0].implementation = "ref:any"
    record.layers[4].primitives[0].time = slow
    record.unattributed?.share = 0.07
    let expected: [String] = [
      "a reorder takes 9.7 % of the time: try layers that agree on a memory format, or "
        + "`--tuning search`.",
      "plain loops of oneDNN take 9.7 % of the time, in fc4: its shape, type or post-ops have no "
        + "fast path; try another of them.",
      "7.0 % of the time is in no layer: many small layers or a busy machine do that; try "
        + "fewer threads.",
    ]
    #expect(Array(findings(record).dropFirst()) == expected)
    record = SampleRecords.deepspeech()
    // Low and high in turn: neighbours that depend on each other would widen the interval.
    var samples: [Double] = []
    for place in 0..<10 {
      let low = 50e6 + Double(place) * 1e6
      samples += [low, low + 10e6]
    }
    record.endToEnd?.time = TimeSummary(samples: samples)
    let sentence =
      "the median is known to ±7.6 % only: a quieter machine, or a longer run with `--until "
      + "1`, says more."
    #expect(findings(record).last == sentence)
  }
}
