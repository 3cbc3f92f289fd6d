import Profiling
import TestSupport
import Testing

@Suite struct SchemaTests {
  private let record: JSONSchema
  private let diff: JSONSchema
  private let trees: [JSON]

  init() throws {
    trees = try ["record", "diff"].map {
      try JSON.parse(RepositoryFiles.bytes(of: "docs/\($0).schema.json"))
    }
    record = JSONSchema(trees[0])
    diff = JSONSchema(trees[1])
  }

  @Test(arguments: SampleRecords.all)
  func recordsAreValid(sample: SampleRecords.Named) throws {
    let document = try JSON.parse(RecordCoding.encode(sample.record))
    #expect(record.errors(in: document) == [])
  }

  @Test(arguments: SampleRecords.all)
  func diffsAreValid(sample: SampleRecords.Named) throws {
    for paired in [false, true] {
      let made = Diff(
        baseline: SampleRecords.deepspeech(), candidate: sample.record, paired: paired)
      #expect(diff.errors(in: try JSON.parse(RecordCoding.encode(made))) == [])
    }
  }

  /// Edits of a valid record's text, and the error that must follow.
  @Test(arguments: [
    ("\"schema\": \"ntprof.record/1\"", "\"schema\": \"ntprof.record/2\"", "$.schema: not const"),
    ("\"batch\": 1,", "", "$.options.batch: missing"),
    ("\"batch\": 1,", "\"batch\": 1.5,", "$.options.batch: not of type integer"),
    ("\"batch\": 1,", "\"batch\": 0,", "$.options.batch: below minimum"),
    ("\"batch\": 1,", "\"batch\": 1, \"extra\": 2,", "$.options.extra: not allowed"),
    ("\"class\": \"memory\"", "\"class\": \"slow\"", "$.layers[3].bound.class: not in enum"),
    ("\"cache\": \"warm\"", "\"cache\": true", "$.options.cache: not in enum"),
    ("2026-03-04T", "yesterday ", "$.created: does not match the pattern"),
    ("\"interrupted\": false", "\"interrupted\": 0", "$.interrupted: not of type boolean"),
    ("\"segments\": [\"rnn\"]", "\"segments\": [7]", "$.layers[3].segments[0]: not of type string"),
    (
      "\"spread\": 0.02", "\"spread\": -1",
      "$.layers[0].counters.events.cycles.spread: below minimum"
    ),
  ])
  func brokenRecordsAreNot(old: String, new: String, error: String) throws {
    let text = String(
      decoding: RecordCoding.encode(SampleRecords.withHardwareCounters()), as: UTF8.self)
    #expect(text.contains(old))
    let document = try JSON.parse(Array(text.replacing(old, with: new).utf8))
    #expect(record.errors(in: document).contains(error))
  }

  @Test func everyFieldOfTheTypesIsInTheSchema() throws {
    // A record with everything filled in has no field that the schema does not know, and
    // additionalProperties is false; this catches fields that no sample fills in.
    var full = SampleRecords.withHardwareCounters()
    full.options.isa = "avx2"
    full.options.tuningBudget = 2
    full.options.exact = true
    full.layers[0].primitives[0].tuning = .remembered
    full.advice = [MeasuredAdvice(SampleRecords.advice())].compactMap(\.self)
    #expect(full.advice?.first?.change != nil)
    full.options.processes = 5
    full.options.threadsRan = 1
    full.machine.environment = ["OMP_THREAD_LIMIT": "1"]
    full.layers[1].untimed = .notMeasured
    full.layers[1].predicted = RoofPrediction(
      class: .core, leastNs: 2, memoryNs: 0.5, computeNs: 2)
    full.options.pinning = Pinning(asked: "auto", by: .kernel, cpus: ["0-1"], reason: "a quota")
    full.endToEnd?.planningNs = 3e6
    full.endToEnd?.disturbance = Disturbance(pairs: 9, disturbed: 2, kept: 1, stolenShare: 0.01)
    full.endToEnd?.processSpread = .standard
    full.endToEnd?.time.between = BetweenProcesses(medians: [1, 2, 3])
    full.layers[0].processSpread = .standardOfLayers
    full.machine.rooflines?.disturbance = 0.2
    full.machine.governor = "performance"
    full.machine.papi?.reason = "none"
    full.overhead = Overhead(
      clockNs: 20, countersNs: 300, inflation: .init(timed: -0.001, counted: 0.02))
    full.layers[0].counters?.implementationMatches = false
    full.layers[0].primitives[0].alternatives = [
      Alternative(implementation: "ref", algorithm: "a", time: 3),
      Alternative(implementation: "x", fault: "wrong result"),
    ]
    full.segments[0].counters = full.layers[0].counters
    #expect(record.errors(in: try JSON.parse(RecordCoding.encode(full))) == [])
  }

