/// What the inputs of a program must hold so that look-ups find rows.
///
/// An `embedding` or a `gather` reads indices. What they must lie between is followed backwards, element
/// by element, through everything that moves or does whole-number arithmetic on them, to the inputs
/// they come from.
struct IndexInputs: Sendable {
  /// The demands on each input; nil where it holds data alone.
  let demands: [IndexDemand?]

  /// Why indices cannot be followed to inputs: what, and the instruction at fault.
  struct Failure: Error {
    let message: String
    let instruction: Int
  }

  /// Follows all indices of a program.
  ///
  /// - Throws: ``Failure`` where indices come from what computes something else, or where one element
  ///   would have to be two things.
  init(_ program: Program) throws(Failure) {
    guard program.instructions.contains(where: { program.rows(of: $0) != nil }) else {
      demands = Array(repeating: nil, count: program.inputCount)
      return
    }
    var open: [ValueID: IndexDemand] = [:]
    func add(_ demand: IndexDemand, to value: ValueID, _ instruction: Int) throws(Failure) {
      guard demand.isAny else { return }
      var known = open[value] ?? IndexDemand(count: demand.low.count)
      known.narrow(by: demand)
      guard known.isPossible else {
        throw Failure(
          message: "the same number would be an index into two things that have none in common",
          instruction: instruction)
      }
      open[value] = known
    }
    for (index, instruction) in program.instructions.enumerated().reversed() {
      if let (operand, rows) = program.rows(of: instruction) {
        let value = instruction.inputs[operand]
        try add(
          IndexDemand(count: program.values[value].elementCount, low: 0, high: rows - 1), to: value,
          index)
      }
      guard let demand = open[instruction.output] else { continue }
      guard let sources = program.sources(of: instruction, meeting: demand) else {
        throw Failure(
          message:
            "rows are looked up by what it makes, which cannot be told to be indices; look up by "
            + "an input, or by what layers that move or add whole numbers make of inputs",
          instruction: index)
      }
      for (value, demand) in zip(instruction.inputs, sources) { try add(demand, to: value, index) }
    }
    demands = (0..<program.inputCount).map { open[$0] }
  }
}

extension Program {
  /// Where a program's inputs cannot hold indices that look-ups need; nil where all can.
  ///
  /// - Returns: What is wrong, and the index of the instruction at fault.
  func indexFault() -> (message: String, instruction: Int)? {
    do throws(IndexInputs.Failure) {
      _ = try IndexInputs(self)
      return nil
    } catch {
      return (error.message, error.instruction)
    }
  }
}

extension SeededWeights {
  /// Writes an input of a program: uniform in ±1, or over the rows that its indices choose from.
  ///
  /// An input whose indices cannot be followed (``Graph/program()`` refuses such programs) is data.
  public func fillInput(
    _ index: Int, of program: Program, into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    fillInput(index, into: buffer)
    guard let demand = try? IndexInputs(program).demands[index] else { return }
    for place in buffer.indices where !demand.isFree(place) {
      let (low, high) = (demand.low[place], demand.high[place])
      let count = Float(high - low + 1)
      buffer[place] = Float(low) + min(((buffer[place] + 1) / 2 * count).rounded(.down), count - 1)
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
