/// What weights are like where that may matter to time or numbers: zeros, denormals, very large ones.
public struct WeightHealth: Hashable, Sendable {
  /// What was seen of one tensor.
  public struct Tensor: Hashable, Sendable {
    /// Its key.
    public let key: String
    /// The number of elements.
    public let count: Int
    /// How many are 0.
    public var zeros = 0
    /// How many are below the least normal number of f32, and not 0.
    public var denormals = 0
    /// The largest magnitude.
    public var largest: Float = 0
  }

  /// All tensors, in the order of the source.
  public let tensors: [Tensor]

  /// Looks at every number of a source.
  ///
  /// - Complexity: One pass over the numbers, in parts.
  public init(_ source: any TensorSource) {
    let part = 1 << 16
    var buffer = [Float](repeating: 0, count: part)
    tensors = source.keys.compactMap { key in
      guard let tensor = source.tensor(key), tensor.elementType.isFloatingPoint else { return nil }
      var seen = Tensor(key: key, count: tensor.elementCount)
      for offset in stride(from: 0, to: tensor.elementCount, by: part) {
        let count = min(part, tensor.elementCount - offset)
        buffer.withUnsafeMutableBufferPointer { whole in
          let numbers = UnsafeMutableBufferPointer(rebasing: whole[..<count])
          tensor.read(from: offset, into: numbers)
          seen.add(numbers)
        }
      }
      return seen
    }
  }

  /// The number of elements.
  public var count: Int { tensors.reduce(0) { $0 + $1.count } }
  /// How many are 0.
  public var zeros: Int { tensors.reduce(0) { $0 + $1.zeros } }
  /// How many are denormal.
  public var denormals: Int { tensors.reduce(0) { $0 + $1.denormals } }
}

extension WeightHealth.Tensor {
  /// Adds numbers, by their bits: where denormals are flushed, comparisons take them for 0.
  fileprivate mutating func add(_ numbers: UnsafeMutableBufferPointer<Float>) {
    var (zeros, small, most): (Int, Int, UInt32) = (0, 0, 0)
    for number in numbers {
      let magnitude = number.bitPattern & 0x7FFF_FFFF
      zeros += magnitude == 0 ? 1 : 0
      small += magnitude < 0x0080_0000 ? 1 : 0
      most = max(most, magnitude)
    }
    self.zeros += zeros
    denormals += small - zeros
    largest = max(largest, Float(bitPattern: most))
  }
}
