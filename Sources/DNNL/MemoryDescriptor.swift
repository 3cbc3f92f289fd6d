internal import CDNNL

/// Dims, data type and memory format of a tensor; immutable.
public final class MemoryDescriptor: @unchecked Sendable {
  let handle: OpaquePointer

  init(taking handle: OpaquePointer) { self.handle = handle }

  /// Describes a tensor in a memory format.
  ///
  /// The corresponding C function is `dnnl_memory_desc_create_with_tag`
  /// (2.x: `dnnl_memory_desc_init_by_tag`).
  ///
  /// - Throws: ``DNNLError`` when the format has another number of dimensions.
  public init(_ dims: [Int], _ type: DataType = .f32, _ format: MemoryFormat = .plain)
    throws(DNNLError)
  {
    var handle: OpaquePointer?
    let status = cdnnl_md_create(
      Int32(dims.count), padded(dims), type.native, format.tag(rank: dims.count), &handle)
    self.handle = try made(handle, status, "dnnl_memory_desc_create_with_tag")
  }

  /// Describes a tensor by the distances, in elements, of neighbours along each dimension.
  ///
  /// The corresponding C function is `dnnl_memory_desc_create_with_strides`
  /// (2.x: `dnnl_memory_desc_init_by_strides`).
  ///
  /// - Throws: ``DNNLError`` when dims and strides do not fit.
  public init(_ dims: [Int], _ type: DataType = .f32, strides: [Int]) throws(DNNLError) {
    var handle: OpaquePointer?
    let status = cdnnl_md_create_strides(
      Int32(dims.count), padded(dims), type.native, padded(strides), &handle)
    self.handle = try made(handle, status, "dnnl_memory_desc_create_with_strides")
  }

  /// The same elements under other dims.
  ///
  /// The corresponding C function is `dnnl_memory_desc_reshape`.
  ///
  /// - Throws: ``DNNLError`` when the format does not allow it without moving elements.
  public func reshaped(_ dims: [Int]) throws(DNNLError) -> MemoryDescriptor {
    var result: OpaquePointer?
    let status = withExtendedLifetime(self) {
      cdnnl_md_reshape(handle, Int32(dims.count), padded(dims), &result)
    }
    return MemoryDescriptor(taking: try made(result, status, "dnnl_memory_desc_reshape"))
  }

  /// The same dims in the same order with elements of another type.
  ///
  /// - Throws: ``DNNLError`` when the order is that of no tag.
  public func retyped(_ type: DataType) throws(DNNLError) -> MemoryDescriptor {
    if dataType == type { return self }
    let extents = dims
    if format == "any" { return try MemoryDescriptor(extents, type, .any) }
    guard let format = MemoryFormat(format, rank: extents.count) else {
      throw DNNLError(call: "retyping \(format)", status: .invalidArguments)
    }
    return try MemoryDescriptor(extents, type, format)
  }

  /// The dims in logical order.
  public var dims: [Int] {
    withExtendedLifetime(self) {
      var dims = [dnnl_dim_t](repeating: 0, count: Int(DNNL_MAX_NDIMS))
      cdnnl_md_dims(handle, &dims)
      return dims.prefix(Int(cdnnl_md_ndims(handle))).map(Int.init)
    }
  }

  /// The type of the elements; `nil` for one this wrapper does not know.
  public var dataType: DataType? {
    withExtendedLifetime(self) { DataType(cdnnl_md_data_type(handle)) }
  }

  /// Bytes that the tensor takes, padding included.
  ///
  /// The corresponding C function is `dnnl_memory_desc_get_size`.
  public var size: Int { withExtendedLifetime(self) { cdnnl_md_size(handle) } }

  /// The memory format as oneDNN's verbose log names it, such as `acdb` or `ABcd16b16a2b`.
  public var format: String {
    withExtendedLifetime(self) {
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 96) { text in
        guard let base = text.baseAddress else { return "" }
        cdnnl_md_format(handle, base, text.count)
        return String(cString: base)
      }
    }
  }

  deinit { cdnnl_md_destroy(handle) }
}

extension MemoryDescriptor: Equatable {
  /// Whether both describe the same elements at the same places.
  ///
  /// The corresponding C function is `dnnl_memory_desc_equal`.
  public static func == (a: MemoryDescriptor, b: MemoryDescriptor) -> Bool {
    withExtendedLifetime((a, b)) { cdnnl_md_equal(a.handle, b.handle) != 0 }
  }
}

/// Extents as oneDNN reads them: twelve places, unused ones zero.
func padded(_ dims: [Int]) -> [dnnl_dim_t] {
  dims.map { dnnl_dim_t($0) }
    + [dnnl_dim_t](repeating: 0, count: max(0, Int(DNNL_MAX_NDIMS) - dims.count))
}
