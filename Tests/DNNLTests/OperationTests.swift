import DNNL
import Testing

/// Small cases with exact results, so that every creator's arguments are in the right place.
@Suite struct OperationTests {
  /// Runs one primitive: `arguments` hold their data, dst comes back in plain order.
  func run(
    _ descriptor: borrowing PrimitiveDescriptor, _ engine: Engine,
    _ arguments: [(Argument, MemoryDescriptor, [Float])], dst: MemoryDescriptor
  ) throws -> [Float] {
    let stream = try Stream(engine)
    let primitive = try Primitive(descriptor)
    var result = [Float](repeating: .nan, count: dst.size / 4)
    var storage = arguments.map(\.2)
    try result.withUnsafeMutableBytes { result in
      var list: [(Argument, Memory)] = []
      if let base = result.baseAddress {
        list.append((.dst, try Memory(dst, engine, data: base)))
      }
      for index in storage.indices {
        // The arrays are neither moved nor copied while `storage` is not touched.
        let base = storage[index].withUnsafeMutableBytes { $0.baseAddress }
        if let base {
          list.append((arguments[index].0, try Memory(arguments[index].1, engine, data: base)))
        }
      }
      try primitive.execute(stream, list)
    }
    withExtendedLifetime(storage) {}
    return result
  }

  let engine: Engine
  init() throws { engine = try Engine() }

  func attributes(_ postOps: [PostOp] = []) throws -> PrimitiveAttributes {
    try PrimitiveAttributes.make(postOps: postOps)
  }

  @Test func innerProduct() throws {
    let src = try MemoryDescriptor([1, 3])
    let weights = try MemoryDescriptor([2, 3])
    let bias = try MemoryDescriptor([2])
    let dst = try MemoryDescriptor([1, 2])
    let none = try attributes()
    let pd = try PrimitiveDescriptor.innerProduct(
      engine, src: src, weights: weights, bias: bias, dst: dst, none)
    let result = try run(
      pd, engine,
      [
        (.src, src, [1, 2, 3]), (.weights, weights, [1, 0, 0, 1, 1, 1]), (.bias, bias, [10, 20]),
      ],
      dst: dst)
    #expect(result == [11, 26])
  }

  @Test func convolutionWithReluAndPadding() throws {
    let src = try MemoryDescriptor([1, 1, 3, 3])
    let weights = try MemoryDescriptor([1, 1, 3, 3])
    let dst = try MemoryDescriptor([1, 1, 3, 3])
    let window = Window(
      strides: [1, 1], dilation: [1, 1], paddingBegin: [1, 1], paddingEnd: [1, 1])
    let relu = try attributes([.eltwise(.relu, alpha: 0, beta: 0)])
    let pd = try PrimitiveDescriptor.convolution(
      engine, .direct, src: src, weights: weights, bias: nil, dst: dst, window, relu)
    #expect(pd.convolutionAlgorithm == .direct)
    #expect(!pd.implementation.isEmpty)
    // Shifts the image one cell down and right: out[y][x] = in[y − 1][x − 1].
    let result = try run(
      pd, engine,
      [
        (.src, src, [1, 2, 3, -4, 5, 6, 7, 8, 9]),
        (.weights, weights, [1, 0, 0, 0, 0, 0, 0, 0, 0]),
      ], dst: dst)
    #expect(result.map { $0 + 0 } == [0, 0, 0, 0, 1, 2, 0, 0, 5])
  }

  @Test func pooling() throws {
    let src = try MemoryDescriptor([1, 1, 2, 4])
    let dst = try MemoryDescriptor([1, 1, 1, 2])
    let window = Window(
      strides: [2, 2], dilation: [1, 1], paddingBegin: [0, 0], paddingEnd: [0, 0])
    let none = try attributes()
    for (algorithm, expected) in [
      (PoolingAlgorithm.max, [6, 8] as [Float]), (.averageExcludingPadding, [3.5, 5.5]),
    ] {
      let pd = try PrimitiveDescriptor.pooling(
        engine, algorithm, src: src, dst: dst, kernel: [2, 2], window, none)
      let result = try run(pd, engine, [(.src, src, [1, 2, 3, 4, 5, 6, 7, 8])], dst: dst)
      #expect(result == expected)
    }
  }

