/// Elements in memory, along axes each of which is walked in a step and an order of its own.
struct TensorView: Sendable {
  /// One axis.
  struct Axis: Hashable, Sendable {
    let count: Int
    /// Elements from one place to the next.
    let step: Int
    /// Which place stands where; `nil` as they lie.
    var order: [Int]?

    func offset(_ place: Int) -> Int { (order?[place] ?? place) * step }
  }

  let memory: TensorMemory
  let elementType: ElementType
  private(set) var first = 0
  private(set) var axes: [Axis]

  /// Elements in plain row-major order.
  init(_ memory: TensorMemory, _ elementType: ElementType, dims: [Int]) {
    self.memory = memory
    self.elementType = elementType
    var step = 1
    axes = []
    for extent in dims.reversed() {
      axes.insert(Axis(count: extent, step: step), at: 0)
      step *= extent
    }
  }

  var elementCount: Int { axes.reduce(1) { $0 * $1.count } }

  /// Axis i of the result is axis `order[i]`.
  func transposed(_ order: [Int]) -> TensorView {
    var view = self
    view.axes = order.map { axes[$0] }
    return view
  }

  /// The places of a range along an axis.
  func part(_ range: Range<Int>, axis: Int) -> TensorView {
    var view = self
    let whole = axes[axis]
    if whole.order != nil { return reordered(Array(range), axis: axis) }
    view.first += range.lowerBound * whole.step
    view.axes[axis] = Axis(count: range.count, step: whole.step)
    return view
  }

  /// The places of an axis in another order.
  func reordered(_ order: [Int], axis: Int) -> TensorView {
    var view = self
    let whole = axes[axis]
    let places = order.map { whole.order?[$0] ?? $0 }
    if places.count == 1 {
      view.first += places[0] * whole.step
      view.axes[axis] = Axis(count: 1, step: whole.step)
    } else {
      view.axes[axis] = Axis(count: places.count, step: whole.step, order: places)
    }
    return view
  }

  /// The same elements in the same order under other extents; `nil` where no steps lead through them.
  func reshaped(_ dims: [Int]) -> TensorView? {
    var left = axes.filter { $0.count != 1 }[...]
    var result: [Axis] = []
    for extent in dims {
      guard extent != 1 else {
        result.append(Axis(count: 1, step: 0))
        continue
      }
      guard var axis = left.popFirst() else { return nil }
      while axis.count < extent, let next = left.popFirst() {
        guard axis.order == nil, next.order == nil, axis.step == next.count * next.step else {
          return nil
        }
        axis = Axis(count: axis.count * next.count, step: next.step)
      }
      if axis.count > extent {
        guard axis.order == nil, axis.count.isMultiple(of: extent) else { return nil }
        let rest = axis.count / extent
        left.insert(Axis(count: rest, step: axis.step), at: left.startIndex)
        axis = Axis(count: extent, step: axis.step * rest)
      }
      guard axis.count == extent else { return nil }
      result.append(axis)
    }
    guard left.isEmpty else { return nil }
    var view = self
    view.axes = result
    return view
  }
}

// MARK: Reading

extension TensorView {
  /// Writes elements from `offset` on as f32.
  func read(from offset: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    switch elementType {
    case .f32: read(SinglePrecision.self, from: offset, into: buffer)
    case .f64: read(DoublePrecision.self, from: offset, into: buffer)
    case .f16: read(HalfPrecision.self, from: offset, into: buffer)
    case .bf16: read(BrainPrecision.self, from: offset, into: buffer)
    case .i64: read(IntegerNumber<Int64>.self, from: offset, into: buffer)
    case .i32: read(IntegerNumber<Int32>.self, from: offset, into: buffer)
    case .i16: read(IntegerNumber<Int16>.self, from: offset, into: buffer)
    case .i8: read(IntegerNumber<Int8>.self, from: offset, into: buffer)
    case .u64: read(IntegerNumber<UInt64>.self, from: offset, into: buffer)
    case .u32: read(IntegerNumber<UInt32>.self, from: offset, into: buffer)
    case .u16: read(IntegerNumber<UInt16>.self, from: offset, into: buffer)
    case .u8: read(IntegerNumber<UInt8>.self, from: offset, into: buffer)
    case .bool: read(TruthValue.self, from: offset, into: buffer)
    }
  }

