import Execution
import Measuring
package import Profiling

extension NetworkRun {
  /// What a run in another precision than f32 should tell: what stayed in f32, what is emulated,
  /// and outputs that went astray.
  package func precisionWarnings(for record: RunRecord) -> [Warning] {
    let precision = record.options.precision
    guard precision != .f32 else { return [] }
    return [
      keptWarning(for: record),
      Precision(rawValue: precision.rawValue).flatMap(OneDNNEngine().emulationWarning),
      strayWarning(for: record),
    ]
    .compactMap(\.self)
  }

  private func keptWarning(for record: RunRecord) -> Warning? {
    let kept = record.layers.compactMap { layer in
      layer.keptInF32.map { (name: layer.name, reason: $0) }
    }
    guard let first = kept.first else { return nil }
    let names = kept.prefix(8).map(\.name).joined(separator: ", ")
    let rest = kept.count > 8 ? " and \(kept.count - 8) more" : ""
    return Warning(
      code: "kept-in-f32",
      message:
        "\(kept.count == 1 ? "1 layer computes" : "\(kept.count) layers compute") in f32, wholly or in part: \(names)\(rest) "
        + "(\(first.name): \(first.reason))",
      remedy: "the record's layers say in kept_in_f32 what of them, and why")
  }

  private func strayWarning(for record: RunRecord) -> Warning? {
    guard let whole = record.endToEnd, !record.interrupted else { return nil }
    guard let similarity = whole.cosineSimilarity else {
      return Warning(
        code: "far-from-f32",
        message:
          "outputs hold NaN or infinities, here or in f32: nothing can be said of their likeness",
        remedy: "another --seed, or normalisation between the layers, keeps values in range")
    }
    guard similarity < 0.99 else { return nil }
    let digits = (similarity * 10_000).rounded() / 10_000
    return Warning(
      code: "far-from-f32",
      message: "outputs have a cosine similarity of \(digits) with those of f32",
      remedy: "random weights can be harder to quantise than trained ones; try another --seed")
  }
}
