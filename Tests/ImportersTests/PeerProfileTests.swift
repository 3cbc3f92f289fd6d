import Importers
import Profiling
import TestSupport
import Testing
import Topology
import TopologyXML

/// Profiles of other engines become records.
@Suite struct PeerProfileTests {
  private static let csv = """
    layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)
    input;Status.NOT_RUN;Parameter;unknown_f32;0.000;0.000
    layer_1;Status.EXECUTED;FullyConnected;brgconv_avx512_1x1_f32;0.016;0.016
    layer_1_clip;Status.NOT_RUN;Clamp;undef;0.000;0.000
    x_abc;EXECUTED;Reorder;reorder_f32;0.002;0.002
    a;b;EXECUTED;LSTMSequence;ref_any_f32;0.206;0.206
    Total;;;;0.222;0.222
    """

  private static let trace = """
    [{"cat":"Session","tid":1,"dur":50,"ts":0,"name":"session_initialization","args":{}},
    {"cat":"Node","tid":1,"dur":10,"ts":101,"name":"c_nchwc_kernel_time","args":{"op_name":"Conv",
     "provider":"CPUExecutionProvider","node_index":"1","activation_size":"768","parameter_size":"432",
     "input_type_shape":[{"float":[1,3,8,8]},{"float":[4,3,3,3]},{"float":[4]}],
     "output_type_shape":[{"float":[1,4,6,6]}]}},
    {"cat":"Node","tid":1,"dur":5,"ts":112,"name":"r_kernel_time","args":{"op_name":"ReorderOutput","node_index":"2",
     "input_type_shape":[{"float":[1,4,6,6]}],"output_type_shape":[{"float":[1,4,6,6]}]}},
    {"cat":"Node","tid":1,"dur":3,"ts":118,"name":"s_kernel_time","args":{"op_name":"Softmax","node_index":"3",
     "input_type_shape":[{"float":[1,144]}],"output_type_shape":[{"float":[1,144]}]}},
    {"cat":"Session","tid":1,"dur":24,"ts":100,"name":"SequentialExecutor::Execute","args":{}}]
    """

  private func record(_ profile: ImportedProfile) -> RunRecord {
    profile.record(
      topology: TopologyInfo(
        name: "x", source: "x", sha256: String(repeating: "0", count: 64), parameters: [:]),
      created: "2026-01-02T03:04:05Z", tool: Tool(name: "ntprof", version: "0"), command: [])
  }

  private func checkSchema(_ record: RunRecord) throws {
    let schema = JSONSchema(try JSON.parse(RepositoryFiles.bytes(of: "docs/record.schema.json")))
    #expect(schema.errors(in: try JSON.parse(RecordCoding.encode(record))) == [])
  }

  @Test func countersOfBenchmarkApp() throws {
    #expect(BenchmarkApp.recognises(Self.csv))
    let record = record(try BenchmarkApp.profile(Self.csv, file: "x.csv"))
    #expect(record.layers.map(\.name) == ["layer_1", "a;b"])
    #expect(record.layers.map(\.kind) == ["fc", "lstm"])
    #expect(record.layers[0].primitives[0].postOps == ["clamp"])
    #expect(record.layers[1].primitives.map(\.kind) == ["Reorder", "LSTMSequence"])
    #expect(abs((record.layers[1].time?.median ?? 0) - 208_000) < 1e-6)
    #expect(record.layers.allSatisfy { $0.costsUnknown == true })
    #expect(record.options.threads == nil)
    try checkSchema(record)
    // What nobody knows is in no document, and was 0 in those of older versions.
    let text = String(decoding: RecordCoding.encode(record), as: UTF8.self)
    for key in ["macs", "flops", "parameters", "bytes", "arithmetic_intensity"] {
      #expect(!text.contains("\"\(key)\": 0"), "\(key)")
    }
    #expect(!text.contains("\"macs\""))
    let older = text.replacing(
      "\"costs_unknown\": true", with: "\"costs_unknown\": true, \"macs\": 0")
    let again = try RecordCoding.decode(Array(older.utf8))
    #expect(older.contains("\"macs\": 0") && again.layers == record.layers)
    #expect(again.totals == Totals(unknownOf: record.layers.count))
  }

