import Topology

/// A binary operation of operands that are repeated along any dimensions, where oneDNN has only
/// reference loops.
struct BroadcastBinary: ParallelKernel {
  /// One dimension of memory: its extent, and the distance of neighbours in each operand.
  struct Loop: Hashable {
    var count: Int
    /// 0 where the first operand is repeated.
    var first: Int
    /// 0 where the second operand is repeated.
    var second: Int
  }

  let name = HostKernels.vectorised
  private let kind: BinaryKind
  private let outer: [Loop]
  private let middle: Loop
  private let inner: Loop
  /// How many parts the middle loop is cut into, or the inner one where there is no middle.
  private let pieces: Int

  /// An operation over the dimensions of the result's memory, outermost first.
  init(_ kind: BinaryKind, _ loops: [Loop]) {
    self.kind = kind
    var joined = BroadcastBinary.joined(loops)
    inner = joined.popLast() ?? Loop(count: 1, first: 0, second: 0)
    middle = joined.popLast() ?? Loop(count: 1, first: 0, second: 0)
    outer = joined
    let rows = outer.reduce(1) { $0 * $1.count }
    let cut = middle.count > 1 ? middle.count : inner.count / 1024
    pieces = max(1, min(cut, 64 / rows))
  }

  /// The same walk in fewer dimensions: those are joined along which both operands go on alike.
  static func joined(_ loops: [Loop]) -> [Loop] {
    var result: [Loop] = []
    for loop in loops where loop.count != 1 {
      if let last = result.last, last.first == loop.count * loop.first,
        last.second == loop.count * loop.second
      {
        result[result.count - 1] = Loop(
          count: last.count * loop.count, first: loop.first, second: loop.second)
      } else {
        result.append(loop)
      }
    }
    return result
  }

  func partCount(types: [TensorType], type: TensorType) -> Int {
    outer.reduce(pieces) { $0 * $1.count }
  }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let first = inputs[0].baseAddress, let second = inputs[1].baseAddress,
      let target = output.baseAddress
    else { return }
    let operands = (first, second, target)
    switch kind {
    case .add: walk(parts, operands) { $0 + $1 }
    case .sub: walk(parts, operands) { $0 - $1 }
    case .mul: walk(parts, operands) { $0 * $1 }
    case .div: walk(parts, operands) { $0 / $1 }
    case .max: walk(parts, operands) { .larger($0, $1) }
    case .min: walk(parts, operands) { .smaller($0, $1) }
    case .equal: walk(parts, operands) { BroadcastBinary.ones(where: $0 .== $1) }
    case .greater: walk(parts, operands) { BroadcastBinary.ones(where: $0 .> $1) }
    case .greaterOrEqual: walk(parts, operands) { BroadcastBinary.ones(where: $0 .>= $1) }
    case .less: walk(parts, operands) { BroadcastBinary.ones(where: $0 .< $1) }
    case .lessOrEqual: walk(parts, operands) { BroadcastBinary.ones(where: $0 .<= $1) }
    }
  }

  /// 1 where a comparison holds, else 0.
  @inline(__always)
  private static func ones(where mask: SIMDMask<Lanes.MaskStorage>) -> Lanes {
    Lanes(repeating: 0).replacing(with: Lanes(repeating: 1), where: mask)
  }

  private typealias Operands = (
    UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>
  )

  @inline(__always)
  private func walk(
    _ parts: Range<Int>, _ operands: Operands, _ function: (Lanes, Lanes) -> Lanes
  ) {
    for part in parts {
      let (row, piece) = part.quotientAndRemainder(dividingBy: pieces)
      var (rest, first, second) = (row, 0, 0)
      for loop in outer.reversed() {
        let place = rest % loop.count
        rest /= loop.count
        first += place * loop.first
        second += place * loop.second
      }
      let from = (
        operands.0 + first, operands.1 + second, operands.2 + row * middle.count * inner.count
      )
      if middle.count > 1 {
        let begin = middle.count * piece / pieces
        rows(begin..<middle.count * (piece + 1) / pieces, 0..<inner.count, from, function)
      } else {
        let begin = inner.count * piece / pieces
        rows(0..<1, begin..<inner.count * (piece + 1) / pieces, from, function)
      }
    }
  }

  /// Some rows of the two innermost loops.
  @inline(__always)
  private func rows(
    _ rows: Range<Int>, _ columns: Range<Int>, _ operands: Operands,
    _ function: (Lanes, Lanes) -> Lanes
  ) {
    let count = columns.count
    for row in rows {
      let first = operands.0 + row * middle.first + columns.lowerBound * inner.first
      let second = operands.1 + row * middle.second + columns.lowerBound * inner.second
      let target = operands.2 + row * inner.count + columns.lowerBound
      switch (inner.first, inner.second) {
      case (1, 1):
        span(count, target) {
          function(Lanes(at: first + $0), Lanes(at: second + $0))
        } last: {
          function(Lanes(at: first + $0, count: $1), Lanes(at: second + $0, count: $1, rest: 1))
        }
      case (1, 0):
        let repeated = Lanes(repeating: second.pointee)
        span(count, target) {
          function(Lanes(at: first + $0), repeated)
        } last: {
          function(Lanes(at: first + $0, count: $1), repeated)
        }
      case (0, 1):
        let repeated = Lanes(repeating: first.pointee)
        span(count, target) {
          function(repeated, Lanes(at: second + $0))
        } last: {
          function(repeated, Lanes(at: second + $0, count: $1, rest: 1))
        }
      default:
        for column in 0..<count {
          let result = function(
            Lanes(repeating: first[column * inner.first]),
            Lanes(repeating: second[column * inner.second]))
          target[column] = result[0]
        }
      }
    }
  }

  /// Fills a row, vector by vector, and what is left of it.
  @inline(__always)
  private func span(
    _ count: Int, _ target: UnsafeMutablePointer<Float>, _ whole: (Int) -> Lanes,
    last: (Int, Int) -> Lanes
  ) {
    var column = 0
    while column + Lanes.scalarCount <= count {
      whole(column).store(at: target + column)
      column += Lanes.scalarCount
    }
    if column < count {
      last(column, count - column).store(at: target + column, count: count - column)
    }
  }
}
