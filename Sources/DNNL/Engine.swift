internal import CDNNL

/// The CPU as a oneDNN device.
///
/// A class, because memory, streams and descriptors of one engine outlive one another in any order.
public final class Engine: @unchecked Sendable {
  let handle: OpaquePointer

  /// Makes an engine of the CPU.
  ///
  /// The corresponding C function is `dnnl_engine_create`.
  ///
  /// - Throws: ``DNNLError`` when the library has no CPU engine.
  public init() throws(DNNLError) {
    var handle: OpaquePointer?
    let status = dnnl_engine_create(&handle, dnnl_cpu, 0)
    self.handle = try made(handle, status, "dnnl_engine_create")
  }

  deinit { _ = dnnl_engine_destroy(handle) }
}

/// A queue of primitives on an engine; on the CPU a primitive is done when its call returns.
public final class Stream {
  let handle: OpaquePointer
  private let engine: Engine

  /// Makes an in-order stream.
  ///
  /// The corresponding C function is `dnnl_stream_create`.
  ///
  /// - Throws: ``DNNLError`` when it cannot be made.
  public init(_ engine: Engine) throws(DNNLError) {
    self.engine = engine
    var handle: OpaquePointer?
    let status = withExtendedLifetime(engine) {
      dnnl_stream_create(&handle, engine.handle, UInt32(dnnl_stream_default_flags.rawValue))
    }
    self.handle = try made(handle, status, "dnnl_stream_create")
  }

  /// Waits until everything submitted is done.
  ///
  /// The corresponding C function is `dnnl_stream_wait`.
  ///
  /// - Throws: ``DNNLError`` when a primitive failed.
  @inline(__always)
  public func wait() throws(DNNLError) {
    let status = withExtendedLifetime(self) { dnnl_stream_wait(handle) }
    if status != dnnl_success { try check(status, "dnnl_stream_wait") }
  }

  deinit { _ = dnnl_stream_destroy(handle) }
}
