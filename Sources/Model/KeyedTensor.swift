/// A stored tensor: its extents, what its elements are, and a way to read them.
///
/// Nothing is read before somebody asks for elements, and a view of a tensor copies none.
public struct KeyedTensor: Sendable {
  /// Writes elements `offset..<offset + buffer.count`, in plain row-major order, from any thread.
  public typealias Reader =
    @Sendable (_ offset: Int, _ buffer: UnsafeMutableBufferPointer<Float>) -> Void

  private enum Storage: Sendable {
    /// In memory, maybe along more axes than there are dims.
    case view(TensorView)
    case computed(Reader, inParts: Bool)
  }

  /// Extents; empty for a scalar.
  public let dims: [Int]
  /// What the elements are where they are stored; f32 where they are computed.
  public let elementType: ElementType
  private let storage: Storage

  /// Elements in memory, in plain row-major order.
  ///
  /// - Precondition: `memory` holds as many as `dims` ask for.
  public init(_ memory: TensorMemory, _ elementType: ElementType, dims: [Int]) {
    self.init(TensorView(memory, elementType, dims: dims), dims: dims)
    precondition(
      memory.count >= elementCount * elementType.byteCount, "elements are missing")
  }

  /// A copy of numbers in plain row-major order.
  public init(_ values: [Float], dims: [Int]) {
    self.init(TensorMemory(values), .f32, dims: dims)
  }

  /// Elements that are made when they are read.
  ///
  /// - Parameters:
  ///   - dims: Extents.
  ///   - inParts: Whether a part is made without making the whole.
  ///   - reader: Makes them.
  public init(dims: [Int], inParts: Bool = true, reader: @escaping Reader) {
    self.dims = dims
    elementType = .f32
    storage = .computed(reader, inParts: inParts)
  }

  private init(_ view: TensorView, dims: [Int]) {
    self.dims = dims
    elementType = view.elementType
    storage = .view(view)
  }

  /// The number of elements.
  public var elementCount: Int { dims.reduce(1, *) }

  /// Writes elements `offset..<offset + buffer.count`, in plain row-major order, as f32.
  public func read(from offset: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    precondition(offset >= 0 && buffer.count <= elementCount - offset, "beyond the elements")
    switch storage {
    case .view(let view): view.read(from: offset, into: buffer)
    case .computed(let reader, _): reader(offset, buffer)
    }
  }

  /// Whether a part is read without making the whole.
  var readsParts: Bool {
    switch storage {
    case .view: true
    case .computed(_, let inParts): inParts
    }
  }

  /// All elements.
  public func values() -> [Float] {
    let total = elementCount
    return [Float](unsafeUninitializedCapacity: total) { buffer, count in
      read(from: 0, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<total]))
      count = total
    }
  }

  /// Writes elements as they are stored, `elementType.byteCount` bytes each.
  func copy(from offset: Int, into target: UnsafeMutableRawBufferPointer) {
    guard let base = target.baseAddress else { return }
    let count = target.count / elementType.byteCount
    switch storage {
    case .view(let view): view.copy(from: offset, count: count, into: base)
    case .computed(let reader, _):
      reader(
        offset,
        UnsafeMutableBufferPointer(
          start: base.bindMemory(to: Float.self, capacity: count), count: count))
    }
  }
}

// MARK: Views

extension KeyedTensor {
  /// The same elements in the same order under other extents.
  ///
  /// - Precondition: As many elements.
  public func reshaped(_ dims: [Int]) -> KeyedTensor {
    precondition(dims.reduce(1, *) == elementCount, "other elements")
    switch storage {
    case .view(let view): return KeyedTensor(view, dims: dims)
    case .computed(let reader, let inParts):
      return KeyedTensor(dims: dims, inParts: inParts, reader: reader)
    }
  }

  /// Dimension i of the result is dimension `order[i]` of this one.
  public func transposed(_ order: [Int]) -> KeyedTensor {
    viewed(order.map { dims[$0] }) { $0.transposed(order) }
  }

  /// The places of a range along an axis.
  public func part(_ range: Range<Int>, axis: Int = 0) -> KeyedTensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= dims[axis], "beyond the axis")
    var part = dims
    part[axis] = range.count
    return viewed(part) { $0.part(range, axis: axis) }
  }

  /// The places of an axis in another order; one may come more than once, or not at all.
  public func reordered(_ order: [Int], axis: Int = 0) -> KeyedTensor {
    var part = dims
    part[axis] = order.count
    return viewed(part) { $0.reordered(order, axis: axis) }
  }

  private func viewed(
    _ dims: [Int], _ change: @escaping @Sendable (TensorView) -> TensorView
  ) -> KeyedTensor {
    if case .view(let view) = storage, let exact = view.reshaped(self.dims) {
      return KeyedTensor(change(exact), dims: dims)
    }
    // No steps lead through the elements as they lie: they are laid out first, whenever they are read.
    return KeyedTensor(dims: dims, inParts: false) { offset, buffer in
      let plain = TensorView(TensorMemory(values()), .f32, dims: self.dims)
      change(plain).read(from: offset, into: buffer)
    }
  }

  /// Tensors one behind the other along their first dimension.
  ///
  /// - Precondition: At least one, all alike in their other dimensions.
  public static func stacked(_ parts: [KeyedTensor]) -> KeyedTensor {
    let rest = Array(parts[0].dims.dropFirst())
    precondition(parts.allSatisfy { Array($0.dims.dropFirst()) == rest }, "parts differ")
    if parts.count == 1 { return parts[0] }
    let dims = [parts.reduce(0) { $0 + $1.dims[0] }] + rest
    return KeyedTensor(dims: dims, inParts: parts.allSatisfy(\.readsParts)) { offset, buffer in
      var (begin, done) = (0, 0)
      for part in parts {
        let count = part.elementCount
        let range =
          max(begin, offset)..<max(max(begin, offset), min(begin + count, offset + buffer.count))
        if !range.isEmpty {
          part.read(
            from: range.lowerBound - begin,
            into: UnsafeMutableBufferPointer(rebasing: buffer[done..<done + range.count]))
          done += range.count
        }
        begin += count
      }
    }
  }

  /// Sums of the elements of two tensors of the same dims.
  public static func + (first: KeyedTensor, second: KeyedTensor) -> KeyedTensor {
    precondition(first.dims == second.dims, "dims differ")
    let inParts = first.readsParts && second.readsParts
    return KeyedTensor(dims: first.dims, inParts: inParts) { offset, buffer in
      first.read(from: offset, into: buffer)
      let others = UnsafeMutableBufferPointer<Float>.allocate(capacity: buffer.count)
      defer { others.deallocate() }
      others.initialize(repeating: 0)
      second.read(from: offset, into: others)
      for place in buffer.indices { buffer[place] += others[place] }
    }
  }

  /// One number everywhere.
  public static func filled(_ value: Float, dims: [Int]) -> KeyedTensor {
    KeyedTensor(dims: dims) { _, buffer in buffer.update(repeating: value) }
  }
}

/// Extents as a user writes them.
func text(ofDims dims: [Int]) -> String {
  dims.isEmpty ? "a scalar" : dims.map(String.init).joined(separator: "x")
}
