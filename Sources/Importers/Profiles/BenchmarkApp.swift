import Profiling

/// Reports on counters by OpenVINO's benchmark_app: CSV, JSON, or what it prints.
public enum BenchmarkApp {
  /// A row of a report.
  private struct Row {
    var name: String
    var type: String
    var status: String
    var exec: String
    var nanoseconds: Double
    /// The report's line, from 1; 0 of JSON.
    var line: Int
  }

  private static let heading = "layerName;execStatus;layerType;execType;"

  /// Whether a text is a report.
  public static func recognises(_ text: some StringProtocol) -> Bool {
    let start = text.drop { $0.isWhitespace }
    if start.hasPrefix(heading) { return true }
    if start.hasPrefix("{") { return start.prefix(200).contains("\"report_type\"") }
    return text.contains("layerType: ") && text.contains("realTime (ms)")
  }

  /// Reads a report.
  ///
  /// - Throws: ``ImportError`` where it lacks what a report has, or nothing ran in it.
  public static func profile(_ text: String, file: String) throws(ImportError) -> ImportedProfile {
    let start = text.drop { $0.isWhitespace }
    let blocks: [[Row]]
    if start.hasPrefix("{") {
      blocks = try json(text, file: file)
    } else if start.hasPrefix(heading) {
      blocks = try csv(text, file: file)
    } else {
      blocks = try printed(text, file: file)
    }
    var profile = try profile(blocks, file: file)
    readFacts(text, into: &profile)
    return profile
  }

  // MARK: Formats

