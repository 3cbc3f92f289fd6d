import Counters
import Engines
import Exporters
import HTTP
import Measuring
import Profiling
import Reports
import Session
import TestSupport
import Topology

/// What other processes say: tasks, workers, simulators, collectors.
extension FuzzTarget {
  /// Settings with every field that has a number.
  private static let settings: RunSettings = {
    var network = NetworkSettings(
      "net.xml", batch: 2, assignments: [Assignment(name: "hidden", value: 64)])
    network.model.shapes = [.init(name: "x", dims: [1, 3, 8, 8])]
    network.model.values = [.init(name: "sr", number: 16000)]
    var measurement = MeasurementSettings()
    measurement.threads = 2
    measurement.iterations = 20
    measurement.warmup = 3
    measurement.layers = "a,b"
    measurement.planning.layerTimeout = 10
    measurement.planning.memoryLimit = 1 << 30
    return RunSettings(network, measurement)
  }()

  /// What is done with settings before anything runs.
  private static func use(_ settings: RunSettings) {
    _ = settings.text
    _ = settings.measurement.rule
    _ = settings.measurement.child(counting: false, timing: false)
    _ = settings.measurement.planOptions(threads: settings.measurement.threads ?? 1)
  }

  static let task = FuzzTarget(
    name: "task",
    seeds: {
      let text = """
        {"tool": {"name": "ntprof", "version": "0.1.0"}, "run": "0123456789abcdef", "folder": "/shared/run",
         "partition": "genoa", "items": [
         {"place": {"item": 0, "round": 1}, "replaces": true, "settings": \(settings.text), "decides": true},
         {"place": {"item": 1, "round": 0}, "settings": \(settings.text), "decides": false,
          "brick": {"text": "<topology/>", "movers": [0, 2], "again": false, "threads": 2, "settings": ["a"]}}]}
        """
      return [Array(text.utf8)]
    },
    run: { bytes in
      guard let task = try? LaunchedTask.decode(bytes, from: "task-0.json") else { return false }
      for item in task.items { use(item.settings) }
      _ = try? task.encoded()
      return true
    })

  static let child = FuzzTarget(
    name: "child",
    seeds: {
      let works: [ChildTask.Work] = [
        .measure(decided: true, similarity: false), .decide, .search, .simulate,
        .watch(without: [1, 3]),
      ]
      return works.compactMap { ChildTask($0, settings).arguments.last }.map { Array($0.utf8) }
    },
    run: { bytes in
      guard let text = String(validating: bytes, as: UTF8.self),
        let task = try? ChildTask(document: text)
      else { return false }
      _ = (task.arguments, task.parentID)
      use(task.settings)
      return true
    })

  /// A dump of two parts, and the one of the program's end.
  private static let dump: String = {
    func part(_ number: Int, _ name: String, _ summary: String) -> String {
      """
      part: \(number)

      desc: I1 cache: 32768 B, 64 B, 8-way associative
      desc: Timerange: Basic block 0 - 16388
      desc: Trigger: \(name)

      positions: line
      events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw
      summary: \(summary)

      fn=(0) dnnl_primitive_execute
      0 131092 65538 16393 3 16384 3 3 16384 3

      totals: 99 99 99

      """
    }
    return """
      # callgrind format
      version: 1
      creator: callgrind-3.19.0
      pid: 26446
      cmd:  /proc/self/fd/5 simulate-child

      \(part(1, "Client Request: cold 0", "500487 1 2 3 63130 5 6 62807 178"))
      \(part(2, "Client Request: warm 0", "500487 1 2 0 71"))
      \(part(3, "Program termination", "18446744073709420513 3 4 5"))
      """
  }()

  /// What the program that was simulated said of itself.
  private static let report = """
    {"isa":"avx2","steps":[{"implementation":"jit:avx2","kind":"convolution","layer":0}],"topology":"ab"}
    cold 0
    0

    """

  static let callgrind = FuzzTarget(
    name: "callgrind", seeds: { [Array(dump.utf8)] },
    run: { bytes in
      SimulatedCounts(dump: bytes, report: Array(report.utf8)).map { !$0.all.isEmpty } ?? false
    })

