/// The layer kinds that the topology language knows.
public enum LayerKinds {
  /// Every kind, one line a file in `Layers/`.
  public static let all: [any LayerKind.Type] = [
    Activation.self,
    Arithmetic.self,
    Attention.self,
    BatchNorm.self,
    Comparison.self,
    Concat.self,
    Conv.self,
    CumSum.self,
    Deconv.self,
    DepthToSpace.self,
    Dropout.self,
    Embedding.self,
    Expand.self,
    Flatten.self,
    FullyConnected.self,
    Gather.self,
    GlobalPool.self,
    GroupNorm.self,
    Inlay.self,
    InstanceNorm.self,
    LRN.self,
    LayerNorm.self,
    MatMul.self,
    OneHotLayer.self,
    PReLU.self,
    PadLayer.self,
    Pool.self,
    Quantize.self,
    RMSNorm.self,
    RecurrentStack.self,
    Reduce.self,
    Resample.self,
    Reshape.self,
    Roll.self,
    SliceLayer.self,
    Softmax.self,
    Split.self,
    Squeeze.self,
    TopKLayer.self,
    Transpose.self,
    Unsqueeze.self,
    Where.self,
  ]

  /// Attributes that name an operand each, by element, in the order of the operands.
  public static let operandAttributes: [String: [String]] = [
    "attention": Attention.operandAttributes
  ]

  /// The kind that reads each element.
  public static let byElement: [String: any LayerKind.Type] = {
    var table: [String: any LayerKind.Type] = [:]
    for kind in all {
      for element in kind.elements { table[element.name] = kind }
    }
    return table
  }()
}
