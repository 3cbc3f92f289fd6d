import Topology

extension ReferenceInterpreter {
  /// One element of the result at a time, from its coordinates.
  private static func build(_ type: TensorType, _ element: ([Int]) -> Float) -> [Float] {
    let shape = Tensor(type: type, data: [])
    return (0..<type.elementCount).map { element(shape.coordinates(of: $0)) }
  }

  static func transpose(_ source: Tensor, _ order: [Int], _ type: TensorType) -> [Float] {
    build(type) { place in
      var from = place
      for (axis, origin) in order.enumerated() { from[origin] = place[axis] }
      return source[from]
    }
  }

  static func slice(_ source: Tensor, _ slice: Slice, _ type: TensorType) -> [Float] {
    build(type) { place in
      source[place.indices.map { slice.starts[$0] + place[$0] * slice.steps[$0] }]
    }
  }

  static func pad(_ source: Tensor, _ padding: Padding, _ type: TensorType) -> [Float] {
    build(type) { place in
      var from: [Int] = []
      for (axis, index) in place.enumerated() {
        var index = index - padding.begins[axis]
        let extent = source.dims[axis]
        if index < 0 || index >= extent {
          switch padding.mode {
          case .constant: return Float(padding.value)
          case .edge: index = index < 0 ? 0 : extent - 1
          case .reflect: index = index < 0 ? -index : 2 * (extent - 1) - index
          }
        }
        from.append(index)
      }
      return source[from]
    }
  }

  static func gather(_ source: Tensor, _ indices: Tensor, axis: Int) -> [Float] {
    let (outer, count, inner) = source.split(at: axis)
    var result: [Float] = []
    for slab in 0..<outer {
      for value in indices.data {
        let row = slab * count + row(value, of: count)
        result += source.data[row * inner..<(row + 1) * inner]
      }
    }
    return result
  }

  static func embed(_ indices: Tensor, _ table: [Float], _ type: TensorType) -> [Float] {
    let width = type.dims[type.dims.count - 1]
    return indices.data.flatMap { value in
      let row = row(value, of: table.count / width)
      return table[row * width..<(row + 1) * width]
    }
  }

  /// Truncated; from the end where negative; kept inside.
  private static func row(_ value: Float, of count: Int) -> Int {
    let index = Int(value)
    return max(0, min(count - 1, index < 0 ? count + index : index))
  }

  static func hideAbove(_ source: Tensor, _ value: Float) -> [Float] {
    build(source.type) { place in
      let past = source.dims[place.count - 1] - source.dims[place.count - 2]
      return place[place.count - 1] > place[place.count - 2] + past ? value : source[place]
    }
  }

  /// Places are the centres of cells.
  static func resample(_ source: Tensor, _ kind: ResamplingKind, _ type: TensorType) -> [Float] {
    build(type) { place in
      var terms: [(place: [Int], weight: Double)] = [(Array(place.prefix(2)), 1)]
      for axis in 2..<place.count {
        let extent = source.dims[axis]
        let center =
          (Double(place[axis]) + 0.5) * Double(extent) / Double(type.dims[axis]) - 0.5
        var cells: [(Int, Double)]
        if kind == .nearest {
          cells = [(Int((center + 0.5).rounded(.down)), 1)]
        } else {
          let low = center.rounded(.down)
          cells = [(Int(low), 1 - (center - low)), (Int(low) + 1, center - low)]
        }
        cells = cells.map { (max(0, min(extent - 1, $0.0)), $0.1) }
        terms = terms.flatMap { term in
          cells.map { (term.place + [$0.0], term.weight * $0.1) }
        }
      }
      return Float(terms.reduce(0.0) { $0 + Double(source[$1.place]) * $1.weight })
    }
  }

  static func reduce(_ source: Tensor, _ kind: ReductionKind, _ type: TensorType) -> [Float] {
    let result = Tensor(type: type, data: [])
    var parts = [[Double]](repeating: [], count: type.elementCount)
    for (index, value) in source.data.enumerated() {
      var target = 0
      for (axis, coordinate) in source.coordinates(of: index).enumerated() {
        target = target * result.dims[axis] + (result.dims[axis] == 1 ? 0 : coordinate)
      }
      parts[target].append(Double(value))
    }
    return parts.map { values in
      switch kind {
      case .sum: Float(values.reduce(0, +))
      case .mean: Float(values.reduce(0, +) / Double(values.count))
      case .max: Float(values.reduce(-.infinity, max))
      case .min: Float(values.reduce(.infinity, min))
      case .prod: Float(values.reduce(1, *))
      case .l1: Float(values.reduce(0) { $0 + abs($1) })
      case .l2: Float(values.reduce(0) { $0 + $1 * $1 }.squareRoot())
      }
    }
  }
}
