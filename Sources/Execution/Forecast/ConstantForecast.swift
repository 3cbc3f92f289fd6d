import Machine
import Measuring
import Topology

/// How much memory the constants of a plan will take, told from the program alone.
struct ConstantForecast {
  /// In the forms in which primitives read them.
  private(set) var bytes = 0
  /// The largest one that is packed, in plain order.
  private(set) var largest = 0
  /// The f32 bytes of those that become 8-bit numbers, without the ones that the C library maps by themselves.
  private(set) var narrowed = 0

  /// From that size on glibc gives memory back as soon as it is freed (`DEFAULT_MMAP_THRESHOLD_MAX`).
  private static let mapped = 32 << 20

  /// Forecasts the constants of a program but for those of some instructions, which become part of others.
  init(_ program: Program, _ options: PlanOptions, without folded: Set<Int>) {
    var known: Set<WeightOwner> = []
    for (index, instruction) in program.instructions.enumerated() where !folded.contains(index) {
      for slot in instruction.weights {
        if let owner = slot.owner, !known.insert(owner).inserted { continue }
        let size = [Int](repeating: slot.elementCount, count: 4).total
        let width = Self.width(of: slot.role, in: instruction.operation, options)
        let factor = Self.expansion(of: slot.role, in: instruction.operation, options)
        bytes = [bytes, size / 4 * width, size / 4 * width * (factor - 1)].total
        if width < 4, options.precision == .int8, size < Self.mapped { narrowed += size }
        if Self.isPacked(slot.role, in: instruction.operation),
          !Self.isReadAsItLies(instruction, program, options)
        {
          largest = max(largest, size)
        }
      }
    }
  }

  /// Bytes of each number.
  private static func width(
    of role: WeightRole, in operation: Topology.Operation, _ options: PlanOptions
  ) -> Int {
    guard isPacked(role, in: operation) else { return 4 }
    guard options.precision == .int8, case .recurrent(let layer) = operation else {
      return options.precision.bytes
    }
    // oneDNN's only LSTM on 8-bit numbers takes instructions for it.
    return layer.cell == .lstm && VectorISA.best >= .avx512VNNI ? 1 : 4
  }

  /// Winograd keeps 36 numbers for the 9 of a kernel; oneDNN has it with 512-bit vectors alone.
  private static func expansion(
    of role: WeightRole, in operation: Topology.Operation, _ options: PlanOptions
  ) -> Int {
    guard options.tuning != .fast, !options.isExact, options.precision == .f32, role == .weights,
      VectorISA.best >= .avx512, case .convolution(let convolution) = operation,
      convolution.kernel == [3, 3], convolution.groups == 1, convolution.stride == [1, 1],
      convolution.dilation == [1, 1]
    else { return 1 }
    return 4
  }

  /// Whether oneDNN's general product reads the matrix in plain order: rows of f32 where neither its own
  /// products (AVX-512) nor a convolution over a column gains.
  private static func isReadAsItLies(
    _ instruction: Instruction, _ program: Program, _ options: PlanOptions
  ) -> Bool {
    guard options.precision == .f32, VectorISA.best < .avx512,
      case .innerProduct = instruction.operation, let input = instruction.inputs.first
    else { return false }
    let dims = program.values[input].dims
    return dims.count == 2 && !ColumnProduct.gaining.contains(dims[0])
  }

  /// Whether a primitive reads it in a format of its own choice.
  private static func isPacked(_ role: WeightRole, in operation: Topology.Operation) -> Bool {
    guard role == .weights || role == .weightsIteration else { return false }
    if case .recurrent = operation { return true }
    return operation.isProduct
  }
}
