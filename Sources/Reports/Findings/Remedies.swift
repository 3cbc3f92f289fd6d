internal import Profiling

/// What may help a layer, by what holds it back.
struct Remedies {
  let record: RunRecord

  /// A list of things to try, joined as a sentence.
  func suggestion(for layer: LayerRecord, bound: Bound) -> String {
    switch bound.class {
    case .memory: memory(layer)
    case .core: core(layer, bound: bound)
    case .balanced:
      sentence([lowerPrecision(layer, of: "arithmetic and weights"), smaller(layer)])
    case .latency: "it may be too small for the machine; try \(largerWork)"
    case .frontend:
      "code that does not fit the instruction cache; try a larger batch, which gives it more work per call"
    case .badSpeculation: "branches depend on the data: look at its inputs"
    case .unknown: ""
    }
  }

  /// What may help against a reason, as a sentence.
  func suggestion(for layer: LayerRecord, against reason: Hindrance) -> String {
    switch reason.code {
    case .launch, .disturbed, .imbalance, .clock: around(reason)
    case .reference, .hostKernel, .im2col, .reorders, .smallPieces, .otherPrimitives, .keptInF32:
      plan(reason)
    case .fewChannels, .laneTails, .strided, .windowLoads: vectors(reason)
    case .betweenRoofs, .cacheBoundary, .writes, .steps: bytes(layer, reason)
    case .functions: "try a cheaper function, like relu or hard-swish"
    case .instructions: sentence([search, "channels in multiples of 16"])
    case .winograd: sentence([lowerPrecision(layer, of: "arithmetic"), smaller(layer)])
    case .unknown: HindranceText.inquiry(into: record)
    }
  }

  private func around(_ reason: Hindrance) -> String {
    switch reason.code {
    case .launch: "try \(largerWork)"
    case .disturbed: "stop other programs and run again"
    case .imbalance: "try a larger batch, which gives all threads work, or fewer threads"
    default: "the governor, heat or wide vectors slow the core: `ntprof machine` says what is set"
    }
  }

  private func plan(_ reason: Hindrance) -> String {
    switch reason.code {
    case .reference:
      "its shape, type or post-ops have no fast path; try another of them"
    case .hostKernel: "try another way to write the layer, for which oneDNN may have a kernel"
    case .im2col: sentence([search, "channels in multiples of 16, for which it need not unfold"])
    case .reorders:
      "try layers that agree on a memory format" + (search.map { ", or \($0)" } ?? "")
    case .smallPieces:
      "try parts with more channels, or another axis, which are copied in longer pieces"
    case .otherPrimitives:
      record.options.fusion
        ? "try to make what stands beside the product fewer or cheaper"
        : "try fusion (without `--no-fusion`)"
    default: "try a precision that all of it computes in"
    }
  }

  private func vectors(_ reason: Hindrance) -> String {
    let lanes = Int(rounding: reason.evidence[.lanes] ?? 16)
    switch reason.code {
    case .fewChannels: return "try up to \(lanes) channels, which hardly take longer"
    case .laneTails:
      return "try \(Int(rounding: reason.evidence[.filled] ?? 0)) filters, which take no longer"
    case .strided: return "try the stride in the convolution before, or in a pool"
    default: return "try a smaller kernel"
    }
  }

  private func bytes(_ layer: LayerRecord, _ reason: Hindrance) -> String {
    switch reason.code {
    case .betweenRoofs:
      sentence([lowerPrecision(layer, of: "arithmetic and weights"), smaller(layer)])
    case .cacheBoundary: sentence([lowerPrecision(layer, of: "values"), smaller(layer)])
    case .writes: sentence([lowerPrecision(layer, of: "activations"), "a smaller output"])
    default:
      sentence([
        smaller(layer), lowerPrecision(layer, of: "weights"),
        "a larger batch (many inputs share one reading of the weights)",
      ])
    }
  }

  private var search: String? { record.hasUntriedImplementations ? "`--tuning search`" : nil }

  private var largerWork: String {
    (record.options.threads ?? 1) > 1
      ? "a larger batch, fewer threads or fewer, larger layers"
      : "a larger batch or fewer, larger layers"
  }

  private func memory(_ layer: LayerRecord) -> String {
    guard layer.bytes.weights * 2 >= layer.bytes.total else {
      let fusion = record.options.fusion ? nil : "fusion (without `--no-fusion`)"
      return sentence([fusion, lowerPrecision(layer, of: "activations"), "a smaller output"])
    }
    let batch =
      record.options.batch < 32
      ? "a larger batch (many inputs share one reading of the weights)" : nil
    return sentence([smaller(layer), lowerPrecision(layer, of: "weights"), batch])
  }

  private func core(_ layer: LayerRecord, bound: Bound) -> String {
    if let efficiency = bound.evidence[.efficiency], efficiency < Roofline.atRoof {
      return sentence([search, "another shape (channels in multiples of 16)"])
    }
    let threads =
      (record.options.teamSize ?? .max) < record.machine.cores ?? 0
      ? "more threads (`--threads`)" : nil
    return sentence([lowerPrecision(layer, of: "arithmetic"), smaller(layer), threads])
  }

  /// What makes the layer itself smaller.
  private func smaller(_ layer: LayerRecord) -> String {
    switch layer.kind {
    case "lstm", "gru", "rnn": "a smaller hidden size"
    case "fc": "fewer units"
    case "conv", "deconv": "fewer filters or groups"
    case "attention": "fewer heads or a shorter sequence"
    case "embedding": "a smaller table"
    default: "a smaller layer"
    }
  }

  /// Precisions below the layer's that the machine's roofs were measured for.
  private func lowerPrecision(_ layer: LayerRecord, of what: String) -> String? {
    let peaks = record.machine.rooflines?.peakFlops
    let options: [PrecisionName: Bool] = [
      .bf16: peaks?.bf16 != nil || peaks == nil, .int8: peaks?.int8 != nil || peaks == nil,
    ]
    let below: [PrecisionName] =
      switch layer.precision {
      case .f32: [.bf16, .int8]
      case .bf16: [.int8]
      default: []
      }
    let usable = below.filter { options[$0] ?? false }.map(\.rawValue)
    return usable.isEmpty ? nil : "\(usable.joined(separator: " or ")) \(what)"
  }

  /// A clause, like `try a, b or c`.
  private func sentence(_ parts: [String?]) -> String {
    let parts = parts.compactMap { $0 }
    guard let last = parts.last else { return "" }
    let head = parts.dropLast().joined(separator: ", ")
    return "try " + (head.isEmpty ? last : "\(head) or \(last)")
  }
}
