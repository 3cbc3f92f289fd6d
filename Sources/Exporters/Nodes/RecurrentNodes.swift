import Model
import ONNX
import Topology

extension Translation {
  /// `LSTM`, `GRU` or `RNN`, and its Y of T × D × N × H brought to T × N × channels; first states are
  /// its initial_h and initial_c, last ones its Y_h and Y_c.
  mutating func addRecurrent(_ recurrent: Recurrent) throws(GraphError) {
    let (ways, hidden) = (recurrent.direction.count, recurrent.hidden)
    let order = recurrent.cell.order
    let width = order.count * hidden
    func gates(channels: Int) -> StreamedTensor.Arrangement {
      .init { plain in
        gatesFirst(plain, ways: ways, channels: channels, hidden: hidden, order: order)
      } back: { stored in
        stored.reshaped([ways, order.count, hidden, channels])
          .reordered(inverse(order), axis: 1).transposed([0, 3, 1, 2])
      }
    }
    let channels = inputType().dims[2]
    var inputs = [
      input(),
      try weight(
        .weights, "W", dims: [ways, width, channels], arrangement: gates(channels: channels)),
      try weight(
        .weightsIteration, "R", dims: [ways, width, hidden], arrangement: gates(channels: hidden)),
      try weight(
        .bias, "B", dims: [ways, 2 * width],
        arrangement: .init { plain in
          bothBiases(plain, ways: ways, hidden: hidden, order: order)
        } back: { stored in
          summedBiases(
            stored, ways: ways, hidden: hidden, order: order, vectors: recurrent.cell.biases)
        }),
    ]
    let first = instruction.inputs.indices.dropFirst().map { input($0) }
    // The lengths of sequences, which all are T, stand before the states.
    if !first.isEmpty { inputs += [""] + first }
    let (sequence, last) = addSeveral(
      recurrent.cell.operatorName, inputs, attributes(of: recurrent),
      others: instruction.states.count)
    stateNames = last
    switch recurrent.direction {
    case .forward, .backward: finish("Squeeze", [sequence, integers([1])])
    case .bidirectional:
      let beside = add("Transpose", [sequence], [.ints("perm", [0, 2, 1, 3])])
      finish("Reshape", [beside, integers(type.dims)])
    case .bidirectionalSum:
      finish("ReduceSum", [sequence, integers([1])], [.int("keepdims", 0)])
    }
  }

  private func attributes(of recurrent: Recurrent) -> [ONNXAttribute] {
    let direction =
      switch recurrent.direction {
      case .forward: "forward"
      case .backward: "reverse"
      case .bidirectional, .bidirectionalSum: "bidirectional"
      }
    var attributes: [ONNXAttribute] = [
      .int("hidden_size", recurrent.hidden), .string("direction", direction),
    ]
    switch recurrent.cell {
    case .lstm: break
    case .gru: attributes.append(.int("linear_before_reset", 0))
    case .linearBeforeResetGRU: attributes.append(.int("linear_before_reset", 1))
    case .vanilla(let kind):
      let name =
        switch kind {
        case .relu: "Relu"
        case .logistic: "Sigmoid"
        default: "Tanh"
        }
      attributes.append(
        .strings("activations", Array(repeating: name, count: recurrent.direction.count)))
    }
    return attributes
  }
}

extension Recurrent.Cell {
  /// ONNX's name.
  fileprivate var operatorName: String {
    switch self {
    case .lstm: "LSTM"
    case .gru, .linearBeforeResetGRU: "GRU"
    case .vanilla: "RNN"
    }
  }

  /// oneDNN's gates in ONNX's order: input, output, forget, candidate; update, reset, candidate.
  fileprivate var order: [Int] { self == .lstm ? [0, 3, 1, 2] : Array(0..<gates) }
}

/// From oneDNN's [D, I, G, H] to ONNX's [D, G, H, I].
private func gatesFirst(
  _ plain: [Float], ways: Int, channels: Int, hidden: Int, order: [Int]
) -> [Float] {
  let width = order.count * hidden
  var result: [Float] = []
  result.reserveCapacity(plain.count)
  for way in 0..<ways {
    let start = way * channels * width
    let columns = transposed(
      Array(plain[start..<start + channels * width]), rows: channels, columns: width)
    for gate in order {
      result += columns[gate * hidden * channels..<(gate + 1) * hidden * channels]
    }
  }
  return result
}

/// From oneDNN's [D, B, H] to ONNX's [D, 2·G·H]: those of the input, then those of the state.
///
/// The state's are 0 but for the candidate of a GRU that resets after the product: B is G + 1.
private func bothBiases(_ plain: [Float], ways: Int, hidden: Int, order: [Int]) -> [Float] {
  let vectors = plain.count / (ways * hidden)
  var result: [Float] = []
  for way in 0..<ways {
    func vector(_ index: Int) -> ArraySlice<Float> {
      plain[(way * vectors + index) * hidden..<(way * vectors + index + 1) * hidden]
    }
    for gate in order { result += vector(gate) }
    result += [Float](repeating: 0, count: (order.count - 1) * hidden)
    result +=
      vectors > order.count ? Array(vector(order.count)) : Array(repeating: 0, count: hidden)
  }
  return result
}

/// From ONNX's [D, 2·G·H] to oneDNN's [D, B, H]: biases of the input and of the state are added, but for the
/// candidate of a GRU that resets after the product, which keeps both.
private func summedBiases(
  _ stored: KeyedTensor, ways: Int, hidden: Int, order: [Int], vectors: Int
) -> KeyedTensor {
  let gates = order.count
  let each = (0..<ways).map { way in
    let both = stored.reshaped([ways, 2 * gates, hidden]).part(way..<way + 1)
      .reshaped([2 * gates, hidden])
    let input = both.part(0..<gates).reordered(inverse(order))
    let state = both.part(gates..<2 * gates).reordered(inverse(order))
    guard vectors > gates else { return input + state }
    return KeyedTensor.stacked([
      input.part(0..<gates - 1) + state.part(0..<gates - 1), input.part(gates - 1..<gates),
      state.part(gates - 1..<gates),
    ])
  }
  return KeyedTensor.stacked(each.map { $0.reshaped([1] + $0.dims) })
}

/// Where each place of an order stands in it.
private func inverse(_ order: [Int]) -> [Int] {
  order.indices.map { place in order.firstIndex(of: place) ?? place }
}
