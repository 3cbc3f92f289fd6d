/// The memory that making and running a plan will take, in bytes, predicted from shapes alone.
///
/// What the process takes besides (code, libraries, a model's file, measurements of the machine) is not in it.
public struct PlanMemory: Hashable, Sendable {
  /// Constants in the form in which primitives read them.
  public var weights = 0
  /// The largest constant once more in plain order, while it is packed; given back before a pass.
  public var packing = 0
  /// Inputs, activations and outputs.
  public var values = 0
  /// Working memory that primitives share.
  public var scratchpad = 0
  /// Primitives with their generated code, and what the C library keeps of memory that was freed.
  public var primitives = 0
  /// The most that a calibration before it takes, whose plan is gone when this one is made; 0 where there is
  /// none.
  public var calibration = 0
  /// What a process takes at its most that tries implementations before; 0 where none does.
  public var search = 0

  /// Nothing.
  public init() {}

  /// While constants are packed.
  public var planning: Int { [weights, packing, primitives].total }
  /// While passes run.
  public var running: Int { [weights, values, scratchpad, primitives].total }
  /// While it is made and run, whichever is more.
  public var peak: Int { max(planning, running) }
}

extension [Int] {
  /// The sum of sizes, none of them negative; `Int.max` where that is more than there is.
  public var total: Int {
    reduce(0) { sum, size in
      let (more, isTooMuch) = sum.addingReportingOverflow(size)
      return isTooMuch ? .max : more
    }
  }
}