  @Test(
    "numbers that no engine writes are named, and none is computed with",
    arguments: [
      ("[1,3,8,8]", "[1099511627776,1099511627776,8,8]", "no tensor has the dims"),
      ("[1,4,6,6]", "[0,9007199254740992,9007199254740992]", "no tensor has the dims"),
      ("[4,3,3,3]", "[-4,3,3,3]", "no tensor has the dims"),
      ("\"dur\":10", "\"dur\":1e300", "larger than anything"),
      ("\"dur\":10", "\"dur\":-10", "its time is none"),
    ])
  func damagedTrace(was: String, becomes: String, words: String) throws {
    #expect(Self.trace.contains(was))
    let error = #expect(throws: ImportError.self) {
      _ = try ONNXRuntimeTrace.profile(Self.trace.replacing(was, with: becomes), file: "x")
    }
    #expect(error?.message.contains(words) == true, "\(error?.description ?? "none")")
    // A thread's number is any.
    let other = Self.trace.replacing("\"tid\":1", with: "\"tid\":9223372036854775807")
    #expect(record(try ONNXRuntimeTrace.profile(other, file: "x")).layers.count == 2)
  }

  @Test("shapes whose product of two is beyond 64 bits leave costs unknown")
  func hugeProducts() throws {
    let damaged = Self.trace.replacing("[1,3,8,8]", with: "[1,3,8,8589934592]")
      .replacing("[1,4,6,6]", with: "[1,4,6,17179869184]")
    let record = record(try ONNXRuntimeTrace.profile(damaged, file: "x"))
    #expect(record.layers[0].costsUnknown == nil)
    #expect(record.layers[0].macs == 24 * 17_179_869_184 * 27)
    let deeper = damaged.replacing("[4,3,3,3]", with: "[4,262144,1,1]")
    let unknown = self.record(try ONNXRuntimeTrace.profile(deeper, file: "x"))
    #expect(unknown.layers[0].costsUnknown == true)
    #expect(try RecordCoding.decode(RecordCoding.encode(unknown)).layers.count == 2)
  }

  @Test("a time of a report that nothing takes", arguments: ["nan", "inf", "-1", "1e300"])
  func damagedReport(time: String) {
    let error = #expect(throws: ImportError.self) {
      _ = try BenchmarkApp.profile(
        Self.csv.replacing("0.016;0.016", with: "\(time);0.016"), file: "x.csv")
    }
    #expect(error?.place == "line 3")
  }

  @Test func theSameAsJSONAndPrinted() throws {
    let json = """
      {"report_type": "detailed", "detailed_performance": [{"nodes": [
        {"name": "n", "node_type": "Convolution", "status": "Status.EXECUTED", "real_time": "0.5",
         "cpu_time": "0.5", "exec_type": "brgconv_avx512_bf16"}]}, {"nodes": [
        {"name": "n", "node_type": "Convolution", "status": "EXECUTED", "real_time": "0.7",
         "cpu_time": "0.5", "exec_type": "brgconv_avx512_bf16"}]}]}
      """
    #expect(BenchmarkApp.recognises(json))
    let detailed = record(try BenchmarkApp.profile(json, file: "x.json"))
    #expect(detailed.layers[0].time?.samples == [500_000, 700_000])
    #expect(detailed.options.precision == "bf16")
    let printed = """
      [ INFO ] Build ................................. 2026.4.1-22982
      [ INFO ]   INFERENCE_NUM_THREADS: 3
      [ INFO ] Model batch size: 2
      n 1        Status.EXECUTED  layerType: Convolution  execType: brgconv_avx512_f32 realTime (ms): 0.446 cpuTime (ms): 0.446
      [ INFO ]    Median:        30.50 ms
      [ INFO ] Throughput:   32.50 FPS
      """
    #expect(BenchmarkApp.recognises(printed))
    let record = record(try BenchmarkApp.profile(printed, file: "x.txt"))
    #expect(record.layers.map(\.name) == ["n 1"])
    #expect(record.origin?.version == "2026.4.1-22982")
    #expect(record.options.threads == 3)
    #expect(record.options.batch == 2)
    #expect(record.endToEnd?.time.median == 30.5e6)
    #expect(record.endToEnd?.throughputPerSecond == 32.5)
    try checkSchema(record)
  }

  @Test func tracesOfONNXRuntime() throws {
    #expect(ONNXRuntimeTrace.recognises(Self.trace))
    let record = record(try ONNXRuntimeTrace.profile(Self.trace, file: "x.json"))
    #expect(record.layers.map(\.name) == ["c", "s"])
    #expect(record.layers[0].macs == 4 * 36 * 27)
    #expect(record.layers[0].parameters == 112)
    #expect(record.layers[1].primitives.map(\.kind) == ["ReorderOutput", "Softmax"])
    #expect(record.layers[1].time?.median == 8000)
    #expect(record.timedPass?.time.median == 24000)
    #expect(record.unattributed?.time.median == 6000)
    try checkSchema(record)
  }

  @Test(
    arguments: [
      "layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)\na;b\nc;d;e;f;g;h",
      "layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)\nx;Status.NOT_RUN;Add;undef;0;0",
      "{\"report_type\": \"average\", \"avg_performance\": {\"nodes\": [{\"name\": 1}]}}",
      "{\"report_type\": \"average\"",
    ])
  func brokenReportsAreRefused(text: String) {
    #expect(throws: ImportError.self) { _ = try BenchmarkApp.profile(text, file: "x") }
  }

  @Test(
    arguments: [
      String(trace.dropLast(20)), "[{\"cat\":\"Session\"}]",
      "[{\"cat\":\"Node\",\"name\":\"a_kernel_time\",\"dur\":\"x\"}]",
    ])
  func brokenTracesAreRefused(text: String) {
    #expect(throws: ImportError.self) { _ = try ONNXRuntimeTrace.profile(text, file: "x") }
  }

  // MARK: Beside a model

  /// Rows as ntprof itself has them, of a topology.
  private func rows(_ body: String) throws -> [LayerRecord] {
    let text = "<topology name=\"n\" version=\"1\">\(body)</topology>"
    let graph = try TopologyReader().read(bytes: Array(text.utf8), file: "n.xml").graph
    return graph.layers.map { layer in
      LayerRecord(
        index: layer.index, name: layer.name, line: nil, kind: layer.kind, segments: [],
        precision: "f32", inputShapes: layer.inputTypes.map { Dims($0.shape.dims) },
        outputShape: Dims(layer.outputType.shape.dims), parameters: layer.cost.parameters,
        macs: layer.cost.macs, flops: layer.cost.flops,
        bytes: Bytes(weights: 0, input: 0, output: 0), arithmeticIntensity: 0)
    }
  }

  @Test func timesGoToTheRowsOfAModel() throws {
    let model = try rows(
      """
      <input name="x" shape="1x3x8x8"/>
      <layer name="first"><conv filters="4" kernel="3"/></layer>
      <layer name="shape"><flatten/></layer>
      <layer name="never"><fc units="3"/></layer>
      """)
    let record = record(
      try ONNXRuntimeTrace.profile(Self.trace, file: "x.json").matched(to: model))
    #expect(record.layers.map(\.name) == ["first", "shape", "never"])
    #expect(record.layers[0].time?.median == 10000)
    #expect(record.layers[1].fusedInto == "first")
    #expect(record.layers[2].untimed == .notMeasured)
    let warning = try #require(record.warnings.first { $0.code == "unmatched" })
    #expect(warning.message.contains("1 of 2 rows"))
    #expect(record.timedPass?.time.median == 24000)
    try checkSchema(record)
  }

  @Test(.enabled(if: SharedData.isThere, "the folder shared/data is not there"))
  func deepSpeechBesideItsTopology() throws {
    let bytes = try RepositoryFiles.bytes(of: "topologies/deepspeech.xml")
    let graph = try TopologyReader().read(bytes: bytes, file: "deepspeech.xml").graph
    let model = try rows(
      "<input name=\"x\" shape=\"16x1x494\"/>"
        + ["fc1", "fc2", "fc3"].map { "<layer name=\"\($0)\"><fc units=\"256\"/></layer>" }.joined()
        + "<layer name=\"bilstm\"><lstm hidden=\"256\" direction=\"bidirectional\"/></layer>"
        + "<layer name=\"fc4\"><fc units=\"256\"/></layer><layer name=\"fc5\"><fc units=\"29\"/></layer>"
    )
    #expect(graph.layers.map(\.name) == model.map(\.name))
    let profile = try BenchmarkApp.profile(
      try SharedData.text("openvino-benchmark-app/deepspeech_bi_h256_detailed_counters_report.csv"),
      file: "x.csv")
    let record = record(profile.matched(to: model))
    #expect(record.layers.map(\.name) == model.map(\.name))
    // A node a direction.
    #expect(record.layers[3].primitives.count == 2)
    #expect(abs((record.layers[3].time?.median ?? 0) - 415_000) < 1)
    #expect(record.layers.allSatisfy { $0.time != nil })
    #expect(!record.warnings.contains { $0.code == "unmatched" })
    // Without a model a diff pairs by kind.
    let diff = Diff(baseline: self.record(profile), candidate: record)
    #expect(diff.layers.filter { $0.change == .similar }.count == 6)
    #expect(diff.layers.filter { $0.change == .removed }.count == 1)
  }

  @Test(.enabled(if: SharedData.isThere, "the folder shared/data is not there"))
  func resNetOfONNXRuntime() throws {
    let record = record(
      try ONNXRuntimeTrace.profile(
        try SharedData.text("peer-profiles/ort_light_resnet50_10runs.json"), file: "x"))
    #expect(record.options.iterations == 10)
    #expect(record.layers.count { $0.kind == "conv" } == 53)
    #expect(record.totals.macs == 4_089_184_256)
  }
}
