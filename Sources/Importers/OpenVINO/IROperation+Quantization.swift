import Model

extension IROperation {
  /// Rounds to `levels` values of a range: a constant becomes what it is rounded to, what flows is
  /// quantised and dequantised.
  mutating func fakeQuantize() throws(IRFault) {
    guard let levels = layer.ints("levels")?.first, levels > 1 else {
      throw IRFault("has no levels")
    }
    let ranges = (1...4).compactMap { constant($0) }
    guard ranges.count == 4 else { throw IRFault("its ranges are no constants") }
    if let tensor = constant(0) {
      guard let rounded = rounded(tensor, ranges, levels) else { return keep() }
      // Named as what the layer gives: nothing runs for it.
      let name = constant(rounded, "rounded")
      return add("Identity", [name])
    }
    guard levels <= 256, ranges.allSatisfy({ $0.count == 1 }) else { return keep() }
    let ends = ranges.map { $0.reals()[0] }
    func step(_ low: Double, _ high: Double) -> (scale: Double, zero: Int64)? {
      let scale = (high - low) / Double(levels - 1)
      guard scale > 0 else { return nil }
      return (scale, Int64((-low / scale).rounded()))
    }
    guard let into = step(ends[0], ends[1]), let out = step(ends[2], ends[3]),
      0...255 ~= into.zero, 0...255 ~= out.zero
    else { return keep() }
    func number(_ value: Double) -> ConstantTensor { .init(dims: [], reals: [value]) }
    func zero(_ value: Int64) -> ConstantTensor {
      .init(dims: [], elementType: .u8, integers: [value])
    }
    let quantized = self.step(
      "QuantizeLinear",
      [input(0), constant(number(into.scale), "scale"), constant(zero(into.zero), "zero")],
      "quantized")
    add(
      "DequantizeLinear",
      [quantized, constant(number(out.scale), "scale"), constant(zero(out.zero), "zero")])
  }

  /// A constant rounded, with one range or one for each place of one dimension; nil for others.
  private func rounded(_ tensor: ConstantTensor, _ ranges: [ConstantTensor], _ levels: Int)
    -> ConstantTensor?
  {
    let counts = Set(ranges.map(\.count)).subtracting([1])
    guard counts.count <= 1 else { return nil }
    var inner = tensor.count
    let count = counts.first ?? 1
    if count > 1 {
      guard let shape = ranges.first(where: { $0.count > 1 })?.dims else { return nil }
      let padded = Array(repeating: 1, count: max(0, tensor.dims.count - shape.count)) + shape
      guard let axis = padded.firstIndex(where: { $0 > 1 }), padded.count == tensor.dims.count,
        tensor.dims[axis] == count
      else { return nil }
      inner = tensor.dims[(axis + 1)...].reduce(1, *)
    }
    let ends = ranges.map { range in
      range.count == 1 ? Array(repeating: Float(range.reals()[0]), count: count) : range.floats()
    }
    let steps = Float(levels - 1)
    let width = max(inner, 1)
    var result = ConstantTensor(dims: tensor.dims) { offset, buffer in
      tensor.read(offset: offset, into: buffer)
      for place in buffer.indices {
        let row = (offset + place) / width % count
        let (low, high) = (ends[0][row], ends[1][row])
        let (least, most) = (ends[2][row], ends[3][row])
        let value = min(max(buffer[place], min(low, high)), max(low, high))
        let level =
          high == low ? 0 : ((value - low) / (high - low) * steps).rounded(.toNearestOrEven)
        buffer[place] = level / steps * (most - least) + least
      }
    }
    // Multiples of the steps between levels, where 0 is one of them.
    let units = zip(ends[2], ends[3]).map { ($1 - $0) / steps }
    let isCentred = zip(ends[2], units).allSatisfy { low, unit in
      unit > 0 && abs(low / unit - (low / unit).rounded()) < 1e-3
    }
    if isCentred {
      let axis = tensor.dims.indices.first { axis in
        count > 1 && tensor.dims[axis] == count
          && tensor.dims[(axis + 1)...].reduce(1, *) == inner
      }
      result.grid = IntegerGrid(steps: units, axis: axis ?? 0)
    }
    return result
  }
}
