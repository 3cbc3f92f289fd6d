import Testing

@testable import Execution
@testable import Measuring

/// The cheapest choices of a whole network, against trying them all.
@Suite struct AssignmentTests {
  private struct Generator {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % bound
    }
  }

  @Test("chains, trees and residual networks are solved exactly", arguments: 1...40)
  func exact(seed: Int) {
    var generator = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    var problem = Assignment(costs: Self.costs(8, &generator))
    for node in 1..<8 {
      Self.connect(&problem, seed % 2 == 0 ? node - 1 : generator.below(node), node, &generator)
    }
    // Residuals that do not cross: series and parallel only.
    if seed % 2 == 0 {
      Self.connect(&problem, 0, 2, &generator)
      Self.connect(&problem, 2, 4, &generator)
      Self.connect(&problem, 4, 7, &generator)
    }
    let solution = problem.solve()
    #expect(abs(solution.cost - Self.cheapest(problem)) < 1e-9)
    #expect(abs(problem.cost(of: solution.choices) - solution.cost) < 1e-9)
  }

  @Test("tangled networks come within a tenth of the best on average")
  func tangled() {
    var excess = 0.0
    for seed in 1...40 {
      var generator = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
      var problem = Assignment(costs: Self.costs(7, &generator))
      for a in 0..<7 {
        for b in a + 1..<7 where generator.below(3) > 0 {
          Self.connect(&problem, a, b, &generator)
        }
      }
      let best = Self.cheapest(problem)
      let found = problem.solve().cost
      #expect(found >= best - 1e-9)
      excess += found / best - 1
    }
    #expect(excess / 40 < 0.1)
  }

  @Test("an edge that agrees with itself, parallel edges, and choices that cannot be")
  func corners() {
    var problem = Assignment(costs: [[1, 5], [.infinity, 2]])
    problem.connect(0, 1) { $0 == $1 ? 0 : 3 }
    problem.connect(1, 0) { $0 == $1 ? 0 : 4 }
    problem.charge(0, [0.5, 0])
    // 1.5 + 2 + 7 against 5 + 2.
    #expect(problem.solve().choices == [1, 1])
    #expect(problem.solve().cost == 7)
    #expect(Assignment(costs: []).solve().cost == 0)
  }

  private static func costs(_ count: Int, _ generator: inout Generator) -> [[Double]] {
    var costs: [[Double]] = []
    for _ in 0..<count {
      costs.append((0..<2 + generator.below(2)).map { _ in Double(generator.below(100)) })
    }
    return costs
  }

  private static func connect(
    _ problem: inout Assignment, _ a: Int, _ b: Int, _ generator: inout Generator
  ) {
    var matrix: [[Double]] = []
    for _ in problem.costs[a] {
      matrix.append(problem.costs[b].map { _ in Double(generator.below(60)) })
    }
    problem.connect(a, b) { matrix[$0][$1] }
  }

  private static func cheapest(_ problem: Assignment) -> Double {
    var best = Double.infinity
    var choices = problem.costs.map { _ in 0 }
    while true {
      best = min(best, problem.cost(of: choices))
      var place = 0
      while place < choices.count {
        choices[place] += 1
        if choices[place] < problem.costs[place].count { break }
        choices[place] = 0
        place += 1
      }
      if place == choices.count { return best }
    }
  }
}