  /// One block of rows for each request that counted, an empty line between them.
  private static func csv(_ text: String, file: String) throws(ImportError) -> [[Row]] {
    var blocks: [[Row]] = [[]]
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      let fields = line.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      if fields.count < 2 || fields[0] == "layerName" {
        if blocks.last?.isEmpty == false { blocks.append([]) }
        continue
      }
      if fields[0] == "Total" { continue }
      // A layer's name may hold `;`.
      guard fields.count >= 6, let time = nanoseconds(fields[fields.count - 2]) else {
        throw ImportError(
          file: file, place: "line \(number)",
          "is no row of a report: layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)"
        )
      }
      let tail = Array(fields.suffix(5))
      blocks[blocks.count - 1].append(
        Row(
          name: fields.dropLast(5).joined(separator: ";"), type: tail[1], status: tail[0],
          exec: tail[2], nanoseconds: time, line: number))
    }
    return blocks.filter { !$0.isEmpty }
  }

  private struct Report: Decodable {
    struct Node: Decodable {
      var name: String
      var nodeType: String
      var status: String
      var realTime: String
      var execType: String
    }
    struct Block: Decodable { var nodes: [Node] }
    var avgPerformance: Block?
    var detailedPerformance: [Block]?
  }

  private static func json(_ text: String, file: String) throws(ImportError) -> [[Row]] {
    let report: Report
    do {
      report = try CheckedJSON.decode(Report.self, from: text.utf8, names: .snakeCase)
    } catch {
      throw ImportError(file: file, JSONFault.text(error))
    }
    let blocks = report.detailedPerformance ?? [report.avgPerformance].compactMap(\.self)
    var rows: [[Row]] = []
    for block in blocks {
      var list: [Row] = []
      for node in block.nodes {
        guard let time = nanoseconds(node.realTime) else {
          throw ImportError(
            file: file, place: "node '\(node.name)'", "real_time '\(node.realTime)' is no time")
        }
        list.append(
          Row(
            name: node.name, type: node.nodeType, status: node.status, exec: node.execType,
            nanoseconds: time, line: 0))
      }
      rows.append(list)
    }
    return rows
  }

  /// Milliseconds as nanoseconds; nil of what is no time.
  private static func nanoseconds(_ text: some StringProtocol) -> Double? {
    Double(text).map { $0 * 1e6 }.flatMap { 0...NumberRange.largest ~= $0 ? $0 : nil }
  }

  private static func printed(_ text: String, file: String) throws(ImportError) -> [[Row]] {
    let pattern =
      /^(.*?)\s+(?:Status\.)?(EXECUTED|NOT_RUN|OPTIMIZED_OUT)\s+layerType:\s+(\S+)\s+(?:execType:\s+(\S+)\s+)?realTime \(ms\):\s+([0-9.]+).*$/
    var rows: [Row] = []
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      guard let found = line.wholeMatch(of: pattern), let time = nanoseconds(found.5) else {
        continue
      }
      rows.append(
        Row(
          name: String(found.1), type: String(found.3), status: String(found.2),
          exec: found.4.map(String.init) ?? "", nanoseconds: time, line: number))
    }
    return [rows]
  }

  // MARK: Profile

  /// Nodes that ran, with those that they computed too: an `undef` one behind them.
  private static func profile(_ blocks: [[Row]], file: String) throws(ImportError)
    -> ImportedProfile
  {
    guard let first = blocks.first else {
      throw ImportError(file: file, "holds no layer")
    }
    var nodes: [EngineNode] = []
    var places: [Int] = []
    for (place, row) in first.enumerated() {
      let status = row.status.replacing("Status.", with: "")
      if status == "EXECUTED" {
        nodes.append(
          EngineNode(
            name: row.name, type: row.type, implementation: row.exec,
            precision: precision(row.exec), samples: []))
        places.append(place)
      } else if row.exec == "undef" || row.exec.isEmpty, let last = nodes.indices.last,
        !["Parameter", "Result", "Constant", "Const"].contains(row.type)
      {
        nodes[last].fused.append(row.type.lowercased())
      }
    }
    guard !nodes.isEmpty else {
      throw ImportError(
        file: file, "none of its \(first.count) layers ran",
        remedy: "run benchmark_app with -pc, or with a report type that counts")
    }
    let equal = blocks.filter { $0.map(\.name) == first.map(\.name) }
    for index in nodes.indices {
      nodes[index].samples = equal.map { $0[places[index]].nanoseconds }
    }
    var profile = ImportedProfile(
      origin: .init(format: "benchmark-app", program: "OpenVINO", version: nil),
      rows: EngineNode.rows(nodes))
    profile.precision =
      [PrecisionName.int8, .bf16, .f16].first { kind in
        nodes.contains { $0.precision == kind && EngineNode.element($0.type) != "reorder" }
      } ?? .f32
    let inner = nodes.filter { ["conv", "fc", "matmul", "lstm", "gru"].contains($0.row.kind) }
    if let most = Dictionary(grouping: inner, by: \.precision).max(by: {
      ($0.value.count, $1.key.rawValue) < ($1.value.count, $0.key.rawValue)
    }) {
      profile.precision = most.key
    }
    profile.fusion = nodes.contains { !$0.fused.isEmpty }
    profile.warnings = [
      Warning(
        code: "running-mean",
        message:
          "each time is a mean over all passes since the model was compiled, the first included",
        remedy: "")
    ]
    return profile
  }

  private static func precision(_ exec: String) -> PrecisionName {
    let word = exec.split(separator: "_").last ?? ""
    return LayerRow.precision(word) ?? .f32
  }

  /// What the printed report says beside the layers.
  private static func readFacts(_ text: String, into profile: inout ImportedProfile) {
    func number(_ found: Substring?) -> Double? {
      found.flatMap { Double($0) }.flatMap { $0 <= 1e12 ? $0 : nil }
    }
    func count(_ found: Substring?) -> Int? { found.flatMap { Int32($0) }.map(Int.init) }
    profile.origin.version = text.firstMatch(of: /Build \.+ (\S+)/).map { String($0.1) }
    profile.threads = count(text.firstMatch(of: /INFERENCE_NUM_THREADS: (\d+)/)?.1)
    profile.batch = count(text.firstMatch(of: /Model batch size: (\d+)/)?.1)
    profile.latency = number(text.firstMatch(of: /Median:\s+([0-9.]+) ms/)?.1).map { $0 * 1e6 }
    profile.throughput = number(text.firstMatch(of: /Throughput:\s+([0-9.]+) FPS/)?.1)
  }
}

/// What is wrong with JSON, in one clause.
enum JSONFault {
  static func text(_ error: any Error) -> String {
    func path(_ keys: [any CodingKey]) -> String {
      keys.reduce(into: "") { text, key in
        text += key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    switch error {
    case let fault as NumberRange.Fault: return fault.description
    case DecodingError.keyNotFound(let key, let context):
      return "lacks '\(path(context.codingPath + [key]))'"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return "'\(path(context.codingPath))' is of another type than it should be"
    default: return "is not JSON, or ends too early"
    }
  }
}
