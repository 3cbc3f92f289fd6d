import Model
import Profiling
import Topology

/// The trace that ONNX Runtime writes with `enable_profiling`.
public enum ONNXRuntimeTrace {
  private struct Event: Decodable {
    struct Arguments: Decodable {
      var opName: String?
      var provider: String?
      var nodeIndex: String?
      var inputTypeShape: [[String: [Int]]]?
      var outputTypeShape: [[String: [Int]]]?
      var activationSize: String?
      var parameterSize: String?
    }

    var cat: String?
    var name: String?
    var tid: Int?
    var dur: Double?
    var ts: Double?
    var args: Arguments?

    /// Whether it took a time that is measured, µs.
    var isTimed: Bool { dur.map { 0...NumberRange.largest / 1000 ~= $0 } ?? false }

    var end: Double { (ts ?? 0) + (dur ?? 0) }
  }

  /// Whether a text is a trace.
  public static func recognises(_ text: some StringProtocol) -> Bool {
    let start = text.drop { $0.isWhitespace }
    guard start.hasPrefix("[") else { return false }
    let head = start.prefix(4000)
    return head.contains("\"cat\"") && (head.contains("Session") || head.contains("_kernel_time"))
  }

  /// Reads a trace.
  ///
  /// - Throws: ``ImportError`` where it is no JSON, or nothing ran in it.
  public static func profile(_ text: String, file: String) throws(ImportError) -> ImportedProfile {
    let events: [Event]
    do {
      events = try CheckedJSON.decode([Event].self, from: text.utf8, names: .snakeCase)
    } catch {
      throw ImportError(
        file: file, JSONFault.text(error),
        remedy: "end profiling in the program that writes it (end_profiling)")
    }
    let passes = outermost(
      events.filter { ($0.name ?? "").hasSuffix("Executor::Execute") && $0.isTimed })
    let nodes = outermost(
      events.filter { $0.cat == "Node" && ($0.name ?? "").hasSuffix("_kernel_time") })
    guard !passes.isEmpty, !nodes.isEmpty else {
      throw ImportError(
        file: file, nodes.isEmpty ? "holds no node that ran" : "holds no whole run of the model")
    }
    var byPass = [[Event]](repeating: [], count: passes.count)
    for node in nodes {
      guard
        let pass = passes.firstIndex(where: {
          ($0.ts ?? 0) <= (node.ts ?? 0) && node.end <= $0.end + 1
        })
      else { continue }
      byPass[pass].append(node)
    }
    let template = byPass.last ?? []
    let keys = template.map(key)
    let equal = passes.indices.filter { byPass[$0].map(key) == keys }
    var list: [EngineNode] = []
    for (place, event) in template.enumerated() {
      list.append(
        try node(event, file, samples: equal.map { (byPass[$0][place].dur ?? 0) * 1000 }))
    }
    var profile = ImportedProfile(
      origin: .init(format: "onnxruntime-profile", program: "ONNX Runtime", version: nil),
      rows: EngineNode.rows(list))
    profile.passes = equal.map { (passes[$0].dur ?? 0) * 1000 }
    profile.batch = list.first?.inputs.first?.first
    if equal.count < passes.count {
      profile.warnings.append(
        Warning(
          code: "other-passes",
          message:
            "\(passes.count - equal.count) of \(passes.count) runs took other nodes and are left out",
          remedy: "profile runs on inputs of one shape"))
    }
    return profile
  }

  /// Events that lie in no other of the same thread, by their beginning.
  private static func outermost(_ events: [Event]) -> [Event] {
    let sorted = events.sorted { left, right in
      (left.ts ?? 0, -(left.dur ?? 0)) < (right.ts ?? 0, -(right.dur ?? 0))
    }
    var ends: [Int: Double] = [:]
    return sorted.filter { event in
      let thread = event.tid ?? 0
      if let end = ends[thread], event.end <= end, (event.ts ?? 0) < end { return false }
      ends[thread] = max(ends[thread] ?? 0, event.end)
      return true
    }
  }

  private static func key(_ event: Event) -> String {
    "\(event.args?.nodeIndex ?? "") \(event.name ?? "")"
  }

  private static func node(
    _ event: Event, _ file: String, samples: [Double]
  ) throws(ImportError) -> EngineNode {
    let arguments = event.args
    var name = String((event.name ?? "").dropLast("_kernel_time".count))
    if name.hasSuffix("_nchwc") { name.removeLast("_nchwc".count) }
    let read = (arguments?.inputTypeShape ?? []).compactMap(\.first)
    let made = (arguments?.outputTypeShape ?? []).first?.first
    func fault(_ message: String) -> ImportError {
      ImportError(file: file, place: "node '\(name)'", message)
    }
    for (_, dims) in read + (made.map { [$0] } ?? [])
    where Extents.count(dims, most: Shape.maximumElementCount) == nil {
      throw fault("no tensor has the dims \(shapeText(dims))")
    }
    guard samples.allSatisfy({ 0...NumberRange.largest ~= $0 }) else {
      throw fault("its time is none that is measured")
    }
    // The first operands are activations, as many as their bytes say.
    var left = Int(arguments?.activationSize ?? "") ?? 0
    var inputs: [[Int]] = []
    var constants: [[Int]] = []
    let parameters = Int(arguments?.parameterSize ?? "") ?? 0
    for (type, dims) in read {
      let bytes = dims.reduce(1, *) * size(of: type)
      if inputs.isEmpty || parameters == 0 || (bytes <= left && constants.count > 1) {
        inputs.append(dims)
        left = left > bytes ? left - bytes : 0
      } else {
        constants.append(dims)
      }
    }
    let provider = arguments?.provider ?? ""
    return EngineNode(
      name: name, type: arguments?.opName ?? "node",
      implementation: provider == "CPUExecutionProvider" ? "mlas" : provider,
      precision: precision(read.first?.key ?? made?.key ?? "float"), inputs: inputs,
      constants: constants, output: made?.value ?? [], samples: samples)
  }

  private static func size(of type: String) -> Int {
    switch type {
    case "double", "int64", "uint64": 8
    case "float16", "bfloat16", "int16", "uint16": 2
    case "int8", "uint8", "bool": 1
    default: 4
    }
  }

  private static func precision(_ type: String) -> PrecisionName {
    switch type {
    case "float16": .f16
    case "bfloat16": .bf16
    case "int8", "uint8": .int8
    default: .f32
    }
  }
}
