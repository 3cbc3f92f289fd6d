import ONNX
import TestSupport
import Testing
import Topology

/// Whether constants arrive where ONNX's operators look for them.
@Suite struct ConstantTests {
  private func export(
    _ element: String, _ attributes: [String: String], _ dims: [Int], _ layout: Layout
  ) throws -> Exported {
    try Exported(.single(element, attributes, on: [TensorType(dims: dims, layout)]))
  }

  @Test(arguments: ["forward", "bidirectional"])
  func gatesOfLSTMs(_ direction: String) throws {
    let (channels, hidden) = (3, 5)
    let ways = direction == "forward" ? 1 : 2
    let exported = try export(
      "lstm", ["hidden": "5", "direction": direction], [2, 1, channels], .tnc)
    let (w, r, b) = (
      exported.floats("layer.W"), exported.floats("layer.R"), exported.floats("layer.B")
    )
    let weights = exported.constant(.weights, of: 0)
    let states = exported.constant(.weightsIteration, of: 0)
    let bias = exported.constant(.bias, of: 0)
    #expect(exported.initializer("layer.W")?.dims == [Int64(ways), 20, 3])
    #expect(exported.initializer("layer.R")?.dims == [Int64(ways), 20, 5])
    #expect(exported.initializer("layer.B")?.dims == [Int64(ways), 40])
    // Input, output, forget, candidate there; input, forget, candidate, output here.
    for way in 0..<ways {
      for (there, here) in [0, 3, 1, 2].enumerated() {
        for unit in 0..<hidden {
          let row = (way * 4 + there) * hidden + unit
          for channel in 0..<channels {
            let place = ((way * channels + channel) * 4 + here) * hidden + unit
            #expect(w[row * channels + channel] == weights[place])
          }
          for other in 0..<hidden {
            let place = ((way * hidden + other) * 4 + here) * hidden + unit
            #expect(r[row * hidden + other] == states[place])
          }
          let place = way * 8 * hidden + there * hidden + unit
          #expect(b[place] == bias[(way * 4 + here) * hidden + unit])
          #expect(b[place + 4 * hidden] == 0)
        }
      }
    }
  }

  @Test func theFourthBiasOfLinearBeforeResetGRUs() throws {
    let exported = try export(
      "gru", ["hidden": "4", "linear-before-reset": "true"], [2, 1, 3], .tnc)
    let bias = exported.constant(.bias, of: 0)
    let zeros = [Float](repeating: 0, count: 8)
    #expect(exported.floats("layer.B") == Array(bias[..<12]) + zeros + Array(bias[12...]))
    let gru = try #require(exported.nodes.first)
    #expect(gru.attribute.first { $0.name == "linear_before_reset" }?.i == 1)
  }

  @Test func productsOnSequencesAreTransposedAndThoseOnRowsAreNot() throws {
    let sequence = try export("fc", ["units": "70"], [2, 1, 3], .tnc)
    #expect(sequence.operators == ["MatMul", "Add"])
    let plain = sequence.constant(.weights, of: 0)
    let matrix = sequence.floats("layer.weight")
    for unit in 0..<70 {
      for channel in 0..<3 { #expect(matrix[channel * 70 + unit] == plain[unit * 3 + channel]) }
    }
    let rows = try export("fc", ["units": "4"], [2, 3, 2, 2], .nchw)
    #expect(rows.operators == ["Flatten", "Gemm"])
    #expect(rows.floats("layer.weight") == rows.constant(.weights, of: 0))
  }

  @Test func groupedDeconvolutionsHaveTheInputChannelsFirst() throws {
    let exported = try export(
      "deconv", ["filters": "6", "kernel": "2x1", "groups": "2", "stride": "2"], [1, 8, 3, 3],
      .nchw)
    let plain = exported.constant(.weights, of: 0)
    let moved = exported.floats("layer.weight")
    #expect(exported.initializer("layer.weight")?.dims == [8, 3, 2, 1])
    for group in 0..<2 {
      for channel in 0..<4 {
        for filter in 0..<3 {
          for cell in 0..<2 {
            #expect(
              moved[((group * 4 + channel) * 3 + filter) * 2 + cell]
                == plain[((group * 3 + filter) * 4 + channel) * 2 + cell])
          }
        }
      }
    }
  }

  @Test func largeConstantsAreWrittenInPartsWithoutAGap() throws {
    // More than one part of 2^20 elements, the last one not whole.
    let exported = try export("fc", ["units": "1100"], [1, 1000], .nc)
    #expect(exported.floats("layer.weight") == exported.constant(.weights, of: 0))
  }

  @Test func inputsOfTheSameSeedAreIndices() throws {
    let exported = try export("embedding", ["rows": "9", "dim": "2"], [4, 2, 1], .tnc)
    #expect(exported.operators == ["Reshape", "Clip", "Cast", "Gather"])
  }

  @Test func aHardSigmoidIsOneOperator() throws {
    let exported = try export("activation", ["kind": "hard-sigmoid"], [2, 3], .nc)
    #expect(exported.operators == ["HardSigmoid"])
    #expect(exported.nodes[0].input == ["in0"])
    let parts = try export("activation", ["kind": "clip", "alpha": "0", "beta": "1"], [2, 3], .nc)
    #expect(parts.operators == ["Clip"])
  }
}
