internal import CDNNL

/// A tensor: a descriptor bound to storage that somebody else owns.
public final class Memory {
  let handle: OpaquePointer
  private let engine: Engine
  /// What the storage holds.
  public let descriptor: MemoryDescriptor

  /// Binds a descriptor to storage of at least ``MemoryDescriptor/size`` bytes, which must outlive
  /// every execution that uses it.
  ///
  /// oneDNN may zero the padding in it right away.
  ///
  /// The corresponding C function is `dnnl_memory_create`.
  ///
  /// - Throws: ``DNNLError`` when the descriptor leaves its format open.
  public init(_ descriptor: MemoryDescriptor, _ engine: Engine, data: UnsafeMutableRawPointer)
    throws(DNNLError)
  {
    self.descriptor = descriptor
    self.engine = engine
    var handle: OpaquePointer?
    let status = withExtendedLifetime((descriptor, engine)) {
      cdnnl_memory_create(descriptor.handle, engine.handle, data, &handle)
    }
    self.handle = try made(handle, status, "dnnl_memory_create")
  }

  deinit { _ = dnnl_memory_destroy(handle) }
}
