public import Model
public import Topology

/// A constant of a model: dims, what its elements are, and where they are; they are read when asked for.
public struct ConstantTensor: Sendable {
  /// Where elements are.
  enum Storage: Sendable {
    /// In a file, little-endian, one after the other.
    case mapped(FileBytes)
    /// One number everywhere, however many there are.
    case fill(Double)
    /// Integers in memory.
    case integers([Int64])
    /// Numbers in memory.
    case reals([Double])
    /// A view of other elements, or made when they are read.
    case keyed(KeyedTensor)
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
  /// Whether the file says that it is not trained.
  public var isFixed = false
  /// What its writer says that it was filled by.
  public var pattern: ConstantPattern?
  /// What its writer says that its dims mean.
  public var layout: Layout?
  /// How its elements were moved since they were ``origin``'s; two constants with one origin, one view and
  /// one shape are the same.
  private(set) var view = ""
  /// What ``view`` was before the dimensions were put in another order, and that order.
  private var turn: (before: String, order: [Int])?
  /// What integers its elements are multiples of, where that is known.
  var grid: IntegerGrid?

  init(dims: [Int], elementType: ElementType, _ storage: Storage, origin: String? = nil) {
    self.dims = dims
    self.elementType = elementType
    self.storage = storage
    self.origin = origin
  }

  /// A constant over the bytes of a file.
  ///
  /// - Precondition: There are as many bytes as the dims say.
  public init(dims: [Int], elementType: ElementType, mapped: FileBytes, origin: String? = nil) {
    precondition(
      mapped.range.count == dims.reduce(elementType.byteCount, *), "as many bytes as elements")
    self.init(dims: dims, elementType: elementType, .mapped(mapped), origin: origin)
  }

  /// One number everywhere: a description, whatever the size.
  public init(dims: [Int], elementType: ElementType, fill value: Double) {
    self.init(dims: dims, elementType: elementType, .fill(value))
  }

