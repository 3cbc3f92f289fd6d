import Profiling

/// A node of another engine's graph that it timed.
struct EngineNode {
  /// Its name.
  var name: String
  /// The operator, like `Conv` or `FullyConnected`.
  var type: String
  /// What ran, like `brgconv_avx512_f32`; the engine's name where it does not say.
  var implementation: String
  /// The numbers it computes in.
  var precision: PrecisionName
  /// Shapes of what it reads that is no constant.
  var inputs: [[Int]] = []
  /// Shapes of its constants.
  var constants: [[Int]] = []
  /// Shape of what it makes; empty where nobody says.
  var output: [Int] = []
  /// Nodes that it computes too.
  var fused: [String] = []
  /// Its time in each pass, ns.
  var samples: [Double]

  /// The element of the language that an operator is, for ONNX's and OpenVINO's names.
  static func element(_ type: String) -> String {
    let plain = type.lowercased().filter { $0.isLetter || $0.isNumber }
    switch plain {
    case "conv", "fusedconv", "convolution", "groupconvolution", "nhwcconv", "qlinearconv":
      return "conv"
    case "convtranspose", "deconvolution", "convolutionbackpropdata": return "deconv"
    case "fullyconnected", "gemm", "fusedgemm", "innerproduct", "qgemm": return "fc"
    case "matmul", "fusedmatmul", "qlinearmatmul", "gemmmatmul": return "matmul"
    case "lstmsequence", "lstmcell", "lstm", "dynamicquantizelstm": return "lstm"
    case "grusequence", "grucell", "gru": return "gru"
    case "rnnsequence", "rnncell", "rnnseq", "rnn": return "rnn"
    case "maxpool", "averagepool", "avgpool", "pooling": return "pool"
    case "globalaveragepool", "globalmaxpool": return "global-pool"
    case "softmax": return "softmax"
    case "logsoftmax": return "log-softmax"
    case "add", "sum", "biasadd": return "add"
    case "sub", "subtract": return "sub"
    case "mul", "multiply": return "mul"
    case "div", "divide": return "div"
    case "concat", "concatenation", "qlinearconcat": return "concat"
    case "batchnormalization", "batchnorminference": return "batch-norm"
    case "layernormalization", "skiplayernormalization", "mvn": return "layer-norm"
    case "lrn": return "lrn"
    case "relu", "clamp", "clip", "sigmoid", "tanh", "elu", "gelu", "fastgelu", "biasgelu",
      "hswish",
      "swish", "hardsigmoid", "leakyrelu", "hardswish", "mish", "quickgelu", "eltwise", "erf":
      return "activation"
    case "attention", "multiheadattention", "scaleddotproductattention": return "attention"
    case "gather": return "gather"
    case "embedding": return "embedding"
    case "transpose": return "transpose"
    case "reshape", "unsqueeze", "squeeze", "flatten": return "reshape"
    case "interpolate", "resize", "upsample": return "resample"
    case "reducemean", "reducesum", "reducemax", "reducemin", "reduce": return "reduce"
    case "pad": return "pad"
    case "slice", "stridedslice": return "slice"
    case "split", "variadicsplit": return "split"
    case "reorder", "reorderinput", "reorderoutput": return "reorder"
    default: return type.lowercased()
    }
  }

  /// The most elements of a tensor, and multiply-adds of a node, that are believed: sums over the nodes of
  /// a network fit 64 bits.
  static let most = 1 << 46

  /// A product; nil beyond ``most``.
  private static func product(_ factors: [Int]) -> Int? {
    var result = 1
    for factor in factors {
      let (next, overflow) = result.multipliedReportingOverflow(by: factor)
      guard !overflow, 0...most ~= next else { return nil }
      result = next
    }
    return result
  }

  /// The elements of several tensors; nil beyond ``most``.
  private static func elements(_ shapes: [[Int]]) -> Int? {
    var sum = 0
    for shape in shapes {
      guard let count = product(shape) else { return nil }
      sum += count
      guard sum <= most else { return nil }
    }
    return sum
  }

  /// The row: with the costs that follow from shapes alone.
  var row: LayerRecord {
    var kind = Self.element(type)
    // A product with a constant is a fully connected layer.
    if kind == "matmul", !constants.isEmpty || inputs.count == 1 { kind = "fc" }
    var row = LayerRow.unknown(
      name, kind: kind, precision: precision, inputs: inputs.map(Dims.init),
      output: Dims(output))
    guard let costs = costs(kind), let read = Self.elements(inputs),
      let made = Self.elements([output])
    else { return row }
    let size = LayerRow.bytes(of: precision)
    row.costsUnknown = nil
    row.parameters = costs.parameters
    row.macs = costs.macs
    row.flops = costs.flops
    row.bytes = Bytes(
      weights: costs.parameters * size,
      input: read * size, output: made * size)
    row.arithmeticIntensity = Double(row.flops) / Double(max(row.bytes.total, 1))
    return row
  }

  /// Parameters, MACs and FLOP; nil where shapes do not tell them.
  private func costs(_ kind: String) -> (parameters: Int, macs: Int, flops: Int)? {
    guard !output.isEmpty, let made = Self.product(output) else { return nil }
    // What is added to a result is one operation an element each.
    switch kind {
    case "conv":
      guard let weights = constants.first, let filters = weights.first, filters > 0,
        let input = inputs.first, input.count == weights.count,
        let macs = Self.product([made] + weights.dropFirst()),
        let parameters = Self.elements(constants)
      else { return nil }
      let sums = inputs.count > 1 ? made : 0
      return (parameters, macs, 2 * macs + sums)
    case "fc":
      guard let channels = inputs.first?.last, let units = output.last,
        let macs = Self.product([made, channels]), let weights = Self.product([channels, units])
      else { return nil }
      let bias = constants.contains { $0.count == 1 } ? units : 0
      return (weights + bias, macs, 2 * macs)
    case "matmul":
      guard let channels = inputs.first?.last, let macs = Self.product([made, channels]) else {
        return nil
      }
      return (0, macs, 2 * macs)
    case "add", "sub", "mul", "div", "activation": return (0, 0, made)
    case "reshape", "transpose", "concat", "gather", "slice", "split", "pad", "reorder":
      return (0, 0, 0)
    default: return nil
    }
  }

  /// What ran for a layer.
  var part: ImportedProfile.Part {
    ImportedProfile.Part(
      PrimitiveRecord(kind: type, implementation: implementation, postOps: fused), samples: samples)
  }

  /// Rows of nodes: a change of formats belongs to the layer that needs it, the next one.
  static func rows(_ nodes: [EngineNode]) -> [ImportedProfile.Row] {
    var rows: [ImportedProfile.Row] = []
    var waiting: [ImportedProfile.Part] = []
    for node in nodes {
      if element(node.type) == "reorder" {
        waiting.append(node.part)
      } else {
        rows.append(ImportedProfile.Row(layer: node.row, parts: waiting + [node.part]))
        waiting = []
      }
    }
    guard !waiting.isEmpty else { return rows }
    if rows.isEmpty {
      rows = nodes.map { ImportedProfile.Row(layer: $0.row, parts: [$0.part]) }
    } else {
      rows[rows.count - 1].parts += waiting
    }
    return rows
  }
}
