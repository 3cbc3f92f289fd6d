import Testing
import Topology

/// Seeded constants depend on their place alone and stay in range.
@Suite struct SeededWeightsTests {
  let slot = WeightSlot(.weights, dims: [100, 300], fanIn: 300)

  @Test func partsAreTheSameAsTheWhole() {
    let weights = SeededWeights(seed: 7)
    let whole = weights.values(instruction: 3, slot: slot, index: 1)
    var part = [Float](repeating: 0, count: 777)
    part.withUnsafeMutableBufferPointer { buffer in
      weights.fill(instruction: 3, slot: slot, index: 1, offset: 12_345, into: buffer)
    }
    #expect(part == Array(whole[12_345..<12_345 + 777]))
  }

  @Test func blocksJoinSeamlessly() {
    let weights = SeededWeights(seed: 7)
    let seam = 1 << 24
    var across = [Float](repeating: 0, count: 8)
    var behind = [Float](repeating: 0, count: 4)
    across.withUnsafeMutableBufferPointer {
      weights.fill(instruction: 0, slot: slot, index: 0, offset: seam - 4, into: $0)
    }
    behind.withUnsafeMutableBufferPointer {
      weights.fill(instruction: 0, slot: slot, index: 0, offset: seam, into: $0)
    }
    #expect(Array(across[4...]) == behind)
  }

  @Test func everyPlaceHasItsOwnValues() {
    let base = SeededWeights(seed: 1).values(instruction: 0, slot: slot, index: 0)
    for other in [
      SeededWeights(seed: 2).values(instruction: 0, slot: slot, index: 0),
      SeededWeights(seed: 1).values(instruction: 1, slot: slot, index: 0),
      SeededWeights(seed: 1).values(instruction: 0, slot: slot, index: 1),
    ] {
      let equal = zip(base, other).count { $0 == $1 }
      #expect(equal < 10)
    }
  }

  @Test func weightsKeepTheVariance() {
    let values = SeededWeights(seed: 1).values(instruction: 0, slot: slot, index: 0)
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let variance = values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(values.count)
    #expect(abs(mean) < 1e-3)
    #expect(abs(variance * 300 - 1) < 0.02)
    #expect(values.allSatisfy { $0.isNormal })
  }

  @Test(arguments: [
    (WeightRole.bias, Float(-0.05)...0.05), (.scale, 0.9...1.1), (.shift, -0.05...0.05),
    (.mean, -0.05...0.05), (.variance, 0.9...1.1),
  ])
  func othersStayNearTheirMiddle(_ role: WeightRole, _ range: ClosedRange<Float>) {
    let values = SeededWeights(seed: 1).values(
      instruction: 0, slot: WeightSlot(role, dims: [1000]), index: 0)
    #expect(values.allSatisfy { range.contains($0) && $0.isNormal })
  }

  @Test func inputsDifferFromOneAnother() {
    let weights = SeededWeights(seed: 1)
    #expect(weights.input(0, count: 100) != weights.input(1, count: 100))
    #expect(weights.input(0, count: 100) == weights.input(0, count: 100))
    #expect(weights.input(0, count: 100).allSatisfy { abs($0) <= 1 && $0.isNormal })
  }
}
