import Profiling

/// What is read at the boundaries of one pass, by name or by clock: a value before each boundary's
/// own work (emptying caches) and one after it.
///
/// A step's own value is what was reached at the boundary behind it less what it began with at the
/// one before it, so that nothing done at a boundary is any step's.
final class BoundaryReadings<Value> {
  /// Values at a boundary.
  let width: Int
  /// At arrival, a row a boundary.
  let reached: UnsafeMutableBufferPointer<Value>
  /// At departure.
  let left: UnsafeMutableBufferPointer<Value>

  /// Makes room for a pass of `steps` steps.
  init(steps: Int, width: Int, zero: Value) {
    self.width = width
    reached = .allocate(capacity: (steps + 1) * width)
    left = .allocate(capacity: (steps + 1) * width)
    reached.initialize(repeating: zero)
    left.initialize(repeating: zero)
  }

  deinit {
    reached.deallocate()
    left.deallocate()
  }

  /// The row of a boundary.
  func row(
    _ side: KeyPath<BoundaryReadings, UnsafeMutableBufferPointer<Value>>, _ boundary: Int
  ) -> UnsafeMutableBufferPointer<Value> {
    UnsafeMutableBufferPointer(
      rebasing: self[keyPath: side][boundary * width..<(boundary + 1) * width])
  }

  /// Takes the departure for the arrival, where nothing is done between them.
  func passThrough(_ boundary: Int) {
    for column in boundary * width..<(boundary + 1) * width { left[column] = reached[column] }
  }
}

extension BoundaryReadings where Value: FixedWidthInteger {
  /// The value of one column over a step.
  func difference(step: Int, column: Int) -> Double {
    let after = reached[(step + 1) * width + column]
    let before = left[step * width + column]
    return Double(Int64(truncatingIfNeeded: after &- before))
  }
}
