internal import CDNNL

/// How a convolution is computed.
public enum ConvolutionAlgorithm: String, Hashable, Sendable, CaseIterable {
  /// Every product of the definition.
  case direct = "convolution_direct"
  /// Fewer products in a transformed space; 3x3 kernels with stride 1 only.
  case winograd = "convolution_winograd"
  /// Whichever oneDNN expects to be faster.
  case auto = "convolution_auto"

  var native: dnnl_alg_kind_t {
    switch self {
    case .direct: dnnl_convolution_direct
    case .winograd: dnnl_convolution_winograd
    case .auto: dnnl_convolution_auto
    }
  }
}

/// The numbers of a window that slides over an image, one a spatial dimension.
public struct Window: Hashable, Sendable {
  /// Strides.
  public var strides: [Int]
  /// Distances of neighbouring taps; 1 is a dense kernel.
  public var dilation: [Int]
  /// Cells before the first one.
  public var paddingBegin: [Int]
  /// Cells after the last one.
  public var paddingEnd: [Int]

  /// Makes the numbers of a window.
  public init(strides: [Int], dilation: [Int], paddingBegin: [Int], paddingEnd: [Int]) {
    self.strides = strides
    self.dilation = dilation
    self.paddingBegin = paddingBegin
    self.paddingEnd = paddingEnd
  }
}

extension PrimitiveDescriptor {
  /// A convolution.
  ///
  /// Weights are O I spatial, or G O I spatial when grouped.
  ///
  /// The corresponding C function is `dnnl_convolution_forward_primitive_desc_create`
  /// (2.x: `dnnl_dilated_convolution_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func convolution(
    _ engine: Engine, _ algorithm: ConvolutionAlgorithm, src: MemoryDescriptor,
    weights: MemoryDescriptor, bias: MemoryDescriptor?, dst: MemoryDescriptor, _ window: Window,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, weights, bias, dst)) {
      cdnnl_convolution_forward_pd_create(
        engine.handle, algorithm.native, src.handle, weights.handle, bias?.handle, dst.handle,
        padded(window.strides), padded(window.dilation.map { $0 - 1 }),
        padded(window.paddingBegin), padded(window.paddingEnd), attributes.handle, &handle)
    }
    return try make(
      handle, status, "dnnl_convolution_forward_primitive_desc_create", engine, attributes)
  }

  /// The algorithm of a convolution: never ``ConvolutionAlgorithm/auto`` once it is chosen.
  public var convolutionAlgorithm: ConvolutionAlgorithm? {
    let native = cdnnl_pd_convolution_algorithm(handle)
    return ConvolutionAlgorithm.allCases.first { $0.native == native }
  }
}
