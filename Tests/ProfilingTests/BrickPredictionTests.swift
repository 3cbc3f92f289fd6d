import Profiling
import TestSupport
import Testing

/// Sums of bricks, and what is kept of them.
@Suite("Brick predictions") struct BrickPredictionTests {
  /// A diamond: 0 → (1, 2) → 3, and 4 beside it.
  private static let inputs = [[], [0], [0], [1, 2], []]

  @Test(
    arguments: [
      ([1, 10, 4, 2, 3], 20.0, 13.0, [0, 1, 3]), ([1, 4, 10, 2, 3], 20, 13, [0, 2, 3]),
      ([1, 5, 5, 2, 3], 16, 8, [0, 1, 3]), ([1, 1, 1, 1, 9], 13, 9, [4]),
      ([0, 0, 0, 0, 0], 0, 0, [0]),
    ] as [([Double], Double, Double, [Int])])
  func sumsAndPaths(times: [Double], sum: Double, critical: Double, path: [Int]) throws {
    let made = try #require(BrickPrediction(times: times, inputs: Self.inputs))
    #expect(made.sequential == sum && made.critical == critical)
    #expect(made.path.sorted() == path)
  }

  @Test func aMissingTimeIsNoZero() {
    #expect(BrickPrediction(times: [1, nil, 2], inputs: [[], [0], [1]]) == nil)
    #expect(BrickPrediction(times: [], inputs: []) == nil)
  }

  private func timing(
    _ layers: [[(String, Double)]], movers: Set<Int> = []
  ) throws -> BrickTiming? {
    var record = SampleRecords.deepspeech()
    let template = record.layers[0]
    record.layers = layers.enumerated().map { index, steps in
      var layer = template
      (layer.index, layer.time, layer.untimed, layer.fusedInto) = (index, nil, nil, nil)
      layer.primitives = steps.map { kind, ns in
        PrimitiveRecord(
          kind: kind, implementation: "jit:\(kind)",
          time: TimeSummary(samples: [ns, ns + 2, ns + 4]))
      }
      if steps.isEmpty {
        layer.untimed = .nothingRuns
      } else {
        layer.time = TimeSummary(samples: [1])
      }
      return layer
    }
    return BrickTiming(record, movers: movers)
  }

