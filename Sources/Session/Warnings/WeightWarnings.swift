package import Model
package import Profiling

extension WeightHealth {
  /// Beyond it products of weights and activations come near the end of f32.
  private static let large: Float = 1e18
  /// Share of zeros from which weights are called sparse.
  private static let sparse = 0.5

  /// What the reader of a run should know of the weights: where they change its time, and where not.
  package var warnings: [Warning] {
    var list: [Warning] = []
    if denormals > 0, let worst = tensors.max(by: { $0.denormals < $1.denormals }) {
      list.append(
        Warning(
          code: "denormal-weights",
          message: "\(denormals) weights are denormal, \(worst.denormals) of them in \(worst.key): "
            + "they are taken for 0 here, and cost no time",
          remedy: "elsewhere flush them, too (torch.set_flush_denormal): each may cost 100 cycles"))
    }
    let share = Double(zeros) / Double(max(1, count))
    if share >= WeightHealth.sparse, let worst = tensors.max(by: { $0.zeros < $1.zeros }) {
      list.append(
        Warning(
          code: "sparse-weights",
          message: "\(Int((share * 100).rounded())) % of the weights are 0, most of them in "
            + "\(worst.key): oneDNN multiplies them like any others, the time is that of dense ones",
          remedy: "leave channels out that are 0 as a whole; single zeros save nothing here"))
    }
    if let worst = tensors.max(by: { $0.largest < $1.largest }), worst.largest > WeightHealth.large
    {
      list.append(
        Warning(
          code: "large-weights",
          message: "\(worst.key) reaches \(worst.largest): products leave the range of f32",
          remedy: "look at the weights; outputs are not to be trusted"))
    }
    return list
  }
}
