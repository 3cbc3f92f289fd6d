import RealModule

extension Double {
  /// A power as IEEE 754 has it, also of negative numbers.
  ///
  /// RealModule's own of two real numbers knows no negative base, nor 0⁰.
  package static func power(_ base: Double, _ exponent: Double) -> Double {
    if let whole = Int(exactly: exponent) { return .pow(base, whole) }
    // What is whole and yet no Int is even, or infinite: the sign does not matter.
    return .pow(exponent.rounded() == exponent ? abs(base) : base, exponent)
  }
}
