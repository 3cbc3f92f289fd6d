import DNNL
import Testing

/// Factors of 8-bit primitives, which oneDNN 2.x takes when it generates code and 3.x at every run.
@Suite struct ScalingTests {
  let engine: Engine
  let stream: Stream
  init() throws {
    engine = try Engine()
    stream = try Stream(engine)
  }

  /// Memory of its own with the given bytes in it.
  final class Tensor {
    let memory: Memory
    let base: UnsafeMutableRawPointer
    init(_ descriptor: MemoryDescriptor, _ engine: Engine, bytes: [Int8] = []) throws {
      base = .allocate(byteCount: max(descriptor.size, bytes.count), alignment: 64)
      for (index, byte) in bytes.enumerated() {
        base.storeBytes(of: byte, toByteOffset: index, as: Int8.self)
      }
      memory = try Memory(descriptor, engine, data: base)
    }
    func floats(_ count: Int) -> [Float] {
      (0..<count).map { base.load(fromByteOffset: 4 * $0, as: Float.self) }
    }
    deinit { base.deallocate() }
  }

  /// Runs once by itself and once from a list of commands, which have to agree.
  func run(_ primitive: Primitive, _ arguments: [(Argument, Tensor)], count: Int) throws -> [Float]
  {
    let list = arguments.map { ($0.0, $0.1.memory) }
    let dst = try #require(arguments.first { $0.0 == .dst }).1
    try primitive.execute(stream, list)
    let once = dst.floats(count)
    dst.base.initializeMemory(as: Float.self, repeating: .nan, count: count)
    let commands = CommandList(stream, [(primitive, list)])
    try commands.submit(0)
    try commands.wait()
    #expect(dst.floats(count) == once)
    return once
  }

  /// A bias in the units of what it is added to, so that the result is the same in both versions.
  func bias(_ values: [Float], _ factors: [Float]) throws -> Tensor {
    let tensor = try Tensor(MemoryDescriptor([values.count]), engine)
    for (index, value) in values.enumerated() {
      let stored = Quirk.biasPrecedesScales.holds ? value / factors[index % factors.count] : value
      tensor.base.storeBytes(of: stored, toByteOffset: 4 * index, as: Float.self)
    }
    return tensor
  }

  @Test func reorderMultiplies() throws {
    let src = try MemoryDescriptor([1, 4], .s8)
    let dst = try MemoryDescriptor([1, 4])
    let attributes = try PrimitiveAttributes.make(scaling: Scaling(output: [0.25]))
    let primitive = try Primitive(.reorder(engine, src: src, dst: dst, attributes))
    let result = try run(
      primitive,
      [(.src, Tensor(src, engine, bytes: [1, -2, 3, 100])), (.dst, Tensor(dst, engine))], count: 4)
    #expect(result == [0.25, -0.5, 0.75, 25])
  }

  @Test(arguments: [[0.5], [0.5, 2, -1]] as [[Float]])
  func innerProductMultipliesChannelsBeforePostOps(_ factors: [Float]) throws {
    let src = try MemoryDescriptor([1, 2], .u8)
    let weights = try MemoryDescriptor([3, 2], .s8)
    let dst = try MemoryDescriptor([1, 3])
    let attributes = try PrimitiveAttributes.make(
      postOps: [.eltwise(.relu, alpha: 0, beta: 0)], scaling: Scaling(output: factors))
    let primitive = try Primitive(
      .innerProduct(
        engine, src: src, weights: weights, bias: MemoryDescriptor([3]), dst: dst, attributes))
    let result = try run(
      primitive,
      [
        (.src, Tensor(src, engine, bytes: [2, 3])),
        (.weights, Tensor(weights, engine, bytes: [1, 1, 4, -1, -1, -1])),
        (.bias, bias([8, 16, 32], factors)), (.dst, Tensor(dst, engine)),
      ], count: 3)
    let sums: [Float] = [5, 5, -5]
    let expected = sums.indices.map {
      max(0, sums[$0] * factors[$0 % factors.count] + [8, 16, 32][$0])
    }
    #expect(result == expected)
  }

  /// Factors go along all output channels, whatever groups the weights are in.
  @Test func convolutionOfGroupsMultipliesChannels() throws {
    let src = try MemoryDescriptor([1, 2, 1, 1], .u8)
    let weights = try MemoryDescriptor([2, 2, 1, 1, 1], .s8)
    let dst = try MemoryDescriptor([1, 4, 1, 1])
    let factors: [Float] = [1, 2, 4, 0.5]
    let attributes = try PrimitiveAttributes.make(
      scaling: Scaling(output: factors, isGrouped: true))
    let window = Window(
      strides: [1, 1], dilation: [1, 1], paddingBegin: [0, 0], paddingEnd: [0, 0])
    let primitive = try Primitive(
      .convolution(
        engine, .direct, src: src, weights: weights, bias: nil, dst: dst, window, attributes))
    let result = try run(
      primitive,
      [
        (.src, Tensor(src, engine, bytes: [3, 10])),
        (.weights, Tensor(weights, engine, bytes: [1, 2, 3, -4])), (.dst, Tensor(dst, engine)),
      ], count: 4)
    #expect(result == [3, 12, 120, -20])
  }

  @Test func binaryMultipliesOperands() throws {
    let src = try MemoryDescriptor([1, 3], .s8)
    let dst = try MemoryDescriptor([1, 3])
    var scaling = Scaling()
    scaling.operands = [(.src, 0.5), (.src1, 10)]
    let attributes = try PrimitiveAttributes.make(scaling: scaling)
    let primitive = try Primitive(
      .binary(engine, .add, src0: src, src1: src, dst: dst, attributes))
    let result = try run(
      primitive,
      [
        (.src, Tensor(src, engine, bytes: [2, -4, 100])),
        (.src1, Tensor(src, engine, bytes: [1, 2, 3])), (.dst, Tensor(dst, engine)),
      ], count: 3)
    #expect(result == [11, 18, 80])
  }
}
