import Foundation
import TestSupport
import Testing

@testable import Profiling

/// What predictions learn from records of other networks, and how sure they are of it.
@Suite("What predictions learn") struct PredictionLearningTests {
  @Test("records of both sides move the classes that they show, and narrow the interval")
  func learning() throws {
    let record = PredictionSpecimens.record()
    let file = PredictionSpecimens.machine(like: record, isa: "avx2")
    let none = try PredictionSpecimens.predict(record, for: file)
    let others = PredictionSpecimens.pairs(6, factor: 1.5, on: file)
    let made = try PredictionSpecimens.predict(record, for: file, from: others)
    let ratios = PredictionSpecimens.ratios(made)
    #expect((1.35...1.7).contains(ratios[0]), "\(ratios)")
    #expect((0.95...1.1).contains(ratios[1]), "\(ratios)")
    #expect(made.layers.allSatisfy { $0.method != .roofs })
    #expect(made.model.pairs == 18 && made.model.networks == 6)
    #expect(try #require(made.model.errorPercent) < 5)
    func width(_ figure: Prediction.Figure) -> Double { figure.ci95[1] / figure.ci95[0] }
    #expect(width(made.whole) < width(none.whole))
    // One network says a little, and what is of neither side nothing.
    let one = PredictionSpecimens.ratios(
      try PredictionSpecimens.predict(record, for: file, from: Array(others.prefix(2))))
    #expect(one[0] > 1.1 && one[0] < ratios[0], "\(one)")
    var foreign = others
    for index in foreign.indices { foreign[index].machine.cpu = "A third" }
    #expect(try PredictionSpecimens.predict(record, for: file, from: foreign).model.pairs == 0)
    foreign = others
    for index in foreign.indices { foreign[index].options.tuning = "search" }
    #expect(try PredictionSpecimens.predict(record, for: file, from: foreign).model.samples == 0)
  }

  @Test("pairs that predict each other worse than no pair does are left aside")
  func contradictingPairs() throws {
    let record = PredictionSpecimens.record()
    let file = PredictionSpecimens.machine(like: record, isa: "avx2")
    // Each network goes another way, as neighbours do it to records.
    let others = [3.0, 0.4, 2.5, 0.5, 1, 1].enumerated().flatMap { index, factor in
      PredictionSpecimens.pairs(index + 1, factor: factor, on: file).suffix(2)
    }
    let made = try PredictionSpecimens.predict(record, for: file, from: others)
    let none = try PredictionSpecimens.predict(record, for: file)
    #expect(made.model.networks == 6 && made.model.pairs == 18)
    #expect(made.layers.allSatisfy { $0.method == .roofs })
    #expect(PredictionSpecimens.ratios(made) == PredictionSpecimens.ratios(none))
    // What they show of the spread stays.
    #expect(made.whole.ci95[1] / made.whole.ns > none.whole.ci95[1] / none.whole.ns)
  }

  @Test("records of the target alone tell what its kinds lose; one of the network is the answer")
  func targetAlone() throws {
    let record = PredictionSpecimens.record()
    let file = PredictionSpecimens.machine(like: record, isa: "avx2")
    let there = PredictionSpecimens.pairs(8, factor: 3, on: file).filter {
      $0.machine.cpu == "Another"
    }
    let made = try PredictionSpecimens.predict(record, for: file, from: there)
    #expect(made.model.pairs == 0 && made.model.samples == 24)
    #expect(PredictionSpecimens.ratios(made)[0] > 1.3, "\(PredictionSpecimens.ratios(made))")
    #expect(made.layers[0].method == .efficiency)
    var own = PredictionSpecimens.record(times: [7e6, 6e5, 5e3])
    own.machine = file.machine
    let known = try PredictionSpecimens.predict(record, for: file, from: there + [own])
    #expect(known.layers.map { $0.predicted?.ns } == [7e6, 6e5, 5e3])
    #expect(known.layers.allSatisfy { $0.method == .record })
  }

