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
    case .latency:
      "it is too small for the machine: a larger batch, fewer threads or fewer, larger layers "
        + "would help"
    case .frontend:
      "code that does not fit the instruction cache: a larger batch gives it more work per call"
    case .badSpeculation: "branches depend on the data: look at its inputs"
    case .unknown: ""
    }
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
    if let efficiency = bound.evidence["efficiency"], efficiency < Roofline.atRoof {
      let search = record.options.tuning == "search" ? nil : "`--tuning search`"
      return sentence([search, "another shape (channels in multiples of 16)"])
    }
    let threads =
      record.options.teamSize < record.machine.cores ? "more threads (`--threads`)" : nil
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
    let options = [
      "bf16": peaks?.bf16 != nil || peaks == nil, "int8": peaks?.int8 != nil || peaks == nil,
    ]
    let below =
      switch layer.precision {
      case "f32": ["bf16", "int8"]
      case "bf16": ["int8"]
      default: [String]()
      }
    let usable = below.filter { options[$0] ?? false }
    return usable.isEmpty ? nil : "\(usable.joined(separator: " or ")) \(what)"
  }

  /// A sentence, like `a, b or c would help`.
  private func sentence(_ parts: [String?]) -> String {
    let parts = parts.compactMap { $0 }
    guard let last = parts.last else { return "" }
    let head = parts.dropLast().joined(separator: ", ")
    return (head.isEmpty ? last : "\(head) or \(last)") + " would help"
  }
}
