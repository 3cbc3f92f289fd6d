/// Where the constants of a program come from.
///
/// An executor asks for one slot at a time, large ones in parts and from several threads at once.
public protocol WeightProvider: Sendable {
  /// Writes elements `offset..<offset + buffer.count` of a constant, in the slot's plain order.
  ///
  /// Of a slot with an ``WeightSlot/owner`` those of the owner; of one with a ``WeightSlot/pattern``
  /// those of the pattern.
  ///
  /// - Parameters:
  ///   - instruction: Index of the instruction in ``Program/instructions``.
  ///   - slot: What the constant is.
  ///   - index: Index of the slot in ``Instruction/weights``.
  ///   - offset: The first element to write.
  ///   - buffer: Where to write them.
  func fill(
    instruction: Int, slot: WeightSlot, index: Int, offset: Int,
    into buffer: UnsafeMutableBufferPointer<Float>)

  /// What is known of the integers that a constant was made of.
  func steps(instruction: Int, slot: WeightSlot, index: Int) -> WeightSteps
}

/// What integers the numbers of a constant are multiples of.
public enum WeightSteps: Hashable, Sendable {
  /// Nobody trained them: any integers will do.
  case free
  /// They were never integers.
  case none
  /// Multiples of a step: one, or one an output channel.
  case own([Float])
}

extension WeightProvider {
  /// Nothing is known of constants that are made up.
  public func steps(instruction: Int, slot: WeightSlot, index: Int) -> WeightSteps { .free }

  /// Writes a whole constant.
  public func fill(
    instruction: Int, slot: WeightSlot, index: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    fill(instruction: instruction, slot: slot, index: index, offset: 0, into: buffer)
  }

  /// A whole constant in plain order.
  public func values(instruction: Int, slot: WeightSlot, index: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: slot.elementCount) { buffer, count in
      count = slot.elementCount
      fill(
        instruction: instruction, slot: slot, index: index,
        into: UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
    }
  }
}
