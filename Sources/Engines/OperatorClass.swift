/// What an operator does, as far as engines and ONNX have to agree on it.
enum OperatorClass: Hashable {
  case convolution, deconvolution, product, recurrent, pool, softmax, normalization, sum, gather
  case concat, resize

  /// The class of an operator of the exported model.
  init?(onnx op: String) {
    switch op {
    case "Conv": self = .convolution
    case "ConvTranspose": self = .deconvolution
    case "Gemm", "MatMul": self = .product
    case "LSTM", "GRU", "RNN": self = .recurrent
    case "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool": self = .pool
    case "Softmax", "LogSoftmax": self = .softmax
    case "LayerNormalization", "InstanceNormalization", "LRN": self = .normalization
    case "Add", "Sum": self = .sum
    case "Gather": self = .gather
    case "Concat": self = .concat
    case "Resize": self = .resize
    default: return nil
    }
  }

  /// The class of an engine's operator; nil where a node's name says all there is.
  init?(engine op: String) {
    switch op {
    case "FusedConv", "Convolution", "GroupConvolution", "QLinearConv": self = .convolution
    case "Deconvolution", "ConvolutionBackpropData": self = .deconvolution
    case "FusedGemm", "FusedMatMul", "FullyConnected", "TransposeMatMul": self = .product
    case "RNNSeq", "RNNCell", "LSTMSequence", "GRUSequence": self = .recurrent
    case "Pooling", "AvgPool": self = .pool
    case "SoftMax": self = .softmax
    case "SkipLayerNormalization", "MVN", "NormalizeL2": self = .normalization
    case "Concatenation": self = .concat
    case "Interpolate": self = .resize
    default: self.init(onnx: op)
    }
  }

  /// Whether others are fused into it, and it into none.
  var isHeavy: Bool {
    switch self {
    case .convolution, .deconvolution, .product, .recurrent, .pool, .softmax: true
    case .normalization, .sum, .gather, .concat, .resize: false
    }
  }
}

/// What engines make of the names of a model's nodes.
enum EngineNames {
  private static let endings = ["_nchwc", "_new_reshape", "_transpose_optimizer"]

  /// A name without what an optimiser added to it, one addition after the other.
  static func stripped(_ name: String) -> [String] {
    var list: [String] = []
    var rest = Substring(name)
    while let shorter = once(rest), !shorter.isEmpty {
      list.append(String(shorter))
      rest = shorter
    }
    return list
  }

  private static func once(_ name: Substring) -> Substring? {
    if let token = name.range(of: "_token_"),
      name[token.upperBound...].allSatisfy(\.isNumber), token.upperBound < name.endIndex
    {
      return name[..<token.lowerBound]
    }
    for ending in endings where name.hasSuffix(ending) { return name.dropLast(ending.count) }
    if name.hasSuffix("/") { return name.dropLast() }
    if let slash = name.lastIndex(of: "/"), name[slash...].contains("Fusion") {
      return name[..<slash]
    }
    return nil
  }
}

extension Substring {
  /// The last place of a text.
  fileprivate func range(of text: String) -> Range<Index>? {
    guard count >= text.count else { return nil }
    var start = index(endIndex, offsetBy: -text.count)
    while true {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      if start == startIndex { return nil }
      start = index(before: start)
    }
  }
}
