import Foundation
import Model
import TestSupport
import Testing
import Topology

/// Recurrent layers with weights in PyTorch's names, dims and gate order, against its formulas.
@Suite struct RecurrentWeightTests {
  struct Case: CustomTestStringConvertible {
    let element: String
    let attributes: [String: String]
    var testDescription: String { "\(element) \(attributes.sorted { $0.key < $1.key })" }
  }

  static let cases: [Case] = ["forward", "backward", "bidirectional", "bidirectional-sum"].flatMap {
    direction in
    [
      ("lstm", [:]), ("gru", [:]), ("gru", ["linear-before-reset": "true"]),
      ("rnn", ["activation": "tanh"]),
    ].flatMap { element, attributes in
      ["1", "2"].map { layers in
        Case(
          element: element,
          attributes: attributes.merging(
            ["hidden": "3", "direction": direction, "layers": layers]) { own, _ in own })
      }
    }
  }

  @Test(arguments: cases) func formulasOfPyTorch(_ test: Case) throws {
    let (steps, batch, channels) = (4, 2, 5)
    let graph = try Graph.single(
      test.element, test.attributes, on: [type("\(steps)x\(batch)x\(channels) tnc")])
    let tensors = try randomTensors(graph)
    let input = numbers(steps * batch * channels, 99)
    var rows = (0..<steps * batch).map { row in
      input[row * channels..<(row + 1) * channels].map(Double.init)
    }
    let direction = try #require(test.attributes["direction"])
    for layer in 0..<(Int(test.attributes["layers"] ?? "") ?? 1) {
      let suffixes = direction.hasPrefix("bidirectional") ? ["", "_reverse"] : [""]
      let ways = suffixes.map { suffix in
        Loops(test, tensors, "_l\(layer)\(suffix)").walk(
          rows, steps: steps, batch: batch, backward: direction == "backward" || suffix != "")
      }
      rows = rows.indices.map { row in
        switch direction {
        case "bidirectional": ways[0][row] + ways[1][row]
        case "bidirectional-sum": zip(ways[0][row], ways[1][row]).map { $0 + $1 }
        default: ways[0][row]
        }
      }
    }
    #expect(difference(try outputs(graph, tensors, [input]), rows.flatMap(\.self)) < 1e-5)
  }

  @Test func namesAndDims() throws {
    let graph = try Graph.single(
      "lstm", ["hidden": "3", "layers": "2", "direction": "bidirectional"],
      on: [type("4x1x5 tnc")])
    #expect(
      try WeightTable(graph).entries.map { "\($0.key) \($0.dims)" } == [
        "layer.weight_ih_l0 [12, 5]", "layer.weight_ih_l0_reverse [12, 5]",
        "layer.weight_hh_l0 [12, 3]", "layer.weight_hh_l0_reverse [12, 3]",
        "layer.bias_ih_l0 [12]", "layer.bias_hh_l0 [12]", "layer.bias_ih_l0_reverse [12]",
        "layer.bias_hh_l0_reverse [12]",
        "layer.weight_ih_l1 [12, 6]", "layer.weight_ih_l1_reverse [12, 6]",
        "layer.weight_hh_l1 [12, 3]", "layer.weight_hh_l1_reverse [12, 3]",
        "layer.bias_ih_l1 [12]", "layer.bias_hh_l1 [12]", "layer.bias_ih_l1_reverse [12]",
        "layer.bias_hh_l1_reverse [12]",
      ])
  }
}

/// One direction of one layer, as PyTorch's documentation has it.
private struct Loops {
  let element: String
  let resetsAfter: Bool
  let hidden = 3
  let inputWeights: [Double]
  let stateWeights: [Double]
  let inputBias: [Double]
  let stateBias: [Double]

  init(_ test: RecurrentWeightTests.Case, _ tensors: TensorCollection, _ suffix: String) {
    element = test.element
    resetsAfter = test.attributes["linear-before-reset"] == "true"
    inputWeights = tensors.values("layer.weight_ih\(suffix)")
    stateWeights = tensors.values("layer.weight_hh\(suffix)")
    inputBias = tensors.values("layer.bias_ih\(suffix)")
    stateBias = tensors.values("layer.bias_hh\(suffix)")
  }

  /// W_ih·x + b_ih of a row of the matrix.
  func input(_ row: Int, _ x: [Double]) -> Double {
    x.indices.reduce(inputBias[row]) { $0 + inputWeights[row * x.count + $1] * x[$1] }
  }

  /// W_hh·h + b_hh of a row of the matrix.
  func state(_ row: Int, _ h: [Double]) -> Double {
    h.indices.reduce(stateBias[row]) { $0 + stateWeights[row * hidden + $1] * h[$1] }
  }

  func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  func walk(_ rows: [[Double]], steps: Int, batch: Int, backward: Bool) -> [[Double]] {
    var result = rows
    for sample in 0..<batch {
      var h = [Double](repeating: 0, count: hidden)
      var c = h
      for count in 0..<steps {
        let row = (backward ? steps - 1 - count : count) * batch + sample
        h = advance(rows[row], h, &c)
        result[row] = h
      }
    }
    return result
  }

  func advance(_ x: [Double], _ h: [Double], _ c: inout [Double]) -> [Double] {
    func both(_ gate: Int, _ unit: Int) -> Double {
      input(gate * hidden + unit, x) + state(gate * hidden + unit, h)
    }
    switch element {
    case "lstm":
      // W_ii|W_if|W_ig|W_io.
      return (0..<hidden).map { unit in
        c[unit] =
          sigmoid(both(1, unit)) * c[unit] + sigmoid(both(0, unit)) * tanh(both(2, unit))
        return sigmoid(both(3, unit)) * tanh(c[unit])
      }
    case "gru":
      // W_ir|W_iz|W_in; resetting before the product is ONNX's linear_before_reset = 0.
      let r = (0..<hidden).map { sigmoid(both(0, $0)) }
      let reset = zip(r, h).map { $0 * $1 }
      return (0..<hidden).map { unit in
        let z = sigmoid(both(1, unit))
        let row = 2 * hidden + unit
        let n =
          resetsAfter
          ? tanh(input(row, x) + r[unit] * state(row, h)) : tanh(input(row, x) + state(row, reset))
        return (1 - z) * n + z * h[unit]
      }
    default: return (0..<hidden).map { tanh(both(0, $0)) }
    }
  }
}
