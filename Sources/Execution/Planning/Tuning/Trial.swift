import DNNL
import Machine
import Measuring

/// Times primitives on memory of its own, and passes of plans.
final class Trial {
  /// Whether weights are taken out of the caches before each run, as they are in a network whose
  /// weights do not fit: the implementation that reads fewest bytes may then win.
  let isCold: Bool

  /// What primitives that are timed may have.
  static let arguments: [Argument] = [
    .src, .srcIteration, .srcIterationCell, .weights, .weightsIteration, .bias, .dst,
    .dstIteration, .dstIterationCell, .scratchpad,
  ]
  /// Runs until this long has passed, ns, but at least three times.
  let budget: UInt64
  /// That of a search that may take its time.
  static let longBudget: UInt64 = 10_000_000
  /// That of a search that may not.
  static let shortBudget: UInt64 = 5_000_000
  /// Gives up after one run that takes so many times as long as the best one known.
  static let patience = 1.5

  /// Whether what was timed last wrote where it should not.
  private(set) var isOverrun = false

  private let engine: DNNL.Engine
  private let stream: Stream
  private var memory: [Argument: (buffer: GuardedBuffer, type: DataType)] = [:]
  /// The memory of the last run.
  private var bound: [GuardedBuffer] = []

  private let flush: CacheFlush?

  init(_ engine: DNNL.Engine, _ stream: Stream, isCold: Bool, budget: UInt64 = Trial.longBudget) {
    self.budget = budget
    self.engine = engine
    self.stream = stream
    self.isCold = isCold
    flush = isCold ? try? CacheFlush(threads: 1) : nil
  }

  /// The best time of several runs after a first one, ns.
  ///
  /// `operands` are arguments beyond the usual ones. One that is far slower than `best` is not run
  /// again, and its time is that of the first run.
  func time(
    _ descriptor: borrowing PrimitiveDescriptor, _ operands: [(Argument, MemoryDescriptor)],
    best known: Double, budget: UInt64?
  ) throws(DNNLError) -> Double {
    bound = []
    defer { isOverrun = !bound.allSatisfy(\.isUntouched) }
    var list: [(Argument, Memory)] = []
    for argument in Trial.arguments {
      guard let wanted = try descriptor.descriptor(argument) else { continue }
      list.append((argument, try bind(argument, wanted)))
    }
    for (argument, wanted) in operands { list.append((argument, try bind(argument, wanted))) }
    let commands = CommandList(
      stream, [(primitive: try DNNL.Primitive(descriptor), arguments: list)])
    let constants = isCold ? constants(of: list.map(\.0)) : []
    func run() throws(DNNLError) -> Double {
      flush?.flush(constants)
      let start = Clock.now()
      try commands.submit(0)
      try commands.wait()
      return Double(Clock.now() - start)
    }
    let first = try run()
    if first > 2 * Trial.patience * known { return first }
    var best = try run()
    if best > Trial.patience * known { return best }
    var runs = 1
    var spent = 0.0
    while runs < 3 || spent < Double(budget ?? self.budget) {
      let time = try run()
      best = min(best, time)
      spent += time
      runs += 1
    }
    return best
  }

  /// The memory of weights that a primitive reads.
  private func constants(of arguments: [Argument]) -> [UnsafeRawBufferPointer] {
    [Argument.weights, .weightsIteration].compactMap { argument in
      guard arguments.contains(argument), let buffer = memory[argument]?.buffer else { return nil }
      return UnsafeRawBufferPointer(start: buffer.base, count: buffer.bytes)
    }
  }

  /// Memory that holds small numbers, none of them denormal, between two margins.
  private func bind(_ argument: Argument, _ descriptor: MemoryDescriptor) throws(DNNLError)
    -> Memory
  {
    let size = descriptor.size
    let type = descriptor.dataType ?? .f32
    let buffer: GuardedBuffer
    if let (known, held) = memory[argument], held == type, known.capacity >= size {
      buffer = known
    } else {
      memory[argument] = nil
      buffer = try GuardedBuffer(capacity: size)
      memory[argument] = (buffer, type)
    }
    let fresh = buffer.open(bytes: size)
    Trial.fill(buffer.base + fresh.lowerBound, bytes: fresh.count, type)
    bound.append(buffer)
    return try Memory(descriptor, engine, data: buffer.base)
  }

  private static func fill(_ base: UnsafeMutableRawPointer, bytes: Int, _ type: DataType) {
    switch type {
    case .f32: base.initializeMemory(as: Float.self, repeating: 0.01, count: bytes / 4)
    case .bf16: base.initializeMemory(as: UInt16.self, repeating: 0x3C24, count: bytes / 2)
    default: base.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
    }
  }
}
