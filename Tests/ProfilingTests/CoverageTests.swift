import Foundation
import Profiling
import Testing

/// Synthetic samples with a known truth: intervals cover it as often as they promise.
@Suite struct CoverageTests {
  /// Shapes that times take; each has median 1.
  enum Shape: String, CaseIterable, CustomTestStringConvertible {
    case normal, lognormal, exponential, bimodal

    var testDescription: String { rawValue }

    func draw(_ random: inout SplitMix64) -> Double {
      switch self {
      case .normal: 1 + 0.05 * random.normal()
      case .lognormal: exp(0.4 * random.normal())
      // A floor and a long tail, as a quiet machine gives.
      case .exponential: 1 + 0.1 * (-log(random.uniform()) - log(2.0))
      // Two clock rates a tenth apart, each half of the time: the hardest for a median.
      case .bimodal: (random.uniform() < 0.5 ? 0.95 : 1.05) + 0.05 * random.normal()
      }
    }
  }

  static let draws = 2000
  /// 93 % to 97 % of the draws.
  static let promised = 1860...1940

  /// Binomial ranks are whole numbers: at these counts they promise 95.2 to 95.4 %.
  @Test(arguments: Shape.allCases, [37, 58, 101])
  func medianInterval(shape: Shape, count: Int) throws {
    let ranks = try #require(MedianInterval.ranks(count: count))
    var random = SplitMix64(seed: 1)
    var covered = 0
    for _ in 0..<Self.draws {
      let below = (0..<count).count { _ in shape.draw(&random) <= 1 }
      // The low-th smallest is at most 1 and the high-th is above it.
      if below >= ranks.low, below < ranks.high { covered += 1 }
    }
    #expect(Self.promised.contains(covered), "\(covered) of \(Self.draws)")
  }

  @Test(arguments: Shape.allCases, [8, 12])
  func hodgesLehmannInterval(shape: Shape, count: Int) throws {
    var random = SplitMix64(seed: 2)
    var covered = 0
    for _ in 0..<Self.draws {
      let baseline = (0..<count).map { _ in shape.draw(&random) + 2 }
      let candidate = (0..<count).map { _ in (shape.draw(&random) + 2) * 1.1 }
      let difference = PercentDifference.hodgesLehmann(baseline: baseline, candidate: candidate)
      if try #require(difference?.interval).contains(10) { covered += 1 }
    }
    #expect(Self.promised.contains(covered), "\(covered) of \(Self.draws)")
  }

  @Test(arguments: [Shape.normal, .lognormal])
  func bootstrapInterval(shape: Shape) {
    var random = SplitMix64(seed: 3)
    var estimator = DifferenceEstimator(resamples: 500)
    var covered = 0
    for _ in 0..<Self.draws {
      let baseline = (0..<30).map { _ in shape.draw(&random) }
      let candidate = (0..<40).map { _ in shape.draw(&random) * 1.1 }
      let difference = estimator.unpaired(baseline: baseline, candidate: candidate)
      if difference?.interval?.contains(10) == true { covered += 1 }
    }
    #expect(Self.promised.contains(covered), "\(covered) of \(Self.draws)")
  }

  @Test(arguments: [Shape.lognormal])
  func pairedInterval(shape: Shape) {
    var random = SplitMix64(seed: 4)
    var estimator = DifferenceEstimator(resamples: 500)
    var covered = 0
    for _ in 0..<Self.draws {
      // Both sides of a pair see the same machine, and a little noise each.
      let baseline = (0..<40).map { _ in shape.draw(&random) }
      let candidate = baseline.map { $0 * 1.1 * (1 + 0.02 * random.normal()) }
      let difference = estimator.paired(baseline: baseline, candidate: candidate)
      if difference?.interval?.contains(10) == true { covered += 1 }
    }
    #expect(Self.promised.contains(covered), "\(covered) of \(Self.draws)")
  }
}
