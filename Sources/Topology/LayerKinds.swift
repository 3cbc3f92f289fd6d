/// The layer kinds that the topology language knows.
public enum LayerKinds {
  /// Every kind, one line a file in `Layers/`.
  public static let all: [any LayerKind.Type] = [
    Activation.self,
    Arithmetic.self,
    BatchNorm.self,
    Concat.self,
    Conv.self,
    Dropout.self,
    Flatten.self,
    FullyConnected.self,
    GlobalPool.self,
    Inlay.self,
    Pool.self,
    RecurrentStack.self,
    Reshape.self,
    Softmax.self,
  ]

  /// The kind that reads each element.
  public static let byElement: [String: any LayerKind.Type] = {
    var table: [String: any LayerKind.Type] = [:]
    for kind in all {
      for element in kind.elements { table[element.name] = kind }
    }
    return table
  }()

  /// Elements of the language that nothing executes yet.
  ///
  /// Readers accept their attributes and report them as known but not executable, which helps
  /// more than "unknown element" does.
  public static let knownElements: [ElementSchema] = [
    ElementSchema("attention", required: ["heads"], optional: ["causal"]),
    ElementSchema(
      "deconv", required: ["filters", "kernel"],
      optional: ["stride", "padding", "dilation", "groups", "bias", "output-padding"]),
    ElementSchema("dequantize", required: ["scale"], optional: ["zero-point"]),
    ElementSchema("embedding", required: ["rows", "dim"]),
    ElementSchema("gather", optional: ["axis"]),
    ElementSchema("group-norm", required: ["groups"], optional: ["epsilon"]),
    ElementSchema("layer-norm", optional: ["axis", "epsilon"]),
    ElementSchema("log-softmax", optional: ["axis"]),
    ElementSchema("lrn", required: ["size"], optional: ["alpha", "beta", "k", "epsilon"]),
    ElementSchema("matmul", optional: ["transpose-a", "transpose-b"]),
    ElementSchema("pad", required: ["pads"], optional: ["mode", "value"]),
    ElementSchema("quantize", required: ["scale"], optional: ["zero-point"]),
    ElementSchema("reduce", required: ["kind"], optional: ["axes", "keepdims"]),
    ElementSchema("resample", required: ["scale"], optional: ["kind"]),
    ElementSchema("slice", required: ["starts", "ends"], optional: ["axes", "steps"]),
    ElementSchema("split", optional: ["axis", "split"]),
    ElementSchema("squeeze", optional: ["axes"]),
    ElementSchema("transpose", optional: ["perm"]),
    ElementSchema("unsqueeze", required: ["axes"]),
  ]
}
