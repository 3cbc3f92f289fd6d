/// A constant of a model: dims, what its elements are, and where they are; they are read when asked for.
public struct ConstantTensor: Sendable {
  /// Writes elements from a place on, in row-major order.
  public typealias Reader = @Sendable (_ offset: Int, UnsafeMutableBufferPointer<Float>) -> Void

  /// Where elements are.
  enum Storage: Sendable {
    /// In a file, little-endian, one after the other.
    case mapped(MappedBytes)
    /// One number everywhere, however many there are.
    case fill(Double)
    /// Integers in memory.
    case integers([Int64])
    /// Numbers in memory.
    case reals([Double])
    /// Made when they are read.
    case computed(Reader)
    /// Nobody told: an input of the network that stands where weights do.
    case absent
  }

  /// The extents, outermost first; none of a scalar; some may be 0.
  public let dims: [Int]
  /// What the elements are.
  public let elementType: ElementType
  let storage: Storage
  /// The initialiser of the file that it is, where it is one as it stands there.
  public var origin: String?
  /// Whether it is trained, as far as the file tells.
  public var isFixed = false

  init(dims: [Int], elementType: ElementType, _ storage: Storage, origin: String? = nil) {
    self.dims = dims
    self.elementType = elementType
    self.storage = storage
    self.origin = origin
  }

  /// A constant over the bytes of a file.
  ///
  /// - Precondition: There are as many bytes as the dims say.
  public init(dims: [Int], elementType: ElementType, mapped: MappedBytes, origin: String? = nil) {
    precondition(
      mapped.range.count == dims.reduce(elementType.byteCount, *), "as many bytes as elements")
    self.init(dims: dims, elementType: elementType, .mapped(mapped), origin: origin)
  }

  /// One number everywhere: a description, whatever the size.
  public init(dims: [Int], elementType: ElementType, fill value: Double) {
    self.init(dims: dims, elementType: elementType, .fill(value))
  }

  /// Integers in row-major order.
  public init(dims: [Int], elementType: ElementType = .i64, integers: [Int64]) {
    precondition(integers.count == dims.reduce(1, *), "as many integers as elements")
    self.init(dims: dims, elementType: elementType, .integers(integers))
  }

  /// A list of integers.
  public init(_ integers: [Int]) {
    self.init(dims: [integers.count], integers: integers.map(Int64.init))
  }

  /// Numbers in row-major order.
  public init(dims: [Int], elementType: ElementType = .f32, reals: [Double]) {
    precondition(reals.count == dims.reduce(1, *), "as many numbers as elements")
    self.init(dims: dims, elementType: elementType, .reals(reals))
  }

  /// Elements that are made when they are read, from several threads at once.
  public init(dims: [Int], elementType: ElementType = .f32, reader: @escaping Reader) {
    self.init(dims: dims, elementType: elementType, .computed(reader))
  }

  /// The number of elements.
  public var count: Int { dims.reduce(1, *) }

  /// Whether no value is known.
  public var isAbsent: Bool {
    if case .absent = storage { return true }
    return false
  }

  /// The number that all elements are, as far as that is told without looking at each.
  var fill: Double? {
    switch storage {
    case .fill(let value): value
    case .absent: nil
    default: count == 1 ? reals()[0] : nil
    }
  }
}

