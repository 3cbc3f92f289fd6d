import Topology

/// A host kernel that computes an operation which oneDNN lacks.
///
/// A new one is a file with a type that conforms to this and a line in ``HostKernels/all``.
protocol OperationKernel: HostKernel {
  /// The kernel of an instruction of a program; `nil` for another operation.
  init?(_ instruction: Instruction, of program: Program)
}

/// The host kernels of operations that oneDNN lacks.
enum HostKernels {
  /// The implementation name of kernels that stand in for reference loops of oneDNN.
  static let vectorised = "host:simd"

  /// All of them; the first that takes an instruction computes it.
  static let all: [any OperationKernel.Type] = [
    AxisMapCopy.self, GatherCopy.self, GroupNormalization.self, CausalMask.self,
    RootMeanSquareNormalization.self, CumulativeSums.self, TopElements.self, OneHotRows.self,
    Selection.self,
  ]

  /// The kernel of an instruction; `nil` where oneDNN computes it, or nobody does.
  static func kernel(of instruction: Instruction, in program: Program) -> (any HostKernel)? {
    for kind in all {
      if let kernel = kind.init(instruction, of: program) { return kernel }
    }
    return nil
  }
}
