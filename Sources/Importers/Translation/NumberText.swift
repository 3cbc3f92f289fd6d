/// Numbers as a person writes them in attributes.
enum NumberText {
  /// The shortest text that is read as the same f32.
  static func real(_ value: Double) -> String {
    let single = Float(value)
    if single == single.rounded(), abs(single) < 1e7 { return String(Int(single)) }
    return String(describing: single)
  }

  /// Extents joined by `x`; one where all are alike.
  static func extents(_ values: [Int]) -> String {
    if let first = values.first, values.allSatisfy({ $0 == first }) { return String(first) }
    return dims(values)
  }

  /// Dims joined by `x`.
  static func dims(_ values: [Int]) -> String { values.map(String.init).joined(separator: "x") }

  /// A list joined by commas.
  static func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: ",") }
}
