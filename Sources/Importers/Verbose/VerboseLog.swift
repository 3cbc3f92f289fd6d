/// A verbose log: what ran in which order, and what the library says of itself.
struct VerboseLog {
  /// The executions, in order.
  var lines: [VerboseLine] = []
  /// The number of the line of the log that each stands in, from 1.
  var places: [Int] = []
  /// `oneDNN`, `DNNL`, `MKL-DNN`, and its version.
  var library = (name: "oneDNN", version: "")
  /// The threading runtime: `openmp`, `threadpool`….
  var runtime = ""
  /// Threads; nil where the log does not say.
  var threads: Int?
  /// The instruction set in the library's own words; empty where the log does not say.
  var isa = ""

  /// Whether bytes begin like a log: some line of the first ones is one of a verbose mode.
  static func isOne(_ text: some StringProtocol) -> Bool {
    text.split(whereSeparator: \.isNewline).contains { VerboseLine.content(Substring($0)) != nil }
  }

  /// Reads a log; other programs' lines between are skipped.
  ///
  /// - Throws: ``ImportError`` where nothing ran in it, or a line is cut off inside the log.
  init(_ text: String, file: String) throws(ImportError) {
    var broken: Int?
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      switch VerboseLine.content(line) {
      case .execution(let execution):
        if let broken {
          throw ImportError(
            file: file, place: "line \(broken)",
            "a verbose line lacks fields, or its time is no number")
        }
        lines.append(execution)
        places.append(number)
      case .info(let words): note(words)
      case .broken: broken = broken ?? number
      case .other, nil: continue
      }
    }
    // The last line of a log may be cut off: its program was ended.
    guard !lines.isEmpty else {
      throw ImportError(
        file: file, "holds no execution of a primitive",
        remedy:
          "run the program with ONEDNN_VERBOSE=1 (DNNL_VERBOSE, MKLDNN_VERBOSE of old versions)")
    }
  }

  private mutating func note(_ words: Substring) {
    if let found = words.firstMatch(of: /(oneDNN|DNNL|MKL-DNN) v(\d+(?:\.\d+)*)/) {
      library = (String(found.1), String(found.2))
      // MKL-DNN 0.x and 1.0 say the instruction set in the same line.
      if let comma = words.firstIndex(of: ",") {
        isa = String(words[words.index(after: comma)...])
      }
    } else if let found = words.prefixMatch(of: /cpu,isa:(.*)/) {
      isa = String(found.1)
    } else if let found = words.prefixMatch(of: /cpu,runtime:([^,]*)(?:,nthr:(\d+))?/) {
      runtime = found.1.lowercased()
      threads = found.2.flatMap { Int32($0) }.map(Int.init)
    }
  }

  /// The library's words for instruction sets, most telling first, and what `ONEDNN_MAX_CPU_ISA` calls
  /// them.
  private static let isaNames = [
    ("avx10.1/512", "avx10_1_512"), ("amx", "avx512_core_amx"),
    ("with float16", "avx512_core_fp16"),
    ("avx-512 with intel dl boost and bfloat16", "avx512_core_bf16"),
    ("avx-512 with intel dl boost", "avx512_core_vnni"), ("avx-512", "avx512_core"),
    ("avx512", "avx512_core"), ("advanced vector extensions 512", "avx512_core"),
    ("avx2 with intel dl boost", "avx2_vnni"), ("avx2", "avx2"), ("sse4.1", "sse41"),
    ("avx", "avx"),
  ]

  /// The instruction set as `ONEDNN_MAX_CPU_ISA` calls it, else in the library's own words.
  var isaName: String {
    let text = isa.lowercased().replacing("(r)", with: "")
    return Self.isaNames.first { text.contains($0.0) }?.1 ?? isa
  }
}
