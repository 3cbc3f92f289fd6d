import DNNL
import Measuring
import Profiling
import Topology

/// A primitive descriptor chosen together with what is fused into it.
struct Fused: ~Copyable {
  var descriptor: PrimitiveDescriptor
  var epilogue: Epilogue
}

/// What is fused behind an anchor.
struct Epilogue {
  /// The instructions.
  var links: [Link] = []
  /// oneDNN's post-ops for those that are not folded.
  var postOps: [PostOp] = []
  /// Second operands, by post-op.
  var operands: [(postOp: Int, tensor: Tensor)] = []
  /// The tensor that a sum post-op adds to, which is overwritten by the result.
  var accumulator: Tensor?
  /// What the result is stored as.
  var format = NumberFormat()
  /// What the stored numbers mean as the value that the last link makes, if not the same.
  var meaning: NumberFormat?
  /// The factors that 8-bit primitives apply.
  var scaling = Scaling()
  /// The descriptor that was asked for as dst.
  var target: MemoryDescriptor?
  /// What a search chose.
  var tuned: TunedImplementation?
  /// What a search tried and did not keep.
  var alternatives: [Alternative] = []
  /// What the algorithm adds to the rounding of the direct one.
  var numericalError: Double?
  /// How the implementation was chosen, where there is a choice.
  var choice: TuningSource?

  /// The batch normalisations among ``links``.
  var folded: [Int] {
    links.compactMap { if case .fold = $0.action { $0.instruction } else { nil } }
  }

  /// The attributes that it makes.
  func attributes() throws(DNNLError) -> PrimitiveAttributes { try .planned(postOps, scaling) }

  /// How a step names what is fused.
  var names: [String] { folded.map { _ in "batch_normalization" } + postOps.map(\.name) }
}

extension Epilogue {
  /// Makes the post-ops give multiples of the result's unit, above its zero point; returns the factor
  /// that the primitive itself has to apply, or `nil` when they cannot.
  ///
  /// Where every post-op of a multiple is the multiple of the post-op, the factor stands before
  /// them; else they compute in true numbers and a last one scales.
  mutating func scaleResult() -> Float? {
    let factor = 1 / format.scale
    let zero = Float(format.zeroPoint)
    if let scaled = scaled(by: factor) {
      postOps = scaled
      return appendLine(1, zero) ? factor : nil
    }
    return appendLine(factor, zero) ? 1 : nil
  }

  /// Appends a factor and an addend; false where that cannot be.
  mutating func appendLine(_ alpha: Float, _ beta: Float) -> Bool {
    if alpha == 1, beta == 0 { return true }
    if case .eltwise(.linear, let first, let second)? = postOps.last {
      postOps[postOps.count - 1] = .eltwise(
        .linear, alpha: first * alpha, beta: second * alpha + beta)
    } else {
      postOps.append(.eltwise(.linear, alpha: alpha, beta: beta))
    }
    let lines = postOps.count { postOp in
      if case .eltwise(.linear, _, _) = postOp { true } else { false }
    }
    return lines == 1 || !Quirk.oneGeneratorAFunction.holds
  }

  private func scaled(by factor: Float) -> [PostOp]? {
    var scaled: [PostOp] = []
    for postOp in postOps {
      switch postOp {
      case .sum(let scale, let type): scaled.append(.sum(scale: scale * factor, type: type))
      case .binary(.mul, _), .binary(.div, _): scaled.append(postOp)
      case .binary: return factor == 1 ? postOps : nil
      case .eltwise(let algorithm, let alpha, let beta):
        switch algorithm {
        case .relu, .abs: scaled.append(postOp)
        case .boundedRelu:
          scaled.append(.eltwise(algorithm, alpha: alpha * factor, beta: beta))
        case .clip:
          scaled.append(.eltwise(algorithm, alpha: alpha * factor, beta: beta * factor))
        case .linear: scaled.append(.eltwise(algorithm, alpha: alpha, beta: beta * factor))
        default: return factor == 1 ? postOps : nil
        }
      }
    }
    return scaled
  }
}
