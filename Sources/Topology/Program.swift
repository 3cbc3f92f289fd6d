/// Names a value of a ``Program``: an index into ``Program/values``.
public typealias ValueID = Int

/// What a constant is to its instruction, in oneDNN's words.
public enum WeightRole: String, Hashable, Sendable, CaseIterable {
  /// Weights of a convolution or inner product; input weights of a recurrent layer.
  case weights
  /// Hidden-state weights of a recurrent layer.
  case weightsIteration
  /// Bias.
  case bias
  /// Batch-norm scale (gamma).
  case scale
  /// Batch-norm shift (beta).
  case shift
  /// Batch-norm running mean.
  case mean
  /// Batch-norm running variance.
  case variance
  /// Slope of a parametric relu.
  case slope
}

/// The place of a slot in a program.
public struct WeightOwner: Hashable, Sendable {
  /// Index of the instruction in ``Program/instructions``.
  public let instruction: Int
  /// Index of the slot in ``Instruction/weights``.
  public let index: Int

  /// Names a slot.
  public init(instruction: Int, index: Int) {
    self.instruction = instruction
    self.index = index
  }
}

/// A constant that an instruction reads: its role, dims in canonical plain order, and fan-in.
public struct WeightSlot: Hashable, Sendable {
  /// What it is.
  public let role: WeightRole
  /// Dims in the canonical order that ``Operation`` documents for the role.
  public let dims: [Int]
  /// Products summed into one output; scales random weights so that activations stay in range.
  public let fanIn: Int
  /// What it holds where it was not learned; `nil` for what a ``WeightProvider`` gives.
  public let pattern: ConstantPattern?
  /// The slot whose constant this is, where layers share it; `nil` for one of its own.
  public let owner: WeightOwner?

  /// Describes a constant.
  public init(
    _ role: WeightRole, dims: [Int], fanIn: Int = 1, pattern: ConstantPattern? = nil,
    owner: WeightOwner? = nil
  ) {
    self.role = role
    self.dims = dims
    self.fanIn = fanIn
    self.pattern = pattern
    self.owner = owner
  }

  /// The number of elements.
  public var elementCount: Int { dims.reduce(1, *) }
}

/// One operation of a ``Program`` on named values.
public struct Instruction: Sendable {
  /// What is computed.
  public let operation: Operation
  /// The values read, in order.
  public let inputs: [ValueID]
  /// The value made; every value is made once.
  public let output: ValueID
  /// Values made beside it, which follow it: a recurrent layer's last states.
  public internal(set) var states: [ValueID] = []
  /// The constants read.
  public internal(set) var weights: [WeightSlot]
  /// Index of the layer it belongs to.
  public let layer: Int
  /// Index of the primitive within the layer.
  public let primitive: Int
}

/// A graph lowered to operations in execution order (single assignment).
public struct Program: Sendable {
  /// Type of every value; the graph's inputs come first.
  public let values: [TensorType]
  /// How many of ``values`` are inputs of the network.
  public let inputCount: Int
  /// The operations in execution order.
  public let instructions: [Instruction]
  /// The values that leave the network.
  public let outputs: [ValueID]
}

/// Collects the instructions of a program.
public struct ProgramBuilder: Sendable {
  private(set) var values: [TensorType]
  var instructions: [Instruction] = []
  private let inputCount: Int
  var layer = 0
  var primitive = 0
  /// Whether somebody reads what the primitive gives beside its result.
  var wantsStates = false
  /// What the primitive gives beside its result, where that is wanted.
  var states: [ValueID] = []

  /// Starts a program whose first values are its inputs.
  public init(inputs: [TensorType]) {
    values = inputs
    inputCount = inputs.count
  }

  /// The program so far, with the values that leave it.
  public func program(outputs: [ValueID]) -> Program {
    Program(values: values, inputCount: inputCount, instructions: instructions, outputs: outputs)
  }

  /// The type of a value.
  public func type(of value: ValueID) -> TensorType { values[value] }

  /// Appends an operation and returns the value it makes.
  public mutating func emit(
    _ operation: Operation, _ inputs: [ValueID], weights: [WeightSlot] = [], type: TensorType
  ) -> ValueID {
    emit(operation, inputs, weights: weights, type: type, states: []).output
  }

  /// Appends an operation and returns the values it makes: its result, and states beside it.
  public mutating func emit(
    _ operation: Operation, _ inputs: [ValueID], weights: [WeightSlot], type: TensorType,
    states: [TensorType]
  ) -> (output: ValueID, states: [ValueID]) {
    let output = values.count
    values.append(type)
    values += states
    instructions.append(
      Instruction(
        operation: operation, inputs: inputs, output: output,
        states: Array(output + 1..<values.count), weights: weights, layer: layer,
        primitive: primitive))
    return (output, Array(output + 1..<values.count))
  }
}
