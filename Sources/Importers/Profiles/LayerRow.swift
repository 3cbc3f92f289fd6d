import Profiling
import Topology

/// Rows of a record from what a file tells of a layer.
enum LayerRow {
  /// Bytes of a number.
  static func bytes(of precision: PrecisionName) -> Int {
    switch precision {
    case .int8: 1
    case .bf16, .f16: 2
    default: 4
    }
  }

  /// The precision that a type of oneDNN's is of; nil for none that computes.
  static func precision(_ type: some StringProtocol) -> PrecisionName? {
    switch type.lowercased() {
    case "f32", "": .f32
    case "bf16": .bf16
    case "f16": .f16
    case "s8", "u8", "i8", "int8", "s4", "u4": .int8
    default: nil
    }
  }

  /// The row of a layer whose shapes are known.
  static func row(_ layer: Layer, kind: String? = nil, precision: PrecisionName) -> LayerRecord {
    let size = bytes(of: precision)
    let traffic = Bytes(
      weights: layer.cost.weightElements * size,
      input: layer.inputTypes.reduce(0) { $0 + $1.elementCount } * size,
      output: layer.outputType.elementCount * size)
    return LayerRecord(
      index: layer.index, name: layer.name, line: nil, kind: kind ?? layer.kind, segments: [],
      precision: precision, inputShapes: layer.inputTypes.map { Dims($0.shape.dims) },
      outputShape: Dims(layer.outputType.shape.dims), parameters: layer.cost.parameters,
      macs: layer.cost.macs, flops: layer.cost.flops, bytes: traffic,
      arithmeticIntensity: Double(layer.cost.flops) / Double(max(traffic.total, 1)))
  }

  /// The row of a layer of which the costs are not known.
  static func unknown(
    _ name: String, kind: String, precision: PrecisionName, inputs: [Dims] = [],
    output: Dims = .unknown
  ) -> LayerRecord {
    var row = LayerRecord(
      index: 0, name: name, line: nil, kind: kind, segments: [], precision: precision,
      inputShapes: inputs, outputShape: output, parameters: 0, macs: 0, flops: 0,
      bytes: Bytes(weights: 0, input: 0, output: 0), arithmeticIntensity: 0)
    row.forgetCosts()
    return row
  }
}
