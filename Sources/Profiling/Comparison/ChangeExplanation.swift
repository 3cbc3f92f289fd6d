/// Says in words what about a layer changed: "23 % fewer FLOP, same implementation".
enum ChangeExplanation {
  /// The words; nil for a layer that neither changed nor got faster or slower.
  static func text(for row: LayerDifference) -> String? {
    switch row.change {
    case .added: return "only in the candidate"
    case .removed: return "only in the baseline"
    default: break
    }
    let moved = row.difference.verdict == .faster || row.difference.verdict == .slower
    let implementationDiffers = row.implementation?.differ ?? false
    let precisionDiffers = row.precision?.differ ?? false
    guard moved || row.change != .same || implementationDiffers || precisionDiffers else {
      return nil
    }
    let parts = [identity(row), work(row), precision(row), implementation(row), bound(row)]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  private static func identity(_ row: LayerDifference) -> String? {
    switch row.change {
    case .renamed: "was \(row.baseline ?? "")"
    case .resized where row.outputShape?.differ ?? false:
      arrow(row.outputShape).map { "output \($0)" }
    case .replaced: "another kind of layer"
    default: nil
    }
  }

  private static func work(_ row: LayerDifference) -> String? {
    let flops = row.flops?.differ ?? false ? amount(row.flops, of: "FLOP") : nil
    let bytes = row.bytes?.differ ?? false ? amount(row.bytes, of: "bytes") : nil
    guard let flops, let bytes else {
      return flops ?? bytes ?? amount(row.flops, of: "FLOP").map { _ in "same FLOP and bytes" }
    }
    // Mostly both change alike.
    let both = amount(row.flops, of: "FLOP and bytes")
    return both == amount(row.bytes, of: "FLOP and bytes") ? both : "\(flops), \(bytes)"
  }

  private static func amount(_ sides: Sides<Int>?, of unit: String) -> String? {
    guard let before = sides?.baseline, let after = sides?.candidate else { return nil }
    guard before != after else { return "same \(unit)" }
    guard before > 0, after > 0 else { return "\(unit) \(before) → \(after)" }
    let ratio = Double(after) / Double(before)
    if ratio >= 2 { return "\(tenths(ratio)) × the \(unit)" }
    let percent = abs(ratio - 1) * 100
    let figure = percent < 1 ? tenths(percent) : String(Int(rounding: percent))
    return "\(figure) % \(ratio < 1 ? "fewer" : "more") \(unit)"
  }

  private static func precision(_ row: LayerDifference) -> String? {
    row.precision?.differ ?? false ? arrow(row.precision) : nil
  }

  private static func implementation(_ row: LayerDifference) -> String? {
    guard let sides = row.implementation, sides.baseline != nil, sides.candidate != nil else {
      return nil
    }
    return sides.differ ? arrow(sides) : "same implementation"
  }

  private static func bound(_ row: LayerDifference) -> String? {
    guard let sides = row.bound, sides.differ else { return nil }
    guard let before = sides.baseline, let after = sides.candidate else { return nil }
    return "bound: \(before.rawValue) → \(after.rawValue)"
  }

  private static func arrow<Value: CustomStringConvertible>(_ sides: Sides<Value>?) -> String? {
    guard let before = sides?.baseline, let after = sides?.candidate else { return nil }
    return "\(before) → \(after)"
  }

  private static func tenths(_ value: Double) -> String {
    guard value < 1e15 else { return value.description }
    let scaled = Int(rounding: value * 10)
    return "\(scaled / 10).\(scaled % 10)"
  }
}
