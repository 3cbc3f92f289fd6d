/// Layer kinds by the elements that they read.
public struct LayerKinds: Sendable {
  /// The kinds of the topology language, one line a file in `Layers/`, in the order of the schema.
  public static let standard = LayerKinds([
    // Products
    FullyConnected.self,
    Conv.self,
    Deconv.self,
    MatMul.self,
    Attention.self,
    Embedding.self,
    // Recurrent
    RecurrentStack.self,
    // Pooling and normalisation
    Pool.self,
    GlobalPool.self,
    BatchNorm.self,
    LayerNorm.self,
    GroupNorm.self,
    RMSNorm.self,
    InstanceNorm.self,
    LRN.self,
    Dropout.self,
    // Element-wise
    Activation.self,
    PReLU.self,
    CumSum.self,
    Arithmetic.self,
    Comparison.self,
    Where.self,
    Softmax.self,
    Quantize.self,
    // Movement of data
    Concat.self,
    Reshape.self,
    Flatten.self,
    Transpose.self,
    SliceLayer.self,
    Split.self,
    PadLayer.self,
    Squeeze.self,
    Unsqueeze.self,
    Reduce.self,
    Gather.self,
    Resample.self,
    Expand.self,
    Roll.self,
    DepthToSpace.self,
    OneHotLayer.self,
    TopKLayer.self,
    // What is no network but runs with it
    Inlay.self,
  ])

  /// The kinds, in order.
  public let all: [any LayerKind.Type]
  private let byElement: [String: (kind: any LayerKind.Type, schema: ElementSchema)]

  /// Makes kinds known; of two that read the same element the later one does.
  public init(_ all: [any LayerKind.Type]) {
    self.all = all
    var byElement: [String: (kind: any LayerKind.Type, schema: ElementSchema)] = [:]
    for kind in all {
      for element in kind.elements { byElement[element.name] = (kind, element) }
    }
    self.byElement = byElement
  }

  /// These kinds and one more.
  public func adding(_ kind: any LayerKind.Type) -> LayerKinds { LayerKinds(all + [kind]) }

  /// The elements of all kinds, in order.
  public var elements: [ElementSchema] { all.flatMap { $0.elements } }

  /// Names of what primitives of any kind give beside their results.
  public var states: Set<String> { Set(elements.flatMap(\.states)) }

  /// The kind that reads an element; `nil` for an unknown one.
  public subscript(element: String) -> (any LayerKind.Type)? { byElement[element]?.kind }

  /// What the language says of an element; `nil` for an unknown one.
  public func schema(of element: String) -> ElementSchema? { byElement[element]?.schema }
}

extension LayerKind {
  /// What the language says of an element of this kind; `nil` for one that it does not read.
  public static func schema(of element: String) -> ElementSchema? {
    elements.first { $0.name == element }
  }
}
