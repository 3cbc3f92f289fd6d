import Measuring
public import Topology

extension Plan {
  /// About how many bytes a plan of `program` will take, from shapes alone.
  ///
  /// An upper bound in practice: packed constants, the largest one once more in plain order, twice
  /// the activations alive at once (reordered copies, padded channels), and the gates of recurrent
  /// layers. Saturates at `Int.max`.
  public static func estimateMemory(_ program: Program, options: PlanOptions = PlanOptions())
    -> Int
  {
    var bytes = Saturating()
    var largest = 0
    var gates = 0
    var recurrent = 0
    for instruction in program.instructions {
      // Winograd keeps 36 numbers for the 9 of a kernel.
      var expansion = 1
      if case .convolution(let convolution) = instruction.operation, options.tuning != .fast,
        convolution.kernel == [3, 3]
      {
        expansion = 4
      }
      for slot in instruction.weights {
        bytes.add(slot.elementCount, times: 4 * expansion)
        largest = max(largest, slot.elementCount)
      }
      if case .recurrent(let layer) = instruction.operation {
        recurrent = max(recurrent, instruction.weights.reduce(0) { $0 + $1.elementCount })
        let steps = program.values[instruction.inputs[0]].dims
        var count = Saturating()
        count.add(
          steps[0] * steps[1],
          times: 2 * layer.direction.count * (layer.cell.gates + 4) * layer.hidden)
        gates = max(gates, count.value)
      }
    }
    // The plain form while it is packed, and a search's copy of the packed one.
    bytes.add(largest, times: options.tuning != .fast ? 8 : 4)
    // A search holds a recurrent layer's constants for oneDNN's primitive and for products of its own.
    if options.tuning != .fast { bytes.add(recurrent, times: 8) }
    bytes.add(gates, times: 4)
    bytes.add(peakElements(program, keepsAll: options.keepAllValues), times: 8)
    return bytes.value
  }

  /// The most elements of values that are alive at once.
  private static func peakElements(_ program: Program, keepsAll: Bool) -> Int {
    let flow = Dataflow(program)
    var peak = Saturating()
    if keepsAll {
      for type in program.values { peak.add(type.elementCount, times: 1) }
      return peak.value
    }
    // Differences of the running sum: a value is born with its instruction, dies with its last.
    let end = program.instructions.count
    var change = [Int](repeating: 0, count: end + 2)
    func live(_ value: ValueID, from birth: Int) {
      let isPinned = value < program.inputCount || flow.isOutput[value]
      let death = isPinned ? end : max(birth, flow.readers[value].max() ?? birth)
      let count = program.values[value].elementCount
      change[birth] = change[birth].addingReportingOverflow(count).partialValue
      change[death + 1] = change[death + 1].subtractingReportingOverflow(count).partialValue
    }
    for value in 0..<program.inputCount { live(value, from: 0) }
    for (index, instruction) in program.instructions.enumerated()
    where flow.canonical[instruction.output] == instruction.output {
      live(instruction.output, from: index)
      for state in instruction.states { live(state, from: index) }
    }
    var alive = 0
    var most = 0
    for delta in change {
      alive = alive.addingReportingOverflow(delta).partialValue
      most = max(most, alive)
    }
    return most
  }
}

/// A sum that stops at `Int.max`.
private struct Saturating {
  private(set) var value = 0

  mutating func add(_ count: Int, times factor: Int) {
    let (product, overflow) = count.multipliedReportingOverflow(by: factor)
    let (sum, carries) = value.addingReportingOverflow(product)
    value = overflow || carries ? .max : sum
  }
}
