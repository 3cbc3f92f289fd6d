internal import CDNNL

/// A binary element-wise operation.
public enum BinaryAlgorithm: String, Hashable, Sendable, CaseIterable {
  /// a + b
  case add
  /// a − b
  case sub
  /// a · b
  case mul
  /// a / b
  case div
  /// The larger one.
  case max
  /// The smaller one.
  case min
  /// 1 where a = b, else 0.
  case equal = "eq"
  /// 1 where a > b, else 0.
  case greater = "gt"
  /// 1 where a ≥ b, else 0.
  case greaterOrEqual = "ge"
  /// 1 where a < b, else 0.
  case less = "lt"
  /// 1 where a ≤ b, else 0.
  case lessOrEqual = "le"

  var native: dnnl_alg_kind_t {
    switch self {
    case .add: dnnl_binary_add
    case .sub: dnnl_binary_sub
    case .mul: dnnl_binary_mul
    case .div: dnnl_binary_div
    case .max: dnnl_binary_max
    case .min: dnnl_binary_min
    case .equal: dnnl_binary_eq
    case .greater: dnnl_binary_gt
    case .greaterOrEqual: dnnl_binary_ge
    case .less: dnnl_binary_lt
    case .lessOrEqual: dnnl_binary_le
    }
  }
}

extension PrimitiveDescriptor {
  /// A binary operation; extents of 1 in `src1` are broadcast.
  ///
  /// The corresponding C function is `dnnl_binary_primitive_desc_create`
  /// (2.x: `dnnl_binary_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func binary(
    _ engine: Engine, _ algorithm: BinaryAlgorithm, src0: MemoryDescriptor, src1: MemoryDescriptor,
    dst: MemoryDescriptor, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src0, src1, dst)) {
      cdnnl_binary_pd_create(
        engine.handle, algorithm.native, src0.handle, src1.handle, dst.handle, attributes.handle,
        &handle)
    }
    return try make(handle, status, "dnnl_binary_primitive_desc_create", engine, attributes)
  }
}
