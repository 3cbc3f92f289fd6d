import Profiling

/// One execution of a primitive as a verbose log has it.
///
/// The fields are those of MKL-DNN 0.x (`mkldnn_verbose,exec,convolution,…`: no engine, no attributes),
/// MKL-DNN and DNNL 1.0 to 1.1 (an engine, no attributes), DNNL 1.2 to oneDNN 3.0 (both) and oneDNN 3.1
/// and later (`onednn_verbose,v1,primitive,exec,…`), each with or without time stamps.
/// Source: "Verbose mode" in the developer guides of these versions.
struct VerboseLine: Hashable {
  /// A tensor of a primitive.
  struct Memory: Hashable {
    /// `src`, `wei`, `bia`, `dst`, `data`….
    var role: String
    /// `f32`, `bf16`, `s8`…; empty where the log does not say.
    var type: String
    /// The format, like `aBcd16b` or `nChw16c`; `undef` where there is no tensor.
    var format: String
  }

  /// `convolution`, `reorder`….
  var primitive: String
  /// `jit:avx512_core`….
  var implementation: String
  /// `forward_inference`, `backward_data`, `undef`….
  var propagation: String
  var memories: [Memory]
  /// Post-operations and scales, as written.
  var attributes: String
  /// Algorithm and others, as written.
  var auxiliary: String
  /// The problem, as written.
  var problem: String
  /// How long it took, ms.
  var milliseconds: Double

  /// What a line of a log says.
  enum Content {
    case execution(VerboseLine)
    /// What runs, like `cpu,isa:Intel AVX2`.
    case info(Substring)
    /// Of a verbose log, and yet nothing that runs: creations, checks, partitions of graphs.
    case other
    /// It claims to be an execution and lacks fields, or its time is none that is measured.
    case broken
  }

  private static let markers = ["mkldnn_verbose,", "dnnl_verbose,", "onednn_verbose,"]

  /// What a line says; nil for one that no verbose mode wrote.
  static func content(_ line: Substring) -> Content? {
    let starts = markers.compactMap { marker in line.firstRange(of: marker)?.upperBound }
    guard let start = starts.min() else { return nil }
    var fields = line[start...].split(separator: ",", omittingEmptySubsequences: false)[...]
    if fields.first == "v1" { fields = fields.dropFirst() }
    if let first = fields.first, first.first?.isNumber == true, Double(first) != nil {
      fields = fields.dropFirst()
    }
    if fields.first == "primitive" { fields = fields.dropFirst() }
    switch fields.first {
    case "info": return .info(line[(fields.dropFirst().first?.startIndex ?? line.endIndex)...])
    case "exec": return VerboseLine(fields.dropFirst()).map(Content.execution) ?? .broken
    default: return .other
    }
  }

  /// Reads the fields behind `exec`; nil where there are too few or the time is no number.
  private init?(_ given: ArraySlice<Substring>) {
    var fields = given
    let hasEngine = fields.first.map { $0 == "cpu" || $0.hasPrefix("gpu") } ?? false
    if hasEngine { fields = fields.dropFirst() }
    // A locale that writes `16,54` for 16.54, which only MKL-DNN 0.x follows.
    if !hasEngine, fields.count == 8, let fraction = fields.last, fraction.allSatisfy(\.isNumber),
      let whole = fields.dropLast().last, !whole.isEmpty, whole.allSatisfy(\.isNumber)
    {
      fields = fields.dropLast(2) + ["\(whole).\(fraction)"]
    }
    guard fields.count >= 7 else { return nil }
    let list = Array(fields)
    guard let time = Double(list[list.count - 1].filter { !$0.isWhitespace }),
      0...NumberRange.largest ~= time * 1e6
    else { return nil }
    primitive = String(list[0])
    implementation = String(list[1])
    propagation = String(list[2])
    memories = list[3].split(separator: " ").map(Memory.init)
    attributes = list[4..<list.count - 3].joined(separator: ",")
    auxiliary = String(list[list.count - 3])
    problem = String(list[list.count - 2])
    milliseconds = time
  }

  /// The same execution but for its time.
  var signature: VerboseLine {
    var copy = self
    copy.milliseconds = 0
    return copy
  }

  /// Whether a tensor of that role is there.
  func has(_ role: String) -> Bool {
    memories.contains { $0.role.hasPrefix(role) && $0.format != "undef" && $0.type != "undef" }
  }

  /// The post-operations that were fused into it, in order, with their numbers behind `:`.
  var postOps: [String] {
    let text: Substring
    let separator: Character
    if let start = attributes.firstRange(of: "attr-post-ops:")?.upperBound {
      text = attributes[start...].prefix { $0 != " " }
      separator = "+"
    } else if let start = attributes.firstRange(of: "post_ops:'")?.upperBound {
      text = attributes[start...].prefix { $0 != "'" }
      separator = ";"
    } else {
      return []
    }
    return text.split(separator: separator).map(String.init)
  }
}

extension VerboseLine.Memory {
  private static let types = [
    "f32", "f64", "f16", "bf16", "s32", "s8", "u8", "s4", "u4", "f8_e5m2", "f8_e4m3", "undef",
    "boolean",
  ]

  /// Reads `src_f32::blocked:acdb:f0`, `src:f32:a:blocked:ab::f0`, `fsrc:nchw` or `in:f32_nchw`.
  fileprivate init(_ text: Substring) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let head = String(parts[0])
    if parts.count == 2, head == "in" || head == "out" {
      let underscore = parts[1].firstIndex(of: "_") ?? parts[1].endIndex
      role = head == "in" ? "src" : "dst"
      type = String(parts[1][..<underscore])
      format = String(parts[1][underscore...].dropFirst())
      return
    }
    if parts.count == 2, head.hasPrefix("f") {
      role = String(head.dropFirst())
      type = ""
      format = parts[1] == "x" ? "any" : String(parts[1])
      return
    }
    if let known = Self.types.first(where: { head.hasSuffix("_" + $0) }) {
      role = String(head.dropLast(known.count + 1))
      type = known
    } else {
      role = head
      type = parts.count > 1 ? String(parts[1]) : ""
    }
    let place = parts.firstIndex { ["blocked", "wino", "packed", "any", "sparse"].contains($0) }
    let tag = place.flatMap { parts.dropFirst($0 + 1).first }.map(String.init) ?? ""
    format = type == "undef" ? "undef" : tag.isEmpty ? place.map { String(parts[$0]) } ?? "" : tag
  }
}
