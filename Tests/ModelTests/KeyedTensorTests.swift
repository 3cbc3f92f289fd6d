import Model
import Testing

/// Views of tensors against loops.
@Suite struct KeyedTensorTests {
  /// A tensor of 0, 1, 2, …, in memory and computed.
  static func counted(_ dims: [Int], inMemory: Bool) -> KeyedTensor {
    let values = (0..<dims.reduce(1, *)).map { Float($0) }
    if inMemory { return KeyedTensor(values, dims: dims) }
    return KeyedTensor(dims: dims) { offset, buffer in
      for place in buffer.indices { buffer[place] = values[offset + place] }
    }
  }

  @Test(arguments: [true, false]) func transposedMatricesOfAllSizes(inMemory: Bool) {
    for (rows, columns) in [(1, 7), (7, 1), (3, 5), (40, 33), (16, 16), (17, 50)] {
      let turned = Self.counted([rows, columns], inMemory: inMemory).transposed([1, 0])
      #expect(turned.dims == [columns, rows])
      let expected = (0..<columns).flatMap { column in
        (0..<rows).map { Float($0 * columns + column) }
      }
      #expect(turned.values() == expected)
      for begin in stride(from: 0, to: expected.count, by: 13) {
        let count = min(37, expected.count - begin)
        let part = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
          turned.read(from: begin, into: .init(rebasing: buffer[..<count]))
          initialized = count
        }
        #expect(part == Array(expected[begin..<begin + count]))
      }
    }
  }

  @Test(arguments: [true, false]) func viewsOfViews(inMemory: Bool) {
    // Four gates of three units, in another order, each transposed; twice round.
    let tensor = Self.counted([12, 5], inMemory: inMemory)
    let order = [0, 2, 3, 1]
    let view = tensor.reshaped([4, 3, 5]).reordered(order).transposed([2, 0, 1])
    var expected: [Float] = []
    for channel in 0..<5 {
      for gate in order {
        for unit in 0..<3 { expected.append(Float((gate * 3 + unit) * 5 + channel)) }
      }
    }
    #expect(view.values() == expected)
    #expect(view.reshaped([5, 12]).transposed([1, 0]).dims == [12, 5])
    let back = view.transposed([1, 2, 0]).reordered([0, 3, 1, 2]).reshaped([12, 5])
    #expect(back.values() == tensor.values())
    #expect(view.part(1..<2, axis: 1).part(2..<4).values() == [32, 37, 42, 33, 38, 43])
    #expect(tensor.reordered([7]).part(0..<1).values() == [35, 36, 37, 38, 39])
    #expect(tensor.part(3..<9).part(1..<3).values() == (20..<30).map { Float($0) })
  }

  @Test(arguments: [true, false]) func stackedAndSummed(inMemory: Bool) {
    let one = Self.counted([2, 3], inMemory: inMemory)
    let stack = KeyedTensor.stacked([one, one.part(1..<2), .filled(9, dims: [1, 3])])
    #expect(stack.dims == [4, 3])
    #expect(stack.values() == [0, 1, 2, 3, 4, 5, 3, 4, 5, 9, 9, 9])
    let part = [Float](unsafeUninitializedCapacity: 5) { buffer, count in
      stack.read(from: 5, into: .init(rebasing: buffer[..<5]))
      count = 5
    }
    #expect(part == [5, 3, 4, 5, 9])
    #expect((one + one).values() == [0, 2, 4, 6, 8, 10])
  }
}