  @Test func diffsOfProcessesAreValid() throws {
    var sides = [SampleRecords.deepspeech(), SampleRecords.remeasured(slowdown: 1.004)]
    for index in sides.indices { sides[index].options.processes = 20 }
    let apart = Diff(baseline: sides[0], candidate: sides[1])
    #expect(apart.method?.interval == .runSpread && apart.processes == 20)
    #expect(diff.errors(in: try JSON.parse(RecordCoding.encode(apart))) == [])
    for index in sides.indices { sides[index].options.rounds = "one" }
    var made = Diff(baseline: sides[0], candidate: sides[1])
    #expect(made.processes == 20 && made.segments?.count == 3)
    #expect(made.layers.contains { $0.difference.moreSamples != nil })
    made.ask(gate: 3, of: GateSubject.list("fc1,@rnn"), text: "fc1,@rnn")
    #expect(diff.errors(in: try JSON.parse(RecordCoding.encode(made))) == [])
  }

  @Test func sweepsAndComparisonsAreValid() throws {
    func errors(_ name: String, _ bytes: [UInt8]) throws -> [String] {
      let tree = try JSON.parse(RepositoryFiles.bytes(of: "docs/\(name).schema.json"))
      return JSONSchema(tree).errors(in: try JSON.parse(bytes))
    }
    #expect(try errors("sweep", RecordCoding.encode(SampleRecords.sweep())) == [])
    #expect(try errors("sweep", RecordCoding.encode(SampleRecords.sweep(objective: .memory))) == [])
    #expect(try errors("comparison", RecordCoding.encode(SampleRecords.comparison())) == [])
    #expect(try errors("advice", RecordCoding.encode(SampleRecords.advice())) == [])
    let advice = try RecordCoding.decodeAdvice(RecordCoding.encode(SampleRecords.advice()))
    #expect(advice == SampleRecords.advice())
    var ended = advice
    ended.faults = ["the final ended with a process that failed: the race alone stands"]
    #expect(try errors("advice", RecordCoding.encode(ended)) == [])
    #expect(try RecordCoding.decodeAdvice(RecordCoding.encode(ended)).faults == ended.faults)
    var sweep = SampleRecords.sweep()
    sweep.plan.rounds = 0
    #expect(try errors("sweep", RecordCoding.encode(sweep)) == ["$.plan.rounds: below minimum"])
  }

  @Test func scenariosAreValid() throws {
    var measured = SampleRecords.processes(5)
    let latencies = (0..<700).map { 1e6 + Double($0) }
    for name in ScenarioRecord.Kind.allCases {
      measured.scenario = ScenarioRecord(
        name: name, samplesPerQuery: 8, latencies: latencies, seconds: 1)
      measured.scenario?.qps = 12
      measured.scenario?.latencyBoundNs = 1e6
      measured.scenario?.trials = [
        .init(qps: 12, latencies: latencies, boundNs: 2e6),
        .init(qps: 12, latencies: [], boundNs: nil),
      ]
      let bytes = RecordCoding.encode(measured)
      #expect(record.errors(in: try JSON.parse(bytes)) == [])
      #expect(try RecordCoding.decode(bytes) == measured)
    }
  }

