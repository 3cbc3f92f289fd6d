import Topology

/// A reduction of any dimensions, where oneDNN has only reference loops.
struct Folding: ParallelKernel {
  /// Results of a part where the innermost dimension stays.
  private static let tile = 4 * Lanes.scalarCount

  let name = HostKernels.vectorised
  private let kind: ReductionKind
  /// Where each row of results begins in the source.
  private let kept: [Int]
  /// Where each row that is folded into a result begins, from there.
  private let folded: [Int]
  /// Neighbours in a row.
  private let width: Int
  /// Whether rows are folded, too.
  private let isInnerFolded: Bool

  /// A reduction of the dimensions of `source` that are 1 in `result`.
  init(_ kind: ReductionKind, source: [Int], result: [Int]) {
    self.kind = kind
    // Neighbouring dimensions that both stay, or both go, are one.
    var loops: [(count: Int, isFolded: Bool)] = []
    for (extent, left) in zip(source, result) where extent > 1 {
      if let last = loops.last, last.isFolded == (left != extent) {
        loops[loops.count - 1].count *= extent
      } else {
        loops.append((extent, left != extent))
      }
    }
    let inner = loops.popLast() ?? (1, false)
    width = inner.count
    isInnerFolded = inner.isFolded
    var offsets = (kept: [0], folded: [0])
    var stride = width * loops.reduce(1) { $0 * $1.count }
    for loop in loops {
      stride /= loop.count
      let steps = (0..<loop.count).map { $0 * stride }
      if loop.isFolded {
        offsets.folded = offsets.folded.flatMap { start in steps.map { start + $0 } }
      } else {
        offsets.kept = offsets.kept.flatMap { start in steps.map { start + $0 } }
      }
    }
    (kept, folded) = offsets
  }

  private var tiles: Int { isInnerFolded ? 1 : (width + Folding.tile - 1) / Folding.tile }

  func partCount(types: [TensorType], type: TensorType) -> Int { kept.count * tiles }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    switch kind {
    case .sum, .mean: fold(parts, source, target, from: 0) { $0 + $1 }
    case .max: fold(parts, source, target, from: -.infinity) { .larger($0, $1) }
    case .min: fold(parts, source, target, from: .infinity) { .smaller($0, $1) }
    case .prod: fold(parts, source, target, from: 1) { $0 * $1 }
    case .l1: fold(parts, source, target, from: 0) { $0 + .larger($1, -$1) }
    case .l2: fold(parts, source, target, from: 0) { $0 + $1 * $1 }
    }
  }

  @inline(__always)
  private func fold(
    _ parts: Range<Int>, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>,
    from start: Float, _ function: (Lanes, Lanes) -> Lanes
  ) {
    for part in parts {
      let (row, tile) = part.quotientAndRemainder(dividingBy: tiles)
      let place = source + kept[row]
      if isInnerFolded {
        target[row] = finished(foldRow(place, from: start, function))[0]
        continue
      }
      let end = min((tile + 1) * Folding.tile, width)
      for column in stride(from: tile * Folding.tile, to: end, by: Lanes.scalarCount) {
        let count = min(Lanes.scalarCount, end - column)
        var total = Lanes(repeating: start)
        for offset in folded {
          total = function(total, Lanes(at: place + offset + column, count: count))
        }
        finished(total).store(at: target + row * width + column, count: count)
      }
    }
  }

  /// Everything of one result, in its first lane.
  @inline(__always)
  private func foldRow(
    _ place: UnsafePointer<Float>, from start: Float, _ function: (Lanes, Lanes) -> Lanes
  ) -> Lanes {
    var total = Lanes(repeating: start)
    let whole = width / Lanes.scalarCount * Lanes.scalarCount
    var single = Lanes(repeating: start)
    for offset in folded {
      for column in stride(from: 0, to: whole, by: Lanes.scalarCount) {
        total = function(total, Lanes(at: place + offset + column))
      }
      for column in whole..<width {
        single = function(single, Lanes(repeating: place[offset + column]))
      }
    }
    // Partial results are combined, not folded: their magnitudes are taken already.
    for lane in 0..<Lanes.scalarCount {
      let other = Lanes(repeating: total[lane])
      switch kind {
      case .sum, .mean, .l1, .l2: single += other
      case .prod: single *= other
      case .max: single = .larger(single, other)
      case .min: single = .smaller(single, other)
      }
    }
    return single
  }

  private func finished(_ total: Lanes) -> Lanes {
    switch kind {
    case .mean: total / Float(folded.count * (isInnerFolded ? width : 1))
    case .l2: total.squareRoot()
    default: total
    }
  }
}
