import Topology

/// The state of an LSTM's cell after a step: c := f·c + i·c~, where c~ = 2s − 1.
///
/// The gates lie side by side in each row: i, f, s, o. All are logistic functions, because
/// tanh x = 2·logistic(2x) − 1 lets one function after one product serve all four.
struct LSTMState: HostKernel {
  let name = "lstm_state"
  /// Whether the state before this step is zero.
  let isFirst: Bool

  /// Inputs: N x 4H gates; output: N x H states, read and written.
  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    let hidden = type.dims[1]
    guard let gates = inputs[0].baseAddress, let states = output.baseAddress else { return }
    for row in 0..<type.dims[0] {
      let input = gates + 4 * row * hidden
      let forget = input + hidden
      let candidate = input + 2 * hidden
      let state = states + row * hidden
      if isFirst {
        for unit in 0..<hidden { state[unit] = input[unit] * (2 * candidate[unit] - 1) }
      } else {
        for unit in 0..<hidden {
          state[unit] = forget[unit] * state[unit] + input[unit] * (2 * candidate[unit] - 1)
        }
      }
    }
  }
}

/// What an LSTM gives at a step: o·tanh c.
struct LSTMOutput: HostKernel {
  let name = "lstm_output"

  /// Inputs: N x 4H gates and N x H values of tanh c; output: N x H.
  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    let hidden = type.dims[1]
    guard let gates = inputs[0].baseAddress, let states = inputs[1].baseAddress,
      let target = output.baseAddress
    else { return }
    for row in 0..<type.dims[0] {
      let gate = gates + (4 * row + 3) * hidden
      let start = row * hidden
      for unit in 0..<hidden { target[start + unit] = gate[unit] * states[start + unit] }
    }
  }
}
