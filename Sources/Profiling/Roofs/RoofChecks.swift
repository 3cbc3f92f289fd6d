/// Whether measured peaks can be right: against multiply-adds in registers, against what one thread
/// of another team reaches, and against one another.
public enum RoofChecks {
  /// Share of the rate in registers that the library's best kernels reach at least.
  ///
  /// A product of matrices and a convolution that fit the caches reach 0.85 to 1.05 of it.
  static let leastOfRegisters = 0.7
  /// Share of another team's rate a thread that threads keep at least.
  static let leastOfOthers = 0.6
  /// How many times f32's peak that of 16 and of 8 bits can be without matrix tiles: instructions
  /// that multiply and add 2 and 4 numbers in the place of one, and some room.
  static let mostOfNarrow = (bf16: 3.0, int8: 6.0)

  /// What speaks against the peaks, in words; empty when nothing does.
  ///
  /// - Parameters:
  ///   - roofs: What was measured.
  ///   - others: Sound roofs of other teams on the same machine.
  ///   - hasTiles: Whether the CPU multiplies tiles of matrices (AMX).
  /// - Returns: One clause a contradiction.
  public static func contradictions(
    in roofs: Rooflines, others: [Rooflines] = [], hasTiles: Bool = false
  ) -> [String] {
    let peaks = roofs.peakFlops
    var found: [String] = []
    if let registers = roofs.registerFlops, peaks.f32 < leastOfRegisters * registers {
      found.append("f32 is \(percent(peaks.f32 / registers)) of multiply-adds in registers")
    }
    for other in others where other.threads > 0 && roofs.threads > 0 {
      let ratio =
        (peaks.f32 / Double(roofs.threads)) / (other.peakFlops.f32 / Double(other.threads))
      // Threads that share a core have less each, in registers too.
      guard ratio < leastOfOthers * min(1, registerRatio(roofs, other) ?? 1) else { continue }
      found.append(
        "a thread reaches \(percent(ratio)) of what one of \(other.threads) does")
    }
    if !hasTiles {
      for (name, peak, most) in [
        ("bf16", peaks.bf16, mostOfNarrow.bf16), ("int8", peaks.int8, mostOfNarrow.int8),
      ] {
        guard let peak, peak > most * peaks.f32 else { continue }
        found.append("\(name) is \(percent(peak / peaks.f32)) of f32")
      }
    }
    return found
  }

  /// Rates in registers a thread, the first team's over the second's.
  private static func registerRatio(_ first: Rooflines, _ second: Rooflines) -> Double? {
    guard let a = first.registerFlops, let b = second.registerFlops, b > 0 else { return nil }
    return a / Double(first.threads) / (b / Double(second.threads))
  }

  private static func percent(_ share: Double) -> String { "\(Int(rounding: share * 100)) %" }
}
