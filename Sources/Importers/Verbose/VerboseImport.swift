import Profiling
import Topology

/// Makes a profile of a verbose log of MKL-DNN, DNNL or oneDNN.
public enum VerboseImport {
  /// Whether a file's text is such a log.
  public static func recognises(_ text: some StringProtocol) -> Bool { VerboseLog.isOne(text) }

  /// Reads a log.
  ///
  /// `wanted` is how many passes it ends with, where somebody knows; nil finds out.
  ///
  /// - Throws: ``ImportError`` where nothing ran in it, a line is broken, or there are not so many equal
  ///   passes.
  public static func profile(
    _ text: String, file: String, passes wanted: Int? = nil
  ) throws(ImportError) -> ImportedProfile {
    let log = try VerboseLog(text, file: file)
    var numbers: [VerboseLine: Int] = [:]
    let executions = log.lines.map { line in
      let signature = line.signature
      let number = numbers[signature] ?? numbers.count
      numbers[signature] = number
      return number
    }
    guard let passes = Passes(executions, count: wanted) else {
      throw ImportError(
        .usage, file: file,
        "its \(executions.count) executions do not end with \(wanted ?? 0) equal passes",
        remedy: "without --iterations what repeats is found out")
    }
    return profile(log, passes)
  }

  private static func profile(_ log: VerboseLog, _ passes: Passes) -> ImportedProfile {
    let first = passes.starts.first ?? 0
    let pass = Array(log.lines[first..<first + passes.length])
    let rebuilt = RebuiltLayers(pass)
    let (layers, index) = rebuilt.graph()
    var counts: [String: Int] = [:]
    var rows: [ImportedProfile.Row] = []
    for (layer, place) in zip(rebuilt.layers, index) {
      let precision = precision(of: layer.main)
      // The main primitive names the layer, as one that was fused into a convolution does not.
      let kind = layer.problems.first?.element ?? element(of: layer.main.primitive)
      let number = counts[kind, default: 0] + 1
      counts[kind] = number
      let name = "\(kind)\(number)"
      var row =
        place.map { LayerRow.row(layers[$0], kind: nil, precision: precision) }
        ?? LayerRow.unknown(name, kind: kind, precision: precision)
      row.name = name
      let parts = layer.places.map { place in
        ImportedProfile.Part(
          primitive(pass[place]),
          samples: passes.starts.map { log.lines[$0 + place].milliseconds * 1e6 })
      }
      rows.append(ImportedProfile.Row(layer: row, parts: parts))
    }
    var profile = ImportedProfile(
      origin: .init(
        format: "onednn-verbose", program: log.library.name, version: log.library.version),
      rows: rows)
    profile.batch = layers.first?.inputTypes.first.map(\.batch)
    profile.threads = log.threads
    let precisions = rebuilt.layers.map { Self.precision(of: $0.main) }
    profile.precision =
      [PrecisionName.int8, .bf16, .f16].first { precisions.contains($0) } ?? .f32
    profile.fusion = pass.contains { !$0.postOps.isEmpty }
    profile.warmup = passes.warmup
    profile.isa = log.isaName
    profile.onednn = .init(
      version: log.library.version, isa: log.isaName, runtime: log.runtime)
    profile.warnings = warnings(log, passes)
    return profile
  }

  private static func warnings(_ log: VerboseLog, _ passes: Passes) -> [Warning] {
    var warnings: [Warning] = []
    func total(_ range: Range<Int>) -> String {
      let sum = log.lines[range].reduce(0) { $0 + $1.milliseconds }
      return "\((sum * 100).rounded() / 100) ms"
    }
    if passes.before > 0 {
      warnings.append(
        Warning(
          code: "ran-once",
          message: "\(passes.before) primitives ran once before the passes "
            + "(\(total(0..<passes.before))) and are in no layer's time",
          remedy: ""))
    }
    if passes.behind > 0 {
      warnings.append(
        Warning(
          code: "cut-off",
          message: "the log ends within a pass: its last \(passes.behind) primitives are left out",
          remedy: ""))
    }
    if passes.starts.count == 1, passes.warmup == 0 {
      warnings.append(
        Warning(
          code: "one-pass", message: "nothing repeats in the log: all of it is taken for one pass",
          remedy: "log several passes, so that times have a spread"))
    }
    let reorders = log.lines[(passes.starts.first ?? 0)...].prefix(passes.length).filter {
      $0.primitive == "reorder"
    }
    let sum = reorders.reduce(0) { $0 + $1.milliseconds }
    let all = log.lines[(passes.starts.first ?? 0)...].prefix(passes.length).reduce(0) {
      $0 + $1.milliseconds
    }
    if all > 0, sum > all / 10 {
      warnings.append(
        Warning(
          code: "reorders",
          message:
            "\(reorders.count) reorders take \(Int((sum / all * 100).rounded())) % of a pass",
          remedy: "let the framework keep weights in the library's formats, if it can"))
    }
    return warnings
  }

  private static func precision(of line: VerboseLine) -> PrecisionName {
    let types = line.memories.filter { ["src", "data", "src_layer", "wei"].contains($0.role) }
      .compactMap { LayerRow.precision($0.type) }
    return [PrecisionName.int8, .bf16, .f16].first { types.contains($0) } ?? .f32
  }

  /// The language's name of a primitive that its problem does not tell more of.
  private static func element(of primitive: String) -> String {
    let plain = primitive.hasSuffix("_v2") ? String(primitive.dropLast(3)) : primitive
    let names = [
      "convolution": "conv", "deconvolution": "deconv", "inner_product": "fc", "pooling": "pool",
      "batch_normalization": "batch-norm", "layer_normalization": "layer-norm",
      "group_normalization": "group-norm", "eltwise": "activation", "resampling": "resample",
      "reduction": "reduce", "binary": "add", "sum": "add", "rnn": "rnn",
    ]
    return names[plain] ?? plain
  }

  private static func primitive(_ line: VerboseLine) -> PrimitiveRecord {
    let roles = ["wei": "weights", "data": "src", "src_layer": "src", "dst_layer": "dst"]
    var formats: [String: String] = [:]
    for memory in line.memories where memory.format != "undef" {
      let role = roles[memory.role] ?? memory.role
      if ["src", "weights", "dst"].contains(role) {
        formats[role] = formats[role] ?? memory.format
      }
    }
    let context = LayerProblem.Context(auxiliary: line.auxiliary)
    return PrimitiveRecord(
      kind: line.primitive, implementation: line.implementation,
      algorithm: context.algorithm.isEmpty ? nil : context.algorithm, formats: formats,
      postOps: line.postOps.compactMap { $0.split(separator: ":").first.map(String.init) })
  }
}
