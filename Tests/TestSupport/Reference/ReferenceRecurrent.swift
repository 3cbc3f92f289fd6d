import Foundation
import Topology

extension ReferenceInterpreter {
  /// One recurrent layer in all its directions, and its last states, h and c, of D x N x H.
  static func recur(
    _ sources: [Tensor], _ weights: [WeightRole: [Float]], _ recurrent: Recurrent
  ) -> (output: [Float], states: [[Float]]) {
    let source = sources[0]
    let (steps, batch) = (source.dims[0], source.dims[1])
    let hidden = recurrent.hidden
    let count = batch * hidden
    var states: [[Float]] = [[], []]
    let ways = (0..<recurrent.direction.count).map { direction in
      let first = [1, 2].map { place in
        sources.count > place
          ? sources[place].data[direction * count..<(direction + 1) * count].map(Double.init)
          : [Double](repeating: 0, count: count)
      }
      let isBackward = recurrent.direction == .backward || direction == 1
      let cell = Cell(source, weights, recurrent, direction: direction)
      let walked = cell.walk(backward: isBackward, first)
      states[0] += walked.state.map { Float($0) }
      states[1] += walked.memory.map { Float($0) }
      return walked.output
    }
    if recurrent.direction == .bidirectionalSum {
      return (zip(ways[0], ways[1]).map { Float($0 + $1) }, states)
    }
    var result: [Float] = []
    for row in 0..<steps * batch {
      for way in ways { result += way[row * hidden..<(row + 1) * hidden].map { Float($0) } }
    }
    return (result, states)
  }
}

/// One direction of a recurrent layer.
private struct Cell {
  let recurrent: Recurrent
  let steps: Int
  let batch: Int
  let channels: Int
  let source: [Double]
  /// Input weights: I x G x H.
  let weights: [Double]
  /// State weights: H x G x H.
  let stateWeights: [Double]
  /// One vector of H a gate, or four for a linear-before-reset GRU.
  let bias: [Double]

  init(
    _ source: Tensor, _ constants: [WeightRole: [Float]], _ recurrent: Recurrent, direction: Int
  ) {
    func part(_ role: WeightRole) -> [Double] {
      let all = constants[role] ?? []
      let count = all.count / recurrent.direction.count
      return all[direction * count..<(direction + 1) * count].map(Double.init)
    }
    self.recurrent = recurrent
    (steps, batch, channels) = (source.dims[0], source.dims[1], source.dims[2])
    self.source = source.data.map(Double.init)
    weights = part(.weights)
    stateWeights = part(.weightsIteration)
    bias = part(.bias)
  }

  private var hidden: Int { recurrent.hidden }

  /// Outputs in T x N x H, whichever way time is walked.
  func walk(backward: Bool, _ first: [[Double]]) -> (
    output: [Double], state: [Double], memory: [Double]
  ) {
    var result = [Double](repeating: 0, count: steps * batch * hidden)
    var (states, memories): ([Double], [Double]) = ([], [])
    for sample in 0..<batch {
      var state = Array(first[0][sample * hidden..<(sample + 1) * hidden])
      var memory = Array(first[1][sample * hidden..<(sample + 1) * hidden])
      for count in 0..<steps {
        let row = (backward ? steps - 1 - count : count) * batch + sample
        let x = Array(source[row * channels..<(row + 1) * channels])
        state = advance(x, state, &memory)
        result.replaceSubrange(row * hidden..<(row + 1) * hidden, with: state)
      }
      states += state
      memories += memory
    }
    return (result, states, memories)
  }

  private func advance(_ x: [Double], _ h: [Double], _ memory: inout [Double]) -> [Double] {
    switch recurrent.cell {
    case .vanilla(let kind):
      return (0..<hidden).map { unit in
        ReferenceInterpreter.apply(Eltwise(kind), to: gate(0, unit, x, h))
      }
    case .lstm:
      var state = h
      for unit in 0..<hidden {
        let input = logistic(gate(0, unit, x, h))
        let forget = logistic(gate(1, unit, x, h))
        let candidate = tanh(gate(2, unit, x, h))
        memory[unit] = forget * memory[unit] + input * candidate
        state[unit] = logistic(gate(3, unit, x, h)) * tanh(memory[unit])
      }
      return state
    case .gru:
      let reset = (0..<hidden).map { logistic(gate(1, $0, x, h)) * h[$0] }
      return (0..<hidden).map { unit in
        mix(logistic(gate(0, unit, x, h)), h[unit], tanh(gate(2, unit, x, reset)))
      }
    case .linearBeforeResetGRU:
      return (0..<hidden).map { unit in
        let reset = logistic(gate(1, unit, x, h))
        let product = dot(h, stateWeights, 2, unit) + bias[3 * hidden + unit]
        let candidate = dot(x, weights, 2, unit) + bias[2 * hidden + unit] + reset * product
        return mix(logistic(gate(0, unit, x, h)), h[unit], tanh(candidate))
      }
    }
  }

  /// W·x + U·h + b of one gate and unit.
  private func gate(_ gate: Int, _ unit: Int, _ x: [Double], _ h: [Double]) -> Double {
    dot(x, weights, gate, unit) + dot(h, stateWeights, gate, unit) + bias[gate * hidden + unit]
  }

  private func dot(_ values: [Double], _ matrix: [Double], _ gate: Int, _ unit: Int) -> Double {
    values.indices.reduce(0) { sum, index in
      sum + values[index] * matrix[(index * recurrent.cell.gates + gate) * hidden + unit]
    }
  }

  private func mix(_ update: Double, _ old: Double, _ new: Double) -> Double {
    update * old + (1 - update) * new
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
