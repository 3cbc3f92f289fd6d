import Topology

/// Copies elements whose place in the source is told axis by axis: slices and padding.
struct AxisMapCopy: HostKernel {
  /// Neighbours along the last mapped axis that lie at even distances in the source.
  private struct Run {
    var first: Int
    var count: Int
    var source: Int
    var step: Int
  }

  let name: String
  /// The source's index for each index of the result; −1 where there is none.
  private let maps: [[Int]]
  private let runs: [Run]
  /// Elements that move as one: the extents behind the last axis that changes.
  private let block: Int
  private let fill: Float

  /// Makes a copy; `maps` holds one list an axis, `extents` the source's dims.
  init(_ name: String, maps: [[Int]], extents: [Int], fill: Float = 0) {
    var maps = maps
    var block = 1
    while maps.count > 1, let last = maps.last, last == Array(0..<extents[maps.count - 1]) {
      block *= extents[maps.count - 1]
      maps.removeLast()
    }
    self.name = name
    self.fill = fill
    self.block = block
    runs = AxisMapCopy.runs(of: maps[maps.count - 1])
    self.maps = maps
  }

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let last = maps.count - 1
    let row = maps[last].count * block
    var strides = Array(repeating: block, count: maps.count)
    for axis in (0..<last).reversed() {
      strides[axis] = strides[axis + 1] * types[0].dims[axis + 1]
    }
    var place = Array(repeating: 0, count: last)
    for start in stride(from: 0, to: output.count, by: row) {
      var offset = 0
      var isInside = true
      for axis in 0..<last {
        let index = maps[axis][place[axis]]
        isInside = isInside && index >= 0
        offset += index * strides[axis]
      }
      if isInside {
        copyRow(from: source + offset, to: target + start)
      } else {
        (target + start).update(repeating: fill, count: row)
      }
      for axis in (0..<last).reversed() {
        place[axis] += 1
        if place[axis] < maps[axis].count { break }
        place[axis] = 0
      }
    }
  }

  @inline(__always)
  private func copyRow(from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
    for run in runs {
      let target = target + run.first * block
      if run.source < 0 {
        target.update(repeating: fill, count: run.count * block)
      } else if run.step == 1 {
        target.update(from: source + run.source * block, count: run.count * block)
      } else {
        for index in 0..<run.count {
          let from = source + (run.source + index * run.step) * block
          for element in 0..<block { target[index * block + element] = from[element] }
        }
      }
    }
  }

  private static func runs(of map: [Int]) -> [Run] {
    var runs: [Run] = []
    for (index, source) in map.enumerated() {
      if var run = runs.last, run.source < 0 ? source < 0 : source >= 0 {
        let step = run.count == 1 ? source - run.source : run.step
        if run.source < 0 || source == run.source + run.count * step {
          run.step = step
          run.count += 1
          runs[runs.count - 1] = run
          continue
        }
      }
      runs.append(Run(first: index, count: 1, source: source, step: 1))
    }
    return runs
  }
}

extension AxisMapCopy {
  /// A part of a tensor of `extents`, in the `dims` of the result.
  init(_ slice: Topology.Slice, extents: [Int], dims: [Int]) {
    let maps = dims.indices.map { axis in
      (0..<dims[axis]).map { slice.starts[axis] + $0 * slice.steps[axis] }
    }
    self.init("slice", maps: maps, extents: extents)
  }

  /// A tensor of `extents` whose elements are moved along each axis.
  init(roll shifts: [Int], extents: [Int]) {
    let maps = zip(extents, shifts).map { extent, shift in
      (0..<extent).map { ($0 + extent - shift) % extent }
    }
    self.init("roll", maps: maps, extents: extents)
  }

  /// A tensor of `extents` stretched to the `dims` of the result.
  init(expanding extents: [Int], dims: [Int]) {
    let maps = zip(extents, dims).map { extent, dim in
      (0..<dim).map { extent == 1 ? 0 : $0 }
    }
    self.init("expand", maps: maps, extents: extents)
  }

  /// A tensor of `extents` with cells around it, in the `dims` of the result.
  init(_ padding: Padding, extents: [Int], dims: [Int]) {
    let maps = dims.indices.map { axis in
      (0..<dims[axis]).map { index in
        let last = extents[axis] - 1
        let place = index - padding.begins[axis]
        switch padding.mode {
        case .constant: return place < 0 || place > last ? -1 : place
        case .edge: return min(max(place, 0), last)
        case .reflect: return last - abs(last - abs(place))
        }
      }
    }
    self.init("pad", maps: maps, extents: extents, fill: Float(padding.value))
  }
}
