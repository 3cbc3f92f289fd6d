/// Something whose passes can be measured: a planned network.
///
/// Boundary `i` stands before step `i`; boundary `stepCount` after the last one.
public protocol PassRunner: AnyObject {
  /// The number of steps of a pass.
  var stepCount: Int { get }

  /// One pass with no instrument inside.
  ///
  /// - Throws: ``ExecutionError`` naming the step that failed.
  func run() throws(ExecutionError)

  /// One pass that reads the clock at the marked boundaries only.
  ///
  /// `stamps` and `marks` have `stepCount + 1` elements; stamps of other boundaries are left alone.
  ///
  /// - Throws: ``ExecutionError`` naming the step that failed.
  func run(
    stamps: inout MutableSpan<UInt64>, marks: Span<Bool>
  ) throws(ExecutionError)

  /// One pass that calls `visit` at the marked boundaries.
  ///
  /// - Throws: ``ExecutionError`` naming the step that failed.
  func run(marks: Span<Bool>, visit: (Int) -> Void) throws(ExecutionError)

  /// Drops what some steps read and write from all caches.
  ///
  /// - Throws: ``ExecutionError`` when that cannot be done.
  func flush(steps: Range<Int>) throws(ExecutionError)

  /// Drops the weights that some steps read from all caches, and nothing else.
  ///
  /// - Throws: ``ExecutionError`` when that cannot be done.
  func flushWeights(steps: Range<Int>) throws(ExecutionError)
}
