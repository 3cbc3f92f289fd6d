extension Program {
  /// How many rows the indices in an input of the network choose from; `nil` for one that holds
  /// data.
  public func indexCount(ofInput index: Int) -> Int? {
    var aliases: Set<ValueID> = [index]
    var count: Int?
    for instruction in instructions {
      switch instruction.operation {
      case .identity, .reshape, .copy:
        if aliases.contains(instruction.inputs[0]) { aliases.insert(instruction.output) }
      case .embedding where aliases.contains(instruction.inputs[0]):
        count = min(count ?? .max, instruction.weights[0].dims[0])
      case .oneHot(let oneHot) where aliases.contains(instruction.inputs[0]):
        count = min(count ?? .max, values[instruction.output].dims[oneHot.axis])
      case .gather(let axis) where aliases.contains(instruction.inputs[1]):
        count = min(count ?? .max, values[instruction.inputs[0]].dims[axis])
      default: continue
      }
    }
    return count
  }
}

extension SeededWeights {
  /// Writes an input of a program: uniform in ±1, or over the rows that its indices choose from.
  public func fillInput(
    _ index: Int, of program: Program, into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    fillInput(index, into: buffer)
    guard let count = program.indexCount(ofInput: index) else { return }
    for place in buffer.indices {
      buffer[place] = min(((buffer[place] + 1) / 2 * Float(count)).rounded(.down), Float(count - 1))
    }
  }

  /// An input of a program in plain order; see ``fillInput(_:of:into:)``.
  public func input(_ index: Int, of program: Program) -> [Float] {
    let count = program.values[index].elementCount
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      fillInput(index, of: program, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
      initialized = count
    }
  }
}
