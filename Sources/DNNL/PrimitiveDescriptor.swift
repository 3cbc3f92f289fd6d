internal import CDNNL

/// An implementation that oneDNN chose for an operation, before code is generated.
///
/// The operations in `Operations/` make one. All are forward inference.
public struct PrimitiveDescriptor: ~Copyable {
  let handle: OpaquePointer
  fileprivate let factors: [FactorMemory]

  /// Wraps what a creator returned.
  static func make(
    _ handle: OpaquePointer?, _ status: dnnl_status_t, _ call: StaticString, _ engine: Engine,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    let handle = try made(handle, status, call)
    do throws(DNNLError) {
      return PrimitiveDescriptor(handle: handle, factors: try attributes.factorMemory(engine))
    } catch {
      cdnnl_pd_destroy(handle)
      throw error
    }
  }

  private init(handle: OpaquePointer, factors: [FactorMemory]) {
    self.handle = handle
    self.factors = factors
  }

  /// oneDNN's name of the implementation, such as `jit:avx512_core`.
  public var implementation: String { String(cString: cdnnl_pd_implementation(handle)) }

  /// Goes to the next implementation; false after the last one.
  ///
  /// The corresponding C function is `dnnl_primitive_desc_next_impl`
  /// (2.x: `dnnl_primitive_desc_iterator_next`).
  ///
  /// - Throws: ``DNNLError`` when it fails for another reason.
  public mutating func advance() throws(DNNLError) -> Bool {
    let status = cdnnl_pd_next(handle)
    if cdnnl_status_is_last_implementation(status) != 0 { return false }
    try check(status, "dnnl_primitive_desc_next_impl")
    return true
  }

  /// The descriptor an argument must have; `nil` when the primitive has no such argument.
  ///
  /// The corresponding C function is `dnnl_primitive_desc_query_md`.
  ///
  /// - Throws: ``DNNLError`` when memory runs out.
  public func descriptor(_ argument: Argument) throws(DNNLError) -> MemoryDescriptor? {
    var result: OpaquePointer?
    let status = cdnnl_pd_argument_md(handle, argument.rawValue, &result)
    if status == dnnl_unimplemented { return nil }
    let descriptor = MemoryDescriptor(
      taking: try made(result, status, "dnnl_primitive_desc_query_md"))
    return descriptor.size == 0 ? nil : descriptor
  }

  /// The descriptor of an argument that the primitive must have.
  ///
  /// - Throws: ``DNNLError`` when it has none.
  public func required(_ argument: Argument) throws(DNNLError) -> MemoryDescriptor {
    guard let descriptor = try descriptor(argument) else {
      throw DNNLError(call: "dnnl_primitive_desc_query_md", status: .invalidArguments)
    }
    return descriptor
  }

  deinit { cdnnl_pd_destroy(handle) }
}

/// An executable primitive: the generated code.
public final class Primitive {
  let handle: OpaquePointer
  private let factors: [FactorMemory]

  /// The factors that oneDNN reads at every run, beside the arguments of its caller.
  var factorArguments: [(Argument, Memory)] { factors.map { ($0.argument, $0.memory) } }

  /// Generates the code.
  ///
  /// The corresponding C function is `dnnl_primitive_create`.
  ///
  /// - Throws: ``DNNLError`` when memory runs out.
  public init(_ descriptor: borrowing PrimitiveDescriptor) throws(DNNLError) {
    var handle: OpaquePointer?
    let status = cdnnl_primitive_create(descriptor.handle, &handle)
    self.handle = try made(handle, status, "dnnl_primitive_create")
    factors = descriptor.factors
  }

  /// Runs once and waits.
  ///
  /// The corresponding C function is `dnnl_primitive_execute`.
  ///
  /// - Throws: ``DNNLError`` when the primitive fails.
  public func execute(_ stream: Stream, _ arguments: [(Argument, Memory)]) throws(DNNLError) {
    let status = withExtendedLifetime((self, stream, arguments)) {
      let list = (arguments + factorArguments).map {
        dnnl_exec_arg_t(arg: $0.0.rawValue, memory: $0.1.handle)
      }
      return dnnl_primitive_execute(handle, stream.handle, Int32(list.count), list)
    }
    try check(status, "dnnl_primitive_execute")
    try stream.wait()
  }

  deinit { _ = dnnl_primitive_destroy(handle) }
}
