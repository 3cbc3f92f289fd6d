internal import Profiling

extension SampleRecords {
  static let steps = 16

  static func fc(_ index: Int, _ name: String, segment: String, from: Int, to: Int) -> LayerRecord {
    let macs = steps * from * to
    var layer = LayerRecord(
      index: index, name: name, line: nil, kind: "fc", segments: [segment], precision: "f32",
      inputShapes: ["\(steps)x1x\(from)"], outputShape: "\(steps)x1x\(to)",
      parameters: from * to + to, macs: macs, flops: 2 * macs + steps * to,
      bytes: Bytes(
        weights: 4 * (from * to + to), input: 4 * steps * from, output: 4 * steps * to),
      arithmeticIntensity: 0,
      primitives: [
        PrimitiveRecord(
          kind: "inner_product", implementation: "brgemm:avx512_core",
          formats: ["src": "nc", "weights": "OI16i64o", "dst": "nc"], postOps: ["clipped-relu"])
      ])
    layer.arithmeticIntensity = Double(layer.flops) / Double(layer.bytes.total)
    return layer
  }

  static func bilstm(_ index: Int, hidden h: Int) -> LayerRecord {
    let parameters = 2 * (4 * h * 2 * h + 4 * h)
    let macs = steps * 2 * 4 * h * 2 * h
    var layer = LayerRecord(
      index: index, name: "bilstm", line: nil, kind: "lstm", segments: ["rnn"], precision: "f32",
      inputShapes: ["\(steps)x1x\(h)"], outputShape: "\(steps)x1x\(2 * h)", parameters: parameters,
      macs: macs, flops: 2 * macs + steps * 2 * 10 * h,
      bytes: Bytes(weights: 4 * parameters, input: 4 * steps * h, output: 4 * steps * 2 * h),
      arithmeticIntensity: 0,
      primitives: [
        PrimitiveRecord(
          kind: "rnn", implementation: "ref", algorithm: "vanilla_lstm",
          formats: ["src": "tnc", "weights": "ldigo", "dst": "tnc"])
      ])
    layer.arithmeticIntensity = Double(layer.flops) / Double(layer.bytes.total)
    return layer
  }

  static func conv(_ index: Int, _ name: String, channels c: Int) -> LayerRecord {
    let size = 28 * 28
    let macs = 9 * c * c * size
    let parameters = 9 * c * c + c
    var layer = LayerRecord(
      index: index, name: name, line: index + 3, kind: "conv", segments: [], precision: "f32",
      inputShapes: ["1x\(c)x28x28"], outputShape: "1x\(c)x28x28", parameters: parameters,
      macs: macs, flops: 2 * macs,
      bytes: Bytes(weights: 4 * parameters, input: 4 * c * size, output: 4 * c * size),
      arithmeticIntensity: 0,
      primitives: [
        PrimitiveRecord(
          kind: "convolution", implementation: "brgconv:avx512_core",
          algorithm: "convolution_direct")
      ])
    layer.arithmeticIntensity = Double(layer.flops) / Double(layer.bytes.total)
    return layer
  }

  /// Bytes of LSTM weights that are read again: `ref` reads the recurrent half every step.
  static func reread(_ layer: LayerRecord) -> Double {
    layer.kind == "lstm" ? Double((steps - 1) * layer.bytes.weights / 2) : 0
  }
}