  @Test func nodesOfEnginesAreValidAndMerged() throws {
    let records = [30.0, 10, 20].map { between in
      var record = SampleRecords.deepspeech()
      record.unattributed?.nodes = NodeTimes(
        executedNs: 100, attributedShare: 0.98, betweenNs: between, shareOfBare: 0.99,
        cutNs: 11, returnNs: between / 2)
      return record
    }
    let bytes = RecordCoding.encode(records[0])
    #expect(record.errors(in: try JSON.parse(bytes)) == [])
    #expect(try RecordCoding.decode(bytes) == records[0])
    let made = Diff(baseline: SampleRecords.deepspeech(), candidate: records[0])
    #expect(diff.errors(in: try JSON.parse(RecordCoding.encode(made))) == [])
    #expect(made.baseline.nodes == nil && made.candidate.nodes?.betweenNs == 30)
    let merged = try #require(RunRecord.merging(processes: records).unattributed?.nodes)
    #expect(merged.betweenNs == 20 && merged.returnNs == 10 && merged.executedNs == 100)
    // What one of them does not say, none says.
    var lacking = records
    lacking[1].unattributed?.nodes = nil
    #expect(RunRecord.merging(processes: lacking).unattributed?.nodes == nil)
  }

  @Test func schemasShareTheirDefinitions() throws {
    for name in ["topology", "options", "onednn", "totals", "node_times"] {
      #expect(trees[0]["$defs"][name] != .null)
      #expect(trees[0]["$defs"][name] == trees[1]["$defs"][name])
    }
    for (file, name) in [
      ("sweep", "machine"), ("sweep", "totals"), ("sweep", "time"), ("sweep", "topology"),
      ("advice", "options"), ("advice", "difference"), ("comparison", "options"),
      ("comparison", "layer"), ("comparison", "difference"), ("comparison", "node_times"),
    ] {
      let tree = try JSON.parse(RepositoryFiles.bytes(of: "docs/\(file).schema.json"))
      #expect(tree["$defs"][name] == trees[file == "sweep" ? 0 : 1]["$defs"][name])
    }
  }

  @Test func enumerationsAgree() {
    func list(_ tree: JSON) -> Set<String> {
      guard case .array(let items) = tree["enum"] else { return [] }
      return Set(items.compactMap { if case .string(let text) = $0 { text } else { nil } })
    }
    let bound = trees[0]["$defs"]["bound"]["properties"]
    #expect(list(bound["class"]) == Set(Bound.Class.allCases.map(\.rawValue)))
    #expect(list(bound["method"]) == Set(Bound.Method.allCases.map(\.rawValue)))
    let advice = Set(
      AdviceRow.Kind.allCases.map(\.rawValue) + AdviceRow.State.allCases.map(\.rawValue))
    if let bytes = try? RepositoryFiles.bytes(of: "docs/advice.schema.json"),
      let row = try? JSON.parse(bytes)["$defs"]["row"]["properties"]
    {
      #expect(list(row["kind"]).union(list(row["state"])) == advice)
    } else {
      Issue.record("no schema of advice")
    }
    let primitive = trees[0]["$defs"]["primitive"]["properties"]
    #expect(list(primitive["tuning"]) == Set(TuningSource.allCases.map(\.rawValue)))
    let counters = trees[0]["$defs"]["counters"]["properties"]
    #expect(list(counters["source"]) == Set(CounterSourceName.standard.map(\.rawValue)))
    let layer = trees[1]["$defs"]["layer"]["properties"]
    #expect(list(layer["change"]) == Set(LayerChange.allCases.map(\.rawValue)))
    #expect(list(layer["verdict"]) == Set(Verdict.allCases.map(\.rawValue)))
    let comparable = trees[1]["properties"]["comparable"]["properties"]
    #expect(list(comparable["verdict"]) == Set(Comparability.Verdict.allCases.map(\.rawValue)))
  }
}
