public import Profiling
public import Topology

/// A library that networks run on, and what only it can say: what it plans, how fast it can be, what its
/// instruction set lacks.
public protocol Engine {
  /// How it is told to plan.
  associatedtype Options

  /// Its name as users write it.
  static var name: String { get }
  /// Its name as it writes itself.
  static var title: String { get }
  /// What the instruction set can be capped at.
  static var isaNames: [String] { get }

  /// The instruction set that its kernels use; `nil` where it does not tell.
  ///
  /// Asking may fix it.
  var instructionSet: InstructionSet? { get }

  /// Caps the instruction set before the library's first use; returns what is wrong, or `nil`.
  static func capISA(_ name: String) -> String?

  /// Why a precision cannot be run with the instruction set there is; `nil` where it can.
  func obstacle(to precision: Precision) -> String?

  /// The most FLOP/s that kernels of the library reach in a precision (a product of integers and its sum
  /// are two), measured now; `nil` where it has none.
  ///
  /// - Throws: ``ExecutionError`` when a kernel cannot be made.
  func peakRate(_ precision: Precision, threads: Int) throws(ExecutionError) -> Double?

  /// Whether anything runs for an operation in a pass; nothing does for a view, or a constant.
  func runs(_ operation: Topology.Operation) -> Bool

  /// The memory that a planned network will take, predicted from shapes alone, before anything is made.
  func predictMemory(_ program: Program, options: Options) -> PlanMemory

  /// Makes a program ready to run.
  ///
  /// - Parameters:
  ///   - program: What to compute.
  ///   - options: How.
  ///   - weights: Where constants come from; `nil` makes them from the options' seed.
  /// - Returns: The network, whose inputs are filled.
  /// - Throws: ``ExecutionError`` naming the layer that cannot be planned.
  func plan(
    _ program: Program, options: Options, weights: (any WeightProvider)?
  ) throws(ExecutionError) -> any PlannedNetwork
}

extension Engine {
  /// What to know where the instruction set has no products of a precision; `nil` where it has, or is
  /// not known.
  public func emulationWarning(_ precision: Precision) -> Warning? {
    guard let instructionSet, !instructionSet.multiplies(precision) else { return nil }
    return Warning(
      code: "emulated-precision",
      message:
        "\(instructionSet) has no \(precision.rawValue) products: \(Self.title) makes them of "
        + "others, or has none",
      remedy: "times say little about a CPU that has them")
  }
}

extension InstructionSet {
  /// Whether it has products of the numbers of a precision.
  public func multiplies(_ precision: Precision) -> Bool {
    switch precision {
    case .f32: true
    case .bf16: features.contains(.bf16)
    case .int8: features.contains(.int8)
    }
  }
}
