import Foundation
import Model
import TestSupport
import Testing
import Topology

/// The sum of products.
private func dot(_ one: ArraySlice<Double>, _ other: ArraySlice<Float>) -> Double {
  zip(one, other).reduce(0) { $0 + $1.0 * Double($1.1) }
}

/// Layers with weights in PyTorch's dims and order, against loops over those.
@Suite struct LayerWeightTests {
  @Test(arguments: [1, 2, 4]) func convolution(groups: Int) throws {
    let graph = try Graph.single(
      "conv", ["filters": "8", "kernel": "2x3", "groups": "\(groups)"], on: [type("2x4x3x5 nchw")])
    let tensors = try randomTensors(graph)
    let (weight, bias) = (tensors.values("layer.weight"), tensors.values("layer.bias"))
    let input = numbers(2 * 4 * 3 * 5, 9)
    let (per, outs) = (4 / groups, 8 / groups)
    var expected: [Double] = []
    for n in 0..<2 {
      for o in 0..<8 {
        for (y, x) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
          var sum = bias[o]
          for i in 0..<per {
            for ky in 0..<2 {
              for kx in 0..<3 {
                let channel = o / outs * per + i
                // weight: (out_channels, in_channels / groups, kH, kW).
                sum +=
                  weight[((o * per + i) * 2 + ky) * 3 + kx]
                  * Double(input[((n * 4 + channel) * 3 + y + ky) * 5 + x + kx])
              }
            }
          }
          expected.append(sum)
        }
      }
    }
    #expect(difference(try outputs(graph, tensors, [input]), expected) < 1e-5)
  }

  @Test(arguments: [1, 2]) func deconvolution(groups: Int) throws {
    let graph = try Graph.single(
      "deconv", ["filters": "6", "kernel": "3", "stride": "2", "groups": "\(groups)"],
      on: [type("1x4x5 ncw")])
    let tensors = try randomTensors(graph)
    #expect(tensors.tensor("layer.weight")?.dims == [4, 6 / groups, 3])
    let (weight, bias) = (tensors.values("layer.weight"), tensors.values("layer.bias"))
    let input = numbers(4 * 5, 9)
    let (per, outs) = (4 / groups, 6 / groups)
    var expected = (0..<6).flatMap { Array(repeating: bias[$0], count: 11) }
    for i in 0..<4 {
      for o in 0..<outs {
        for x in 0..<5 {
          for k in 0..<3 {
            // weight: (in_channels, out_channels / groups, k).
            expected[(i / per * outs + o) * 11 + 2 * x + k] +=
              weight[(i * outs + o) * 3 + k] * Double(input[i * 5 + x])
          }
        }
      }
    }
    #expect(difference(try outputs(graph, tensors, [input]), expected) < 1e-5)
  }

  @Test func fullyConnectedOnImagesIsLinearBehindFlatten() throws {
    let graph = try Graph.single("fc", ["units": "3"], on: [type("2x2x2x2 nchw")])
    let tensors = try randomTensors(graph)
    #expect(tensors.tensor("layer.weight")?.dims == [3, 8])
    let (weight, bias) = (tensors.values("layer.weight"), tensors.values("layer.bias"))
    let input = numbers(16, 9)
    var expected: [Double] = []
    for n in 0..<2 {
      for o in 0..<3 {
        expected.append(dot(weight[(o * 8)...].prefix(8), input[(n * 8)...].prefix(8)) + bias[o])
      }
    }
    #expect(difference(try outputs(graph, tensors, [input]), expected) < 1e-5)
  }

  @Test func batchNormalization() throws {
    let graph = try Graph.single("batch-norm", [:], on: [type("1x3x4 ncw")])
    let tensors = try randomTensors(graph)
    let input = numbers(12, 9)
    let expected = input.indices.map { place -> Double in
      let channel = place / 4
      let spread = (tensors.values("layer.running_var")[channel] + 1e-5).squareRoot()
      return (Double(input[place]) - tensors.values("layer.running_mean")[channel]) / spread
        * tensors.values("layer.weight")[channel] + tensors.values("layer.bias")[channel]
    }
    #expect(difference(try outputs(graph, tensors, [input]), expected) < 1e-5)
  }

  /// Attention with queries, keys and values in one matrix, and each in its own.
  @Test(arguments: [
    (["heads": "2"], 4, "layer.in_proj_weight"), (["heads": "2", "memory": "m"], 4, ""),
    (["heads": "2", "memory": "m"], 6, "layer.k_proj_weight"),
  ])
  func attention(_ attributes: [String: String], channels: Int, key: String) throws {
    let hasMemory = attributes["memory"] != nil
    let types = [try type("3x1x4 tnc")] + (hasMemory ? [try type("5x1x\(channels) tnc")] : [])
    let graph = try Graph.single("attention", attributes, on: types)
    let tensors = try randomTensors(graph)
    if !key.isEmpty { #expect(tensors.tensor(key) != nil) }
    let inputs = types.map { numbers($0.elementCount, $0.dims[0]) }
    let joint = tensors.values("layer.in_proj_weight")
    let bias = tensors.values("layer.in_proj_bias")
    func project(_ part: Int, _ name: String, _ source: [Float], _ width: Int) -> [[Double]] {
      var matrix = tensors.values("layer.\(name)_proj_weight")
      if !joint.isEmpty { matrix = Array(joint[(part * 16)...].prefix(16)) }
      var rows: [[Double]] = []
      for row in 0..<source.count / width {
        let x = source[(row * width)...].prefix(width)
        rows.append(
          (0..<4).map { unit in
            dot(matrix[(unit * width)...].prefix(width), x) + bias[part * 4 + unit]
          })
      }
      return rows
    }
    let q = project(0, "q", inputs[0], 4)
    let k = project(1, "k", inputs[inputs.count - 1], channels)
    let v = project(2, "v", inputs[inputs.count - 1], channels)
    let out = tensors.values("layer.out_proj.weight")
    let outBias = tensors.values("layer.out_proj.bias")
    var expected: [Double] = []
    for query in q {
      var mixed = [Double](repeating: 0, count: 4)
      for head in 0..<2 {
        let units = [2 * head, 2 * head + 1]
        let scores = k.map { key in
          exp((query[units[0]] * key[units[0]] + query[units[1]] * key[units[1]]) / sqrt(2.0))
        }
        let total = scores.reduce(0, +)
        for unit in units {
          for (score, value) in zip(scores, v) { mixed[unit] += score / total * value[unit] }
        }
      }
      for unit in 0..<4 {
        var sum = outBias[unit]
        for channel in 0..<4 { sum += out[unit * 4 + channel] * mixed[channel] }
        expected.append(sum)
      }
    }
    #expect(difference(try outputs(graph, tensors, inputs), expected) < 1e-5)
  }
}
