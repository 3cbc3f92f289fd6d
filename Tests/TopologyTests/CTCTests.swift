import Foundation
import TestSupport
import Testing
import Topology

/// The decoders against enumeration, a naive search, and cases worked out by hand.
@Suite struct CTCTests {
  private func decode(
    _ kind: String, _ probabilities: [[Double]], batch: Int = 1, width: Int? = nil
  ) throws -> [[Int]] {
    let steps = probabilities.count / batch
    let type = try TensorType(dims: [steps, batch, probabilities[0].count], .tnc)
    var attributes = ["kind": kind]
    attributes["width"] = width.map(String.init)
    let program = try Graph.single("inlay", attributes, on: [type]).program()
    let inputs = [probabilities.flatMap { $0.map { Float($0) } }]
    let result = ReferenceInterpreter.run(program, inputs: inputs) { _, _ in [] }[1]
    return (0..<batch).map { sample in
      let row = result[(sample * steps)..<((sample + 1) * steps)].map { Int($0) }
      let labels = row.prefix { $0 >= 0 }
      #expect(Set(row.dropFirst(labels.count)).isSubset(of: [-1]))
      return Array(labels)
    }
  }

  /// Rows of probabilities that add up to 1.
  private func random(
    _ steps: Int, _ classes: Int, spread: Double = 3, _ state: inout UInt64
  ) -> [[Double]] {
    (0..<steps).map { _ in
      let row = (0..<classes).map { _ -> Double in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return exp(spread * Double(state >> 33) / Double(1 << 31))
      }
      let sum = row.reduce(0, +)
      // Rounded as the kernel's input is, so that both see the same numbers.
      return row.map { Double(Float($0 / sum)) }
    }
  }

  private func collapse(_ path: [Int], blank: Int) -> [Int] {
    var (labels, last) = ([Int](), blank)
    for label in path {
      if label != last, label != blank { labels.append(label) }
      last = label
    }
    return labels
  }

  /// The likeliest labelling by summing over every path.
  private func enumerate(_ probabilities: [[Double]]) -> [Int] {
    let classes = probabilities[0].count
    var paths: [([Int], Double)] = [([], 1)]
    for row in probabilities {
      paths = paths.flatMap { path, p in (0..<classes).map { (path + [$0], p * row[$0]) } }
    }
    var totals: [[Int]: Double] = [:]
    for (path, p) in paths { totals[collapse(path, blank: classes - 1), default: 0] += p }
    return totals.max { $0.value < $1.value }?.key ?? []
  }

  /// Prefix beam search over a dictionary, in plain probabilities.
  private func search(_ probabilities: [[Double]], width: Int) -> [Int] {
    let blank = probabilities[0].count - 1
    var beams: [[Int]: (blank: Double, label: Double)] = [[]: (1, 0)]
    for row in probabilities {
      var next: [[Int]: (blank: Double, label: Double)] = [:]
      for (prefix, p) in beams {
        next[prefix, default: (0, 0)].blank += row[blank] * (p.blank + p.label)
        for label in 0..<blank {
          if prefix.last == label {
            next[prefix, default: (0, 0)].label += row[label] * p.label
            next[prefix + [label], default: (0, 0)].label += row[label] * p.blank
          } else {
            next[prefix + [label], default: (0, 0)].label += row[label] * (p.blank + p.label)
          }
        }
      }
      let ranked = next.sorted { $0.value.blank + $0.value.label > $1.value.blank + $1.value.label }
      beams = Dictionary(uniqueKeysWithValues: ranked.prefix(width).map { ($0.key, $0.value) })
    }
    let best = beams.max { $0.value.blank + $0.value.label < $1.value.blank + $1.value.label }
    return best?.key ?? []
  }

  /// The classic case: the best path is all blanks (0.36), the best labelling is "a" (0.64).
  @Test func beamSearchBeatsTheBestPath() throws {
    let probabilities = [[0.4, 0.6], [0.4, 0.6]]
    #expect(try decode("ctc-greedy", probabilities) == [[]])
    #expect(try decode("ctc-beam-search", probabilities) == [[0]])
  }

  @Test(arguments: ["ctc-greedy", "ctc-beam-search"])
  func repeatsNeedABlankBetween(kind: String) throws {
    let a = [0.98, 0.01, 0.01]
    let b = [0.01, 0.98, 0.01]
    let blank = [0.01, 0.01, 0.98]
    #expect(try decode(kind, [a, a, a]) == [[0]])
    #expect(try decode(kind, [a, blank, a]) == [[0, 0]])
    #expect(try decode(kind, [a, b, b, a]) == [[0, 1, 0]])
    #expect(try decode(kind, [blank, blank]) == [[]])
    #expect(try decode(kind, [a, b, a, blank], batch: 2) == [[0], [1]])
  }

  @Test(arguments: [(1, 2), (2, 3), (3, 3), (4, 3), (5, 3), (4, 4), (6, 3)])
  func wideSearchIsExact(steps: Int, classes: Int) throws {
    var state = UInt64(steps * 31 + classes)
    for _ in 0..<40 {
      let probabilities = random(steps, classes, &state)
      let result = try decode("ctc-beam-search", probabilities, width: 4096)
      #expect(result == [enumerate(probabilities)])
    }
  }

  /// Narrow beams drop prefixes and meet them again: one prefix must never count twice.
  @Test(arguments: [1, 2, 3, 5, 8, 20])
  func narrowSearchAgainstADictionary(width: Int) throws {
    var state = UInt64(width)
    for _ in 0..<200 {
      let probabilities = random(16, 3, spread: 1.5, &state)
      let result = try decode("ctc-beam-search", probabilities, width: width)
      #expect(result == [search(probabilities, width: width)])
    }
  }

  @Test func impossibleStepsDoNotEndTheSearch() throws {
    let result = try decode("ctc-beam-search", [[1, 0, 0], [0, 0, 0], [0, 1, 0]])
    #expect(result.count == 1)
  }

  @Test func greedyNeedsNoProbabilities() throws {
    #expect(try decode("ctc-greedy", [[-1, -2, -3], [5, 9, 1], [0, 0, 7]]) == [[0, 1]])
  }
}