  @Test func binaryBroadcasts() throws {
    let a = try MemoryDescriptor([2, 2])
    let b = try MemoryDescriptor([1, 2])
    let none = try attributes()
    for (algorithm, expected) in [
      (BinaryAlgorithm.add, [11, 22, 13, 24] as [Float]), (.sub, [-9, -18, -7, -16]),
      (.mul, [10, 40, 30, 80]), (.max, [10, 20, 10, 20]), (.min, [1, 2, 3, 4]),
    ] {
      let pd = try PrimitiveDescriptor.binary(engine, algorithm, src0: a, src1: b, dst: a, none)
      let result = try run(
        pd, engine, [(.src, a, [1, 2, 3, 4]), (.src1, b, [10, 20])], dst: a)
      #expect(result == expected)
    }
  }

  @Test func batchNormalization() throws {
    let src = try MemoryDescriptor([1, 2, 1, 2])
    let channel = try MemoryDescriptor([2])
    let none = try attributes()
    let pd = try PrimitiveDescriptor.batchNormalization(engine, src: src, epsilon: 0, none)
    let result = try run(
      pd, engine,
      [
        (.src, src, [1, 3, 10, 20]), (.scale, channel, [2, 1]), (.shift, channel, [0, 100]),
        (.mean, channel, [1, 10]), (.variance, channel, [4, 1]),
      ], dst: src)
    #expect(result == [0, 2, 100, 110])
  }

  @Test func concatAndSum() throws {
    let a = try MemoryDescriptor([1, 2])
    let b = try MemoryDescriptor([1, 1])
    let joined = try MemoryDescriptor([1, 3])
    let none = try attributes()
    let concat = try PrimitiveDescriptor.concat(engine, axis: 1, src: [a, b], dst: joined, none)
    let result = try run(
      concat, engine, [(.multipleSrc(0), a, [1, 2]), (.multipleSrc(1), b, [3])], dst: joined)
    #expect(result == [1, 2, 3])
    let sum = try PrimitiveDescriptor.sum(engine, scales: [1, 10], src: [a, a], dst: a, none)
    let total = try run(
      sum, engine, [(.multipleSrc(0), a, [1, 2]), (.multipleSrc(1), a, [3, 4])], dst: a)
    #expect(total == [31, 42])
  }

  @Test func softmax() throws {
    let src = try MemoryDescriptor([2, 2])
    let none = try attributes()
    let pd = try PrimitiveDescriptor.softmax(engine, src: src, dst: src, axis: 1, none)
    let result = try run(pd, engine, [(.src, src, [0, 0, 5, 5])], dst: src)
    #expect(result == [0.5, 0.5, 0.5, 0.5])
  }

  @Test(arguments: [RecurrentCell.lstm, .gru, .vanilla(.tanh, alpha: 0)])
  func recurrentCellsOfZeroWeights(_ cell: RecurrentCell) throws {
    let gates = cell == .lstm ? 4 : cell == .gru ? 3 : 1
    let tensors = RecurrentTensors(
      src: try MemoryDescriptor([2, 1, 1]), weights: try MemoryDescriptor([1, 1, 1, gates, 2]),
      weightsIteration: try MemoryDescriptor([1, 1, 2, gates, 2]),
      bias: try MemoryDescriptor([1, 1, gates, 2]), dst: try MemoryDescriptor([2, 1, 2]))
    let none = try attributes()
    let pd = try PrimitiveDescriptor.recurrent(engine, cell, .leftToRight, tensors, none)
    let bias = try #require(tensors.bias)
    let result = try run(
      pd, engine,
      [
        (.src, tensors.src, [1, 2]),
        (.weights, tensors.weights, Array(repeating: 0, count: gates * 2)),
        (.weightsIteration, tensors.weightsIteration, Array(repeating: 0, count: gates * 4)),
        (.bias, bias, Array(repeating: 0, count: gates * 2)),
      ], dst: tensors.dst)
    #expect(result == [0, 0, 0, 0])
  }

  @Test func nextImplementationComesToAnEnd() throws {
    let src = try MemoryDescriptor([1, 16, 8, 8], .f32, .any)
    let weights = try MemoryDescriptor([16, 16, 3, 3], .f32, .any)
    let dst = try MemoryDescriptor([1, 16, 6, 6], .f32, .any)
    let window = Window(
      strides: [1, 1], dilation: [1, 1], paddingBegin: [0, 0], paddingEnd: [0, 0])
    let none = try attributes()
    var pd = try PrimitiveDescriptor.convolution(
      engine, .direct, src: src, weights: weights, bias: nil, dst: dst, window, none)
    var names = [pd.implementation]
    while try pd.advance() { names.append(pd.implementation) }
    #expect(names.count > 1)
    #expect(names.last?.hasPrefix("ref") == true)
  }
}