  @Test("bricks of the target are looked up, and shared out by what layers took here")
  func bricks() throws {
    let record = PredictionSpecimens.record()
    let made = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record, peak: 0.5),
      bricks: [
        .init(layers: ["layer0", "layer1"], ns: 3e6), .init(layers: ["layer2"], ns: 0),
        .init(layers: ["nowhere"], ns: 1),
      ])
    #expect(made.layers.map(\.method) == [.brick, .brick, .roofs])
    #expect(abs((made.layers[0].predicted?.ns ?? 0) - 2e6) < 1)
    #expect(abs((made.layers[1].predicted?.ns ?? 0) - 1e6) < 1)
  }

  @Test("the record that it starts from is of the same work, and as like to the target as can be")
  func choice() throws {
    let one = PredictionSpecimens.record()
    var two = PredictionSpecimens.record(threads: 2)
    two.machine.rooflines?.threads = 2
    var eight = PredictionSpecimens.record(threads: 8)
    var other = PredictionSpecimens.record(name: "b")
    var there = PredictionSpecimens.record(threads: 4)
    let file = PredictionSpecimens.machine(like: one, threads: 4)
    there.machine = file.machine
    (other.options.batch, eight.options.batch) = (1, 3)
    let target = try PredictionTarget(file)
    func source(_ records: [RunRecord]) -> RunRecord? {
      Predictor(for: target, from: records).source(
        of: one.topology, batch: one.options.batch, precision: "f32", cache: "warm")
    }
    #expect(source([one, two, eight, other, there])?.options.threads == 2)
    #expect(source([one, eight, other])?.options.threads == 1)
    #expect(source([there])?.machine.cpu == "Another")
    #expect(source([eight, other]) == nil && source([]) == nil)
  }

  @Test func meansArePooled() {
    let none = PooledMeans([], prior: (0.2, 0.5))
    let guess = none.estimate(["all", "conv"])
    #expect(guess.mean == 0.2 && guess.known == nil && abs(guess.spread - 0.5) < 1e-12)
    let seen = PooledMeans(
      (0..<50).map {
        .init(classes: ["all", $0 < 48 ? "conv" : "pool"], value: $0 < 48 ? 1 : 3, weight: 1)
      },
      prior: (0, 0.5))
    let (conv, pool, lstm) = (
      seen.estimate(["all", "conv"]), seen.estimate(["all", "pool"]),
      seen.estimate(["all", "lstm"])
    )
    #expect(abs(conv.mean - 1) < 0.01 && pool.mean > 1.9 && pool.mean < 2.2)
    #expect(lstm.known == "all" && lstm.mean > 1 && lstm.mean < 1.1)
    #expect(pool.meanSpread > conv.meanSpread && pool.spread > conv.spread)
  }

  @Test("intervals hold what they say they hold, where layers of a class err together")
  func coverage() throws {
    var random = SplitMix64(seed: 7)
    func normal() -> Double { random.normal() }
    var inside = 0
    let trials = 60
    for _ in 0..<trials {
      let record = PredictionSpecimens.record()
      let file = PredictionSpecimens.machine(like: record, isa: "avx2")
      let moved = [0.3 * normal(), 0.3 * normal(), 0.3 * normal()]
      func there(_ times: [Double], _ name: String) -> RunRecord {
        let network = 0.1 * normal()
        var made = PredictionSpecimens.record(
          times: zip(times, moved).map { $0 * exp($1 + network + 0.1 * normal()) },
          name: name, implementation: "jit:avx2")
        made.machine = file.machine
        return made
      }
      let others = (0..<8).flatMap { index -> [RunRecord] in
        let times = [1e6, 5e5, 3e3].map { $0 * (1 + 0.1 * Double(index)) }
        return [
          PredictionSpecimens.record(times: times, name: "o\(index)"), there(times, "o\(index)"),
        ]
      }
      let truth = there([1e6, 5e5, 3e3], "truth").layers.reduce(0) { $0 + ($1.time?.median ?? 0) }
      let made = try PredictionSpecimens.predict(record, for: file, from: others)
      if made.whole.ci95[0] <= truth, truth <= made.whole.ci95[1] { inside += 1 }
    }
    #expect(inside >= trials * 85 / 100, "\(inside) of \(trials)")
  }
}