extension ConstantTensor {
  /// Writes elements `offset..<offset + buffer.count` as numbers of f32.
  public func read(offset: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    switch storage {
    case .mapped(let mapped):
      guard let base = mapped.bytes.baseAddress else { return }
      let size = elementType.byteCount
      let first = base + offset * size
      if elementType == .f32 {
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(start: first, count: buffer.count * size))
        return
      }
      for place in buffer.indices {
        buffer[place] = Float(elementType.real(at: first + place * size))
      }
    case .fill(let value): buffer.update(repeating: Float(value))
    case .integers(let values):
      for place in buffer.indices { buffer[place] = Float(values[offset + place]) }
    case .reals(let values):
      for place in buffer.indices { buffer[place] = Float(values[offset + place]) }
    case .computed(let reader): reader(offset, buffer)
    case .absent: buffer.update(repeating: 0)
    }
  }

  /// One element.
  func value(at index: Int) -> Float {
    switch storage {
    case .mapped(let mapped):
      guard let base = mapped.bytes.baseAddress else { return 0 }
      let address = base + index * elementType.byteCount
      return elementType == .f32
        ? address.loadUnaligned(as: Float.self) : Float(elementType.real(at: address))
    case .fill(let value): return Float(value)
    case .integers(let values): return Float(values[index])
    case .reals(let values): return Float(values[index])
    case .computed(let reader):
      var one: Float = 0
      withUnsafeMutablePointer(to: &one) { reader(index, .init(start: $0, count: 1)) }
      return one
    case .absent: return 0
    }
  }

  /// All elements as f32.
  public func floats() -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      read(offset: 0, into: .init(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// All elements as numbers.
  func reals() -> [Double] {
    switch storage {
    case .mapped(let mapped):
      guard let base = mapped.bytes.baseAddress else { return [] }
      return (0..<count).map { elementType.real(at: base + $0 * elementType.byteCount) }
    case .fill(let value): return Array(repeating: value, count: count)
    case .integers(let values): return values.map(Double.init)
    case .reals(let values): return values
    case .computed, .absent: return floats().map(Double.init)
    }
  }

  /// All elements as integers; fractions are cut off.
  func integers() -> [Int64] {
    switch storage {
    case .mapped(let mapped):
      guard let base = mapped.bytes.baseAddress else { return [] }
      return (0..<count).map { elementType.integer(at: base + $0 * elementType.byteCount) }
    case .fill(let value): return Array(repeating: Int64(saturating: value), count: count)
    case .integers(let values): return values
    case .reals(let values): return values.map { Int64(saturating: $0) }
    case .computed, .absent: return floats().map { Int64(saturating: Double($0)) }
    }
  }
}

extension ConstantTensor {
  /// The same elements under other dims.
  public func reshaped(_ dims: [Int]) -> ConstantTensor {
    precondition(dims.reduce(1, *) == count, "the same number of elements")
    var result = ConstantTensor(dims: dims, elementType: elementType, storage, origin: origin)
    result.isFixed = isFixed
    return result
  }

  /// Dimension i of the result is dimension `order[i]`; made when it is read.
  public func transposed(_ order: [Int]) -> ConstantTensor {
    let strides = ConstantTensor.strides(dims)
    let (extents, steps) = (order.map { dims[$0] }, order.map { strides[$0] })
    if case .fill = storage {
      return ConstantTensor(dims: extents, elementType: elementType, storage)
    }
    if order == order.sorted() { return reshaped(extents) }
    return view(dims: extents, first: 0, steps: steps)
  }

  /// A part of it: element i of an axis is element `start + i·step`; made when it is read.
  public func sliced(dims extents: [Int], starts: [Int], steps: [Int]) -> ConstantTensor {
    let strides = ConstantTensor.strides(dims)
    let first = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
    return view(dims: extents, first: first, steps: zip(steps, strides).map { $0 * $1 })
  }

  /// Some of the places of the first dimension, in another order perhaps; made when it is read.
  public func rows(_ places: [Int]) -> ConstantTensor {
    let width = dims.dropFirst().reduce(1, *)
    let source = self
    return ConstantTensor(dims: [places.count] + dims.dropFirst(), elementType: elementType) {
      offset, buffer in
      var done = 0
      while done < buffer.count {
        let (row, column) = (offset + done).quotientAndRemainder(dividingBy: width)
        let part = min(width - column, buffer.count - done)
        source.read(
          offset: places[row] * width + column, into: .init(rebasing: buffer[done..<done + part]))
        done += part
      }
    }
  }

  /// Each element changed; made when it is read.
  func mapped(_ type: ElementType = .f32, _ body: @escaping @Sendable (Float) -> Float)
    -> ConstantTensor
  {
    if case .fill(let value) = storage {
      return ConstantTensor(dims: dims, elementType: type, fill: Double(body(Float(value))))
    }
    let source = self
    return ConstantTensor(dims: dims, elementType: type) { offset, buffer in
      source.read(offset: offset, into: buffer)
      for place in buffer.indices { buffer[place] = body(buffer[place]) }
    }
  }

  /// The same with the trained value of another kind of element, which it is read as anyway.
  func retyped(_ type: ElementType) -> ConstantTensor {
    guard type != elementType else { return self }
    let source = self
    return ConstantTensor(dims: dims, elementType: type) { source.read(offset: $0, into: $1) }
  }

  /// Elements at `first + Σ index·step`.
  private func view(dims extents: [Int], first: Int, steps: [Int]) -> ConstantTensor {
    let source = self
    return ConstantTensor(dims: extents, elementType: elementType) { offset, buffer in
      var indices = [Int](repeating: 0, count: extents.count)
      var rest = offset
      for axis in extents.indices.reversed() {
        indices[axis] = rest % extents[axis]
        rest /= extents[axis]
      }
      var index = zip(indices, steps).reduce(first) { $0 + $1.0 * $1.1 }
      for place in buffer.indices {
        buffer[place] = source.value(at: index)
        var axis = extents.count - 1
        while axis >= 0 {
          indices[axis] += 1
          index += steps[axis]
          if indices[axis] < extents[axis] { break }
          index -= extents[axis] * steps[axis]
          indices[axis] = 0
          axis -= 1
        }
      }
    }
  }

  /// How far neighbours along each axis are apart in row-major order.
  static func strides(_ dims: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: dims.count)
    for axis in dims.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * dims[axis + 1]
    }
    return strides
  }
}
