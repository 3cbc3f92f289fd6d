/// Random choices that are the same everywhere for the same seed (xorshift).
public struct Dice: Sendable {
  private var state: UInt64

  /// Begins with a seed.
  public init(seed: UInt64) {
    // Neighbouring seeds must not begin alike, and the state must not be 0.
    var bits = (seed &+ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    state = bits ^ bits >> 31 | 1
    for _ in 0..<4 { _ = next() }
  }

  /// The next 31 bits.
  mutating func next() -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33)
  }

  /// A number from 0 to below the bound.
  mutating func below(_ bound: Int) -> Int { next() % max(1, bound) }

  /// A number within bounds.
  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// Whether one of so many comes up.
  mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

  /// A number from −1 to 1.
  mutating func signed() -> Double { Double(next()) / Double(1 << 30) - 1 }
}