  @Test func reordersAtTheBorderAreNotTheBricks() throws {
    let made = try #require(
      try timing([
        [("reorder", 10), ("convolution", 100), ("reorder", 7)],
        [("pooling", 50), ("reorder", 20), ("reorder", 30)],
      ]))
    // The one between convolution and pooling stays; medians are 2 above the smallest sample.
    #expect(made.ns == 100 + 7 + 50 + 3 * 2)
    #expect(made.reordersInNs == 12 && made.reordersOutNs == 54)
    #expect(made.implementations == ["jit:convolution", "jit:pooling"] && made.count == 3)
  }

  @Test func reordersThatAreTheWorkStay() throws {
    let moved = try #require(try timing([[("reorder", 10)]], movers: [0]))
    #expect(moved.ns == 12 && moved.nothingRuns == nil && moved.reordersInNs == nil)
    // Those of a view bring data to the border, and nothing else runs.
    let viewed = try #require(try timing([[("reorder", 10)]]))
    #expect(viewed.ns == 0 && viewed.nothingRuns == true && viewed.reordersInNs == 12)
    #expect(viewed.reordersOutNs == nil)
    let nothing = try #require(try timing([[]]))
    #expect(nothing.ns == 0 && nothing.nothingRuns == true)
  }

  @Test func aNetworkCountsReordersWhereItBeginsAndEnds() throws {
    let timing = try #require(
      try timing([[("reorder", 10), ("convolution", 100), ("reorder", 20)]]))
    var row = BrickRow(
      id: "0123456789abcdef", kinds: ["conv"], inputShapes: ["1x8"], outputShapes: ["1x8"],
      parameters: 1, macs: 1, flops: 2, uses: 3, networks: 1)
    row.timing = timing
    let parts = [(true, false), (false, false), (false, true)].enumerated().map { index, ends in
      BrickNetwork.Part(
        brick: row.id, layers: ["l\(index)"], inputs: index > 0 ? [index - 1] : [],
        readsInput: ends.0, givesOutput: ends.1)
    }
    let sample = SampleRecords.deepspeech()
    var network = BrickNetwork(topology: sample.topology, layers: 3, parts: parts)
    network.measured = .init(ns: 300, ci95: nil, count: 3, reordersNs: 0)
    var bricks = Bricks(
      created: sample.created, tool: sample.tool, command: ["ntprof", "bricks"],
      machine: sample.machine,
      options: BrickOptions(
        granularity: 1, threads: 1, precision: "f32", cache: "warm", fusion: true, tuning: "fast",
        tuningBudget: nil, seed: 1, exact: nil, isa: nil, pin: "auto"),
      bricks: [row], networks: [network])
    bricks.conclude()
    let made = bricks.networks[0]
    #expect(made.parts.map(\.ns) == [114, 102, 124])
    #expect(made.sequentialNs == 340 && made.criticalNs == 340)
    #expect(made.parts.allSatisfy { $0.isCritical == true })
    #expect(abs((made.errorPercent ?? 0) - 40.0 / 3) < 1e-9)
    #expect(bricks.summary.share == 1.0 / 3 && bricks.summary.saving == 340.0 / 102)
    #expect(abs((bricks.summary.errorPercent ?? 0) - 40.0 / 3) < 1e-9)
    #expect(bricks.summary.worst?.network == sample.topology.name)
    let bytes = RecordCoding.encode(bricks)
    #expect(try RecordCoding.decodeBricks(bytes) == bricks)
    let schema = JSONSchema(try JSON.parse(RepositoryFiles.bytes(of: "docs/bricks.schema.json")))
    #expect(schema.errors(in: try JSON.parse(bytes)) == [])

    // Without its brick a network has no prediction, and the summary no saving.
    bricks.bricks[0].timing = nil
    bricks.conclude()
    #expect(bricks.networks[0].sequentialNs == nil && bricks.networks[0].errorPercent == nil)
    #expect(bricks.networks[0].parts.allSatisfy { $0.ns == nil && $0.isCritical == nil })
    #expect(bricks.summary.saving == nil && bricks.summary.compared == 0)
  }

  /// A convolution behind a reorder, measured by several processes.
  private func timing(ofProcesses times: [Double]) throws -> BrickTiming {
    let all = try times.map { time in
      try #require(try timing([[("reorder", 10), ("convolution", time)]]))
    }
    return all.dropFirst().reduce(all[0]) { $0.adding($1) }
  }

  @Test func theTimeOfSeveralProcessesIsTheirMedian() throws {
    let made = try timing(ofProcesses: [100, 130, 110])
    #expect(made.ns == 112 && made.minNs == 100 && made.count == 9)
    #expect(made.measured.map(\.ns) == [102, 132, 112] && made.reordersInNs == 12)
    // Three say nothing of an interval; six do.
    #expect(made.ci95 == nil && made.spreadPercent == 30 / 112.0 * 100)
    let six = try timing(ofProcesses: [4, 1, 6, 2, 5, 3])
    #expect(six.ci95 == TimeSummary(samples: [6, 3, 8, 4, 7, 5]).ci95)
    let one = try timing(ofProcesses: [100])
    #expect(one.processes == nil && one.measured.count == 1 && one.spreadPercent == nil)
    #expect(one.with(one.measured) == one)
    #expect(made.with([made.measured[1]]).ns == 132)

    var stored = StoredBrick(
      created: "2026-03-04T05:06:07Z", tool: SampleRecords.deepspeech().tool, topology: "<t/>",
      settings: ["a"], timing: made)
    #expect(stored.isSound)
    #expect(try RecordCoding.decodeStoredBrick(RecordCoding.encode(stored)) == stored)
    stored.timing.processes?[1].ns = -1
    #expect(!stored.isSound)
  }

  @Test func aBrickHasATimeForEachStateOfTheCaches() throws {
    func row(_ cache: String?, _ times: [Double]) throws -> BrickRow {
      var row = BrickRow(
        id: "0123456789abcdef", kinds: ["conv"], inputShapes: ["1x8"], outputShapes: ["1x8"],
        parameters: 1, macs: 1, flops: 2, uses: 3, networks: 1, cache: cache)
      row.timing = try timing(ofProcesses: times)
      return row
    }
    let sample = SampleRecords.deepspeech()
    func network(_ cache: String?) -> BrickNetwork {
      BrickNetwork(
        topology: sample.topology, layers: 3,
        parts: (0..<3).map { index in
          BrickNetwork.Part(
            brick: "0123456789abcdef", layers: ["l\(index)"], inputs: [], readsInput: index == 0,
            givesOutput: false, cache: cache)
        })
    }
    var networks = [network(nil), network("cold-weights")]
    let wholes = ([900, 1000, 1200] as [Double]).map {
      BrickNetwork.Measured(ns: $0, ci95: nil, count: 5, reordersNs: $0 / 10)
    }
    networks[1].measured = BrickNetwork.Measured(wholes)
    var bricks = Bricks(
      created: sample.created, tool: sample.tool, command: ["ntprof", "bricks"],
      machine: sample.machine,
      options: BrickOptions(
        granularity: 1, threads: 1, precision: "f32", cache: "auto", fusion: true, tuning: "fast",
        tuningBudget: nil, seed: 1, exact: nil, isa: nil, pin: "auto", processes: 3),
      bricks: [try row(nil, [100, 130, 110]), try row("cold-weights", [300, 310, 320])],
      networks: networks)
    bricks.conclude()
    // Sums of rounded tenths are near their decimals.
    func isNear(_ one: Double?, _ other: Double) -> Bool { abs((one ?? 0) - other) < 1e-9 * other }
    #expect(isNear(bricks.networks[0].sequentialNs, 12 + 3 * 112))
    let range = try #require(bricks.networks[0].sequentialRangeNs)
    #expect(range.count == 2 && isNear(range[0], 12 + 3 * 102) && isNear(range[1], 12 + 3 * 132))
    #expect(isNear(bricks.networks[1].sequentialNs, 12 + 3 * 312))
    let measured = try #require(bricks.networks[1].measured)
    #expect(measured.ns == 1000 && measured.count == 15 && measured.reordersNs == 100)
    #expect(measured.processesNs == [900, 1000, 1200] && measured.spreadPercent == 30)
    #expect(bricks.summary.distinct == 1 && bricks.summary.share == 1.0 / 6)
    let bytes = RecordCoding.encode(bricks)
    #expect(try RecordCoding.decodeBricks(bytes) == bricks)
    let schema = JSONSchema(try JSON.parse(RepositoryFiles.bytes(of: "docs/bricks.schema.json")))
    #expect(schema.errors(in: try JSON.parse(bytes)) == [])
  }

  @Test func storedBricksKnowWhetherTheyAreWhole() throws {
    let timing = try #require(try timing([[("convolution", 100)]]))
    let stored = StoredBrick(
      created: "2026-03-04T05:06:07Z", tool: SampleRecords.deepspeech().tool, topology: "<t/>",
      settings: ["a", "b"], timing: timing)
    #expect(stored.isSound)
    #expect(try RecordCoding.decodeStoredBrick(RecordCoding.encode(stored)) == stored)
    var other = stored
    other.topology = "<u/>"
    #expect(!other.isSound)
    other = stored
    other.timing.ns = -1
    #expect(!other.isSound)
    other = stored
    other.timing.minNs = 1e6
    #expect(!other.isSound)
    #expect(StoredBrick.key("t", ["a"]) != StoredBrick.key("t", ["b"]))
  }

  @Test func theSchemaSharesItsDefinitions() throws {
    let record = try JSON.parse(RepositoryFiles.bytes(of: "docs/record.schema.json"))
    let tree = try JSON.parse(RepositoryFiles.bytes(of: "docs/bricks.schema.json"))
    for name in ["machine", "topology"] {
      #expect(tree["$defs"][name] != .null && tree["$defs"][name] == record["$defs"][name])
    }
    guard case .array(let states) = tree["$defs"]["row"]["properties"]["state"]["enum"] else {
      Issue.record("no states")
      return
    }
    #expect(states == BrickRow.State.allCases.map { .string($0.rawValue) })
  }
}
