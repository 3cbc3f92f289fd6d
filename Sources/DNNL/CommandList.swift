internal import CDNNL

/// Primitives with their arguments, laid out flat so that running one allocates nothing and
/// touches no reference count.
public final class CommandList {
  private struct Command {
    var primitive: OpaquePointer
    var first: Int
    var count: Int32
  }

  private let stream: Stream
  private var owners: [(Primitive, [Memory])] = []
  private let commands: UnsafeMutableBufferPointer<Command>
  private let arguments: UnsafeMutableBufferPointer<dnnl_exec_arg_t>
  /// The number of commands.
  public private(set) var count = 0
  private var argumentCount = 0

  /// Makes a list of the given commands, to run on `stream`.
  public init(_ stream: Stream, _ list: [(primitive: Primitive, arguments: [(Argument, Memory)])]) {
    self.stream = stream
    let list = list.map {
      (primitive: $0.primitive, arguments: $0.arguments + $0.primitive.factorArguments)
    }
    commands = .allocate(capacity: max(1, list.count))
    arguments = .allocate(capacity: max(1, list.reduce(0) { $0 + $1.arguments.count }))
    owners.reserveCapacity(list.count)
    for item in list {
      commands.initializeElement(
        at: count,
        to: Command(
          primitive: item.primitive.handle, first: argumentCount,
          count: Int32(item.arguments.count)))
      for (argument, memory) in item.arguments {
        arguments.initializeElement(
          at: argumentCount, to: dnnl_exec_arg_t(arg: argument.rawValue, memory: memory.handle))
        argumentCount += 1
      }
      owners.append((item.primitive, item.arguments.map(\.1)))
      count += 1
    }
  }

  /// Submits one command.
  ///
  /// The corresponding C function is `dnnl_primitive_execute`.
  ///
  /// - Throws: ``DNNLError`` when the primitive fails.
  @inline(__always)
  public func submit(_ index: Int) throws(DNNLError) {
    let command = commands[index]
    let list = UnsafePointer(arguments.baseAddress.unsafelyUnwrapped + command.first)
    let status = dnnl_primitive_execute(command.primitive, stream.handle, command.count, list)
    if status != dnnl_success { try check(status, "dnnl_primitive_execute") }
  }

  /// Waits until every submitted command is done.
  ///
  /// The corresponding C function is `dnnl_stream_wait`.
  ///
  /// - Throws: ``DNNLError`` when a primitive failed.
  @inline(__always)
  public func wait() throws(DNNLError) { try stream.wait() }

  deinit {
    commands.deallocate()
    arguments.deallocate()
  }
}