  static let simulation = FuzzTarget(
    name: "simulation", seeds: { [Array(report.utf8)] },
    run: { bytes in
      SimulatedCounts(dump: Array(dump.utf8), report: bytes).map { !$0.all.isEmpty } ?? false
    })

  /// The nodes of the sample as ONNX has them.
  private static let nodes: [ExportedNode] = {
    guard let graph = SampleNetwork.graph else { return [] }
    let export = try? ONNXExport(
      graph, weights: SeededWeights(seed: 1), producer: ("ntprof", "0"))
    return export?.nodes ?? []
  }()

  static let worker = FuzzTarget(
    name: "worker",
    seeds: {
      let names = nodes.map(\.name)
      let graph = nodes.enumerated().map { place, node in
        """
        {"name": "\(node.name)", "op": "\(node.op)", "inputs": [\(place > 0 ? "\(place - 1)" : "")],
         "outputs": ["\(node.outputs.first ?? "")"], "origin": ["\(node.name)"], "layout": "abcd"}
        """
      }
      let timed = names.map {
        "{\"name\": \"\($0)\", \"op\": \"Conv\", \"implementation\": \"jit\", \"ns\": [1000, 1200.5]}"
      }
      return [
        """
        {"re": 7, "ok": {"passes_ns": [90000, 95000], "passes_per_sample": 2,
         "nodes": [\(timed.joined(separator: ", "))], "graph": [\(graph.joined(separator: ", "))]}}
        """,
        """
        {"re": 1, "ok": {"protocol": 1, "engine": "onnxruntime", "version": "1.17", "python": "3.11"}}
        """,
        """
        {"re": 2, "ok": {"load_ns": 1e7, "first_ns": 1e5, "settings": {"threads": "2"}, "alternates": true,
         "outputs": [{"name": "y", "shape": [1, 5], "file": "/tmp/y"}]}}
        """,
        """
        {"re": 3, "ok": {"passes": 10, "warmup": 3, "stopped": false}}
        """,
      ].map { Array($0.utf8) }
    },
    run: { bytes in
      if let profile = try? WorkerLine.profile(bytes), let graph = SampleNetwork.graph {
        let rows = EngineRows(
          profile, of: graph, table: nodes, selection: graph.layers.map { _ in true })
        _ = (rows.attributedShare, rows.strangers)
        let assembler = SampleNetwork.rows(graph)
        var record = RunRecord(
          created: "2026-01-02T03:04:05Z", tool: Tool(name: "ntprof", version: "0"), command: [],
          topology: TopologyInfo(name: "x", source: "x", sha256: "", parameters: [:]),
          options: RunOptions(batch: 1, threads: 1, seed: 1), machine: SampleRecords.machine(),
          totals: assembler.totals(), layers: assembler.layers(), segments: assembler.segments())
        rows.fill(&record, threads: 1)
        record.shareOut()
        for format in ReportFormats.all { _ = format.render(record) }
        return true
      }
      return WorkerLine.words(bytes) != nil
    })

  static let collector = FuzzTarget(
    name: "collector",
    seeds: {
      [
        #"{"partialSuccess": {"rejectedSpans": "12", "errorMessage": "no"}}"#,
        #"{"partialSuccess": {"rejectedSpans": 3}}"#,
      ].map { Array($0.utf8) }
    },
    run: { bytes in
      _ = HTTPAnswer(status: 400, body: bytes).excerpt
      return CollectorAnswer(bytes).rejected != nil
    })

  static let http = FuzzTarget(
    name: "http",
    seeds: {
      [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://localhost/\r\n\r\n",
      ].map { Array($0.utf8) }
    },
    run: { bytes in
      // As libcurl hands over what comes: the head in lines, then the body.
      let answer = IncomingAnswer(limit: 1 << 16)
      var rest = bytes[...]
      while !answer.hasWholeHead || rest.starts(with: "HTTP/".utf8), !rest.isEmpty {
        let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
        guard rest[..<end].withUnsafeBytes(answer.takeHead) else { return false }
        rest = rest[end...]
      }
      return rest.withUnsafeBytes(answer.takeBody) && answer.hasBegun
    })
}