  /// One number of f32 everywhere.
  init(dims: [Int], fillOf value: Double) {
    self.init(dims: dims, elementType: .f32, fill: value)
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
  public init(
    dims: [Int], elementType: ElementType = .f32, reader: @escaping KeyedTensor.Reader
  ) {
    self.init(
      dims: dims, elementType: elementType, .keyed(KeyedTensor(dims: dims, reader: reader)))
  }

  /// The number of elements.
  public var count: Int { dims.reduce(1, *) }

  /// Whether no value is known.
  public var isAbsent: Bool {
    if case .absent = storage { return true }
    return false
  }

  /// What it was filled by.
  ///
  /// What a file claims is believed where it is so.
  var knownPattern: ConstantPattern? {
    guard let pattern, let values = pattern.values(dims: dims), values == floats() else {
      return nil
    }
    return pattern
  }

  /// The first of several dims under which it is what it was filled by.
  func knownPattern(among shapes: [[Int]]) -> [Int]? {
    shapes.first { reshaped($0).knownPattern != nil }
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
  /// The elements as files of weights have them, not read yet; of a constant that nobody told zeros.
  public var keyed: KeyedTensor {
    switch storage {
    case .mapped(let mapped): KeyedTensor(mapped.memory, elementType, dims: dims)
    case .fill(let value): .filled(Float(value), dims: dims)
    case .integers(let values): KeyedTensor(values.map { Float($0) }, dims: dims)
    case .reals(let values): KeyedTensor(values.map { Float($0) }, dims: dims)
    case .keyed(let tensor): tensor
    case .absent: .filled(0, dims: dims)
    }
  }

  /// Writes elements `offset..<offset + buffer.count` as numbers of f32.
  public func read(offset: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    if case .fill(let value) = storage { return buffer.update(repeating: Float(value)) }
    keyed.read(from: offset, into: buffer)
  }

  /// All elements as f32.
  public func floats() -> [Float] { keyed.values() }

  /// All elements as numbers.
  func reals() -> [Double] {
    switch storage {
    case .mapped(let mapped):
      return mapped.memory.withBytes { bytes in
        (0..<count).map { elementType.real(at: $0 * elementType.byteCount, of: bytes) }
      }
    case .fill(let value): return Array(repeating: value, count: count)
    case .integers(let values): return values.map(Double.init)
    case .reals(let values): return values
    case .keyed, .absent: return floats().map(Double.init)
    }
  }

  /// All elements as integers; fractions are cut off.
  func integers() -> [Int64] {
    switch storage {
    case .mapped(let mapped):
      return mapped.memory.withBytes { bytes in
        (0..<count).map { elementType.integer(at: $0 * elementType.byteCount, of: bytes) }
      }
    case .fill(let value): return Array(repeating: Int64(saturating: value), count: count)
    case .integers(let values): return values
    case .reals(let values): return values.map { Int64(saturating: $0) }
    case .keyed, .absent: return floats().map { Int64(saturating: Double($0)) }
    }
  }
}

extension ConstantTensor {
  /// The same elements under other dims.
  public func reshaped(_ dims: [Int]) -> ConstantTensor {
    precondition(dims.reduce(1, *) == count, "the same number of elements")
    if dims == self.dims { return self }
    var storage = storage
    if case .keyed(let tensor) = storage { storage = .keyed(tensor.reshaped(dims)) }
    var result = ConstantTensor(dims: dims, elementType: elementType, storage, origin: origin)
    result.isFixed = isFixed
    result.pattern = pattern
    result.view = view
    result.grid = grid?.reshaped(from: self.dims, to: dims)
    return result
  }

  /// Dimension i of the result is dimension `order[i]`; a view.
  public func transposed(_ order: [Int]) -> ConstantTensor {
    let extents = order.map { dims[$0] }
    if order == order.sorted() { return self }
    var result = derived(extents, moved: "transposed \(dims) \(order)") { $0.transposed(order) }
    result.grid = grid?.transposed(order)
    // Turned back it is what it was.
    if let turn, order.map({ turn.order[$0] }) == Array(order.indices) {
      result.view = turn.before
    } else {
      result.turn = (view, order)
    }
    return result
  }

  /// Some of the places of the first dimension, in another order perhaps; a view.
  public func rows(_ places: [Int]) -> ConstantTensor {
    derived([places.count] + dims.dropFirst(), moved: "rows \(dims) \(places.hashValue)") {
      $0.reordered(places)
    }
  }

  /// Each element changed; made when it is read.
  func mapped(_ body: @escaping @Sendable (Float) -> Float) -> ConstantTensor {
    if case .fill(let value) = storage {
      return ConstantTensor(dims: dims, elementType: .f32, fill: Double(body(Float(value))))
    }
    let source = keyed
    return ConstantTensor(dims: dims) { offset, buffer in
      source.read(from: offset, into: buffer)
      for place in buffer.indices { buffer[place] = body(buffer[place]) }
    }
  }

  /// The same under another type of element, which it is read as anyway.
  func retyped(_ type: ElementType) -> ConstantTensor {
    if type == elementType { return self }
    var result = derived(dims, type, moved: "") { $0 }
    result.grid = grid ?? (elementType.byteCount == 1 && type.isReal ? IntegerGrid() : nil)
    return result
  }

  private func derived(
    _ dims: [Int], _ type: ElementType? = nil, moved: String,
    _ change: (KeyedTensor) -> KeyedTensor
  ) -> ConstantTensor {
    let type = type ?? elementType
    var result: ConstantTensor
    switch storage {
    case .fill, .absent:
      result = ConstantTensor(dims: dims, elementType: type, storage, origin: origin)
    default:
      result = ConstantTensor(
        dims: dims, elementType: type, .keyed(change(keyed)), origin: origin)
    }
    result.view = view + moved
    return result
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
