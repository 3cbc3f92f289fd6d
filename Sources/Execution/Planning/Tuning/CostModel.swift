import Measuring
import RealModule

/// How long a convolution or a reorder takes that nobody has timed, learned from searches.
///
/// Three small tables. A line for each kind of code that oneDNN chooses itself: the logarithm of its
/// time in ns is a sum of features times coefficients. A ratio for each other form that a search
/// would try: the upper quartile of its time over that of oneDNN's own choice, so that a form is taken
/// untried only where it saves more in reorders than it may well lose, or where three of four places
/// gained by it. A line for each kind of reorder. `Benchmarks/learn-tuning.py` fits them to what
/// searches kept, prints these tables and says how well they choose; `docs/tuning.md` says on what they
/// were fitted. They serve to choose and to weigh: no record shows such a time.
enum CostModel {
  /// a + b ln(MACs) + c ln(values read and written) + d ln(weights) + e ln(threads).
  ///
  /// Of reorders a + b ln(bytes) + c ln(threads). Learned with one thread, so that others are taken to
  /// share the work.
  typealias Line = [Double]

  /// The numbers of a convolution that its time is guessed from.
  struct Work {
    /// Multiply-adds.
    let macs: Double
    /// Elements of source and result.
    let values: Double
    /// Elements of the weights.
    let weights: Double
    /// OpenMP threads.
    let threads: Int
  }

  /// What Winograd's algorithm takes of the time of a direct convolution.
  ///
  /// No search that met it was at hand: whole networks took 0.43 (VGG-16) and 0.64 (ResNet-18) on a Zen
  /// 4, all layers included.
  static let winograd = 0.6

  /// The time of oneDNN's own choice for a convolution, ns.
  static func convolution(
    _ work: Work, implementation: String, source: String, result: String
  ) -> Double {
    guard let line = convolutions[kind(implementation, source, result)] else { return direct(work) }
    let features: [Double] = [
      1, .log(work.macs), .log(work.values), .log(work.weights), .log(Double(work.threads)),
    ]
    return .exp(zip(line, features).reduce(0) { $0 + $1.0 * $1.1 })
  }

  /// What another form may take of that time; `nil` where nothing was learned of the two.
  static func ratio(
    of implementation: String, _ source: String, _ result: String,
    to own: TunedImplementation
  ) -> Double? {
    let first = kind(own.implementation, own.source, own.result)
    return ratios["\(first) > \(kind(implementation, source, result))"]
  }

  /// The time of any product, ns: 30 GMAC and 12 GB of weights a second and thread.
  static func direct(_ work: Work) -> Double {
    let threads = Double(work.threads)
    return max(work.macs / (30 * threads), work.weights * 4 / (12 * threads)) + 1000
  }

  /// The time of a reorder, ns.
  static func reorder(bytes: Int, from source: String, to target: String, threads: Int) -> Double {
    let line = reorders[form(source) + form(target)] ?? copy
    let features: [Double] = [1, .log(Double(max(bytes, 1))), .log(Double(threads))]
    return .exp(zip(line, features).reduce(0) { $0 + $1.0 * $1.1 })
  }

  /// What a line is for: `jit_1x1 bb` is generated code for windows of one place, from blocks of
  /// channels to blocks of channels.
  private static func kind(_ implementation: String, _ source: String, _ result: String) -> String {
    let isProduct = implementation.contains("gemm") && !implementation.contains("brgemm")
    let code = isProduct ? "gemm" : String(implementation.prefix { $0 != ":" })
    return "\(code) \(form(source))\(form(result))"
  }

  /// How a value lies: p(lain), channels l(ast) or in b(locks).
  private static func form(_ format: String) -> String {
    if format.hasSuffix("b"), format.dropLast().last?.isNumber == true { return "b" }
    return format == String(format.sorted()) ? "p" : "l"
  }
}

// Printed by `Benchmarks/learn-tuning.py`.
extension CostModel {
  private static let convolutions: [String: Line] = [
    "jit bb": [-3.256, 0.737, 0.242, 0.138, -1.000],
    "jit pb": [-3.918, 0.882, 0.166, 0.011, -1.000],
    "jit_1x1 bb": [-1.564, 0.868, -0.019, 0.031, -1.000],
    "jit_dw bb": [-5.051, 0.889, 0.205, 0.181, -1.000],
  ]
  private static let ratios: [String: Double] = [
    "jit bb > jit ll": 1.96,
    "jit pb > jit ll": 1.05,
    "jit_1x1 bb > jit_1x1 ll": 1.36,
    "jit_dw bb > jit_dw ll": 4.27,
  ]
  private static let reorders: [String: Line] = [
    "bl": [-2.140, 0.931, -1.000],
    "bp": [-0.747, 0.855, -1.000],
    "lb": [-2.957, 1.013, -1.000],
    "lp": [-1.430, 0.950, -1.000],
    "pb": [-1.044, 0.872, -1.000],
    "pl": [-1.459, 0.944, -1.000],
  ]
  /// Of what is copied in the format that it has.
  private static let copy: Line = [-1.459, 0.944, -1.000]
}
