import DNNL
import Machine

/// Times primitives on memory of its own.
final class Trial {
  private static let arguments: [Argument] = [
    .src, .weights, .weightsIteration, .bias, .dst, .scratchpad,
  ]
  /// Runs until this long has passed, ns, but at least three times.
  private static let budget: UInt64 = 10_000_000

  private let engine: Engine
  private let stream: Stream
  private var memory: [Argument: (buffer: HugeBuffer, type: DataType)] = [:]

  init(_ engine: Engine, _ stream: Stream) {
    self.engine = engine
    self.stream = stream
  }

  /// The best time of several runs after a first one, ns.
  ///
  /// `operands` are arguments beyond the usual ones.
  func time(
    _ descriptor: borrowing PrimitiveDescriptor, _ operands: [(Argument, MemoryDescriptor)]
  ) throws(DNNLError) -> Double {
    var list: [(Argument, Memory)] = []
    for argument in Trial.arguments {
      guard let wanted = try descriptor.descriptor(argument) else { continue }
      list.append((argument, try bind(argument, wanted)))
    }
    for (argument, wanted) in operands { list.append((argument, try bind(argument, wanted))) }
    let commands = CommandList(
      stream, [(primitive: try DNNL.Primitive(descriptor), arguments: list)])
    try commands.submit(0)
    try commands.wait()
    var best = Double.infinity
    var runs = 0
    let begin = Clock.now()
    while runs < 3 || Clock.now() - begin < Trial.budget {
      let start = Clock.now()
      try commands.submit(0)
      try commands.wait()
      best = min(best, Double(Clock.now() - start))
      runs += 1
    }
    return best
  }

  /// Memory that holds small numbers, none of them denormal.
  private func bind(_ argument: Argument, _ descriptor: MemoryDescriptor) throws(DNNLError)
    -> Memory
  {
    let size = descriptor.size
    let type = descriptor.dataType ?? .f32
    if let (buffer, held) = memory[argument], held == type, buffer.bytes >= size {
      return try Memory(descriptor, engine, data: buffer.base)
    }
    memory[argument] = nil
    let buffer = try HugeBuffer(bytes: size)
    switch type {
    case .f32: buffer.base.initializeMemory(as: Float.self, repeating: 0.01, count: size / 4)
    case .bf16: buffer.base.initializeMemory(as: UInt16.self, repeating: 0x3C24, count: size / 2)
    default: buffer.base.initializeMemory(as: UInt8.self, repeating: 1, count: size)
    }
    memory[argument] = (buffer, type)
    return try Memory(descriptor, engine, data: buffer.base)
  }
}
