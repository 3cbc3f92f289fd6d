import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// What is said of operations agrees with what there is to compute them.
@Suite struct OperationTraitsTests {
  static let layers: [(String, [String: String], [String])] = [
    ("conv", ["filters": "4", "kernel": "1"], ["1x4x6x6 nchw"]),
    ("pool", ["kernel": "2"], ["1x4x6x6 nchw"]),
    ("batch-norm", [:], ["1x4x6x6 nchw"]), ("group-norm", ["groups": "2"], ["1x4x6x6 nchw"]),
    ("rms-norm", [:], ["3x2x8 tnc"]), ("layer-norm", [:], ["3x2x8 tnc"]),
    ("prelu", [:], ["1x4x6x6 nchw"]),
    ("lrn", ["size": "3"], ["1x4x6x6 nchw"]),
    ("roll", ["axes": "2", "shifts": "1"], ["1x4x6x6 nchw"]),
    ("attention", ["heads": "2", "causal": "true", "rotary": "10000"], ["3x2x8 tnc"]),
    ("attention", ["heads": "2", "relative-bias": "2"], ["4x2x8 tnc"]),
    ("embedding", ["rows": "5", "dim": "4"], ["2x3 nc"]), ("softmax", [:], ["2x3 nc"]),
    ("transpose", ["order": "1,0,2"], ["3x2x8 tnc"]), ("fc", ["units": "3"], ["2x3 nc"]),
    ("lstm", ["hidden": "4"], ["3x2x8 tnc"]), ("resample", ["scale": "2"], ["1x4x6x6 nchw"]),
    ("depth-to-space", ["block": "2"], ["1x4x6x6 nchw"]), ("flatten", [:], ["1x4x6x6 nchw"]),
  ]

  @Test func whatRunsOnTheHostHasAKernel() throws {
    var seen = 0
    for (element, attributes, types) in Self.layers {
      guard
        let graph = try? Graph.single(
          element, attributes,
          on: types.map { text in
            let parts = text.split(separator: " ")
            return try TensorType(
              dims: parts[0].split(separator: "x").compactMap { Int($0) },
              Layout(rawValue: String(parts[1])) ?? .other)
          })
      else {
        Issue.record("\(element) cannot be made")
        continue
      }
      let program = try graph.program()
      for instruction in program.instructions {
        let isOnHost = instruction.operation.traits.place == .host
        if isOnHost { seen += 1 }
        #expect(
          (HostKernels.kernel(of: instruction, in: program) != nil) == isOnHost,
          "\(element): \(instruction.operation)")
      }
    }
    #expect(seen >= 10)
  }

  @Test func scalesAndFormats() {
    let pooling = Pooling(
      kind: .max, kernel: [2], stride: [2], paddingBegin: [0], paddingEnd: [0],
      countIncludePad: false)
    let pool = Topology.Operation.pooling(pooling).traits
    #expect(pool.keepsFormat && pool.sharesScale)
    guard case .passesOn = pool.quantization else {
      Issue.record("pooling")
      return
    }
    // A sum of two values has a range of its own.
    #expect(!Topology.Operation.binary(.add).traits.sharesScale)
    #expect(Topology.Operation.gather(axis: 0).traits.keepsConstants)
    #expect(!Topology.Operation.copy.traits.keepsConstants)
  }
}