  private func read<Decoder: ElementDecoder>(
    _: Decoder.Type, from offset: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    guard let target = buffer.baseAddress else { return }
    memory.withBytes { bytes in
      // Unchecked: whoever made the tensor has seen that all its elements are there.
      walk(offset..<offset + buffer.count) { place, index in
        target[place] = Decoder.float(
          bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: index &* MemoryLayout<Decoder.Stored>.size,
            as: Decoder.Stored.self))
      }
    }
  }

  /// Writes elements from `offset` on as they are stored.
  func copy(from offset: Int, count: Int, into target: UnsafeMutableRawPointer) {
    switch elementType.byteCount {
    case 8: copy(UInt64.self, from: offset, count: count, into: target)
    case 4: copy(UInt32.self, from: offset, count: count, into: target)
    case 2: copy(UInt16.self, from: offset, count: count, into: target)
    default: copy(UInt8.self, from: offset, count: count, into: target)
    }
  }

  private func copy<Bits: FixedWidthInteger & BitwiseCopyable>(
    _: Bits.Type, from offset: Int, count: Int, into target: UnsafeMutableRawPointer
  ) {
    let size = MemoryLayout<Bits>.size
    memory.withBytes { bytes in
      walk(offset..<offset + count) { place, index in
        target.storeBytes(
          of: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index &* size, as: Bits.self),
          toByteOffset: place &* size, as: Bits.self)
      }
    }
  }

  /// Calls `body` with each place of a range, counted from its first, and the index of its element.
  @inline(__always)
  private func walk(_ range: Range<Int>, _ body: (_ place: Int, _ index: Int) -> Void) {
    // Several rows are walked side by side, column by column: where neighbours in memory stand in
    // different rows, as in a transposed matrix, each cache line is then read once.
    let band = 16
    let axes = TensorView.merged(axes)
    guard let last = axes.last, !range.isEmpty else {
      if !range.isEmpty { body(0, first) }
      return
    }
    let width = last.count
    var (row, column) = range.lowerBound.quotientAndRemainder(dividingBy: width)
    var place = 0
    var starts = [Int](repeating: 0, count: band)
    while place < range.count {
      let whole = column == 0 ? min(band, (range.count - place) / width) : 0
      if last.step == 1 && last.order == nil || whole < 2 {
        let count = min(width - column, range.count - place)
        let start = self.start(ofRow: row, axes)
        if last.order == nil {
          let step = last.step
          for index in 0..<count { body(place + index, start + (column + index) * step) }
        } else {
          for index in 0..<count { body(place + index, start + last.offset(column + index)) }
        }
        place += count
        row += 1
        column = 0
        continue
      }
      for index in 0..<whole { starts[index] = start(ofRow: row + index, axes) }
      for column in 0..<width {
        let offset = last.offset(column)
        for index in 0..<whole { body(place + index * width + column, starts[index] + offset) }
      }
      place += whole * width
      row += whole
    }
  }

  /// The index of the first element of a row, which all axes but the last number.
  private func start(ofRow row: Int, _ axes: [Axis]) -> Int {
    var (rest, start) = (row, first)
    for axis in axes.dropLast().reversed() {
      let (next, place) = rest.quotientAndRemainder(dividingBy: axis.count)
      start += axis.offset(place)
      rest = next
    }
    return start
  }

  /// As few axes as lead through the same elements.
  private static func merged(_ axes: [Axis]) -> [Axis] {
    var result: [Axis] = []
    for axis in axes where axis.count != 1 {
      if let before = result.last, before.order == nil, axis.order == nil,
        before.step == axis.count * axis.step
      {
        result[result.count - 1] = Axis(count: before.count * axis.count, step: axis.step)
      } else {
        result.append(axis)
      }
    }
    return result
  }
}
