internal import CDNNL

/// A recurrent cell.
public enum RecurrentCell: Hashable, Sendable {
  /// Long short-term memory.
  case lstm
  /// Gated recurrent unit.
  case gru
  /// Gated recurrent unit with the reset gate after the product.
  case linearBeforeResetGRU
  /// One gate with relu, tanh or logistic.
  case vanilla(EltwiseAlgorithm, alpha: Float)

  /// oneDNN's name of the cell, such as `vanilla_lstm`.
  public var name: String {
    switch self {
    case .lstm: "vanilla_lstm"
    case .gru: "vanilla_gru"
    case .linearBeforeResetGRU: "lbr_gru"
    case .vanilla: "vanilla_rnn"
    }
  }
}

/// Which way time is walked.
public enum RecurrentDirection: Hashable, Sendable {
  /// First step to last.
  case leftToRight
  /// Last step to first.
  case rightToLeft
  /// Both, channels side by side.
  case bidirectionalConcat
  /// Both, added.
  case bidirectionalSum

  var native: dnnl_rnn_direction_t {
    switch self {
    case .leftToRight: dnnl_unidirectional_left2right
    case .rightToLeft: dnnl_unidirectional_right2left
    case .bidirectionalConcat: dnnl_bidirectional_concat
    case .bidirectionalSum: dnnl_bidirectional_sum
    }
  }
}

/// The descriptors of one recurrent layer, in oneDNN's logical order.
public struct RecurrentTensors {
  /// T N I.
  public var src: MemoryDescriptor
  /// L D I G H.
  public var weights: MemoryDescriptor
  /// L D H G H.
  public var weightsIteration: MemoryDescriptor
  /// L D G H.
  public var bias: MemoryDescriptor?
  /// T N H, or 2·H when both directions are concatenated.
  public var dst: MemoryDescriptor
  /// L D N H: the first states, zero where there are none; the cells' is an LSTM's.
  public var first: (hidden: MemoryDescriptor, cell: MemoryDescriptor?)?
  /// L D N H: the last states, where they are wanted; the cells' is an LSTM's.
  public var last: (hidden: MemoryDescriptor, cell: MemoryDescriptor?)?

  /// Gathers the descriptors.
  public init(
    src: MemoryDescriptor, weights: MemoryDescriptor, weightsIteration: MemoryDescriptor,
    bias: MemoryDescriptor?, dst: MemoryDescriptor
  ) {
    self.src = src
    self.weights = weights
    self.weightsIteration = weightsIteration
    self.bias = bias
    self.dst = dst
  }
}

extension PrimitiveDescriptor {
  /// A recurrent layer.
  ///
  /// The corresponding C functions are `dnnl_lstm_forward_primitive_desc_create`,
  /// `dnnl_gru_forward_primitive_desc_create`, `dnnl_lbr_gru_forward_primitive_desc_create` and
  /// `dnnl_vanilla_rnn_forward_primitive_desc_create` (2.x: `…_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func recurrent(
    _ engine: Engine, _ cell: RecurrentCell, _ direction: RecurrentDirection,
    _ tensors: RecurrentTensors, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let src = tensors.src
    let weights = tensors.weights
    let iteration = tensors.weightsIteration
    let bias = tensors.bias
    let dst = tensors.dst
    let way = direction.native
    var states = cdnnl_rnn_states(
      first_h: tensors.first?.hidden.handle, first_c: tensors.first?.cell?.handle,
      last_h: tensors.last?.hidden.handle, last_c: tensors.last?.cell?.handle)
    let call: StaticString
    let status: dnnl_status_t
    switch cell {
    case .lstm:
      call = "dnnl_lstm_forward_primitive_desc_create"
      status = withExtendedLifetime((engine, tensors)) {
        cdnnl_lstm_forward_pd_create(
          engine.handle, way, src.handle, weights.handle, iteration.handle, bias?.handle,
          dst.handle, &states, attributes.handle, &handle)
      }
    case .gru:
      call = "dnnl_gru_forward_primitive_desc_create"
      status = withExtendedLifetime((engine, tensors)) {
        cdnnl_gru_forward_pd_create(
          engine.handle, way, src.handle, weights.handle, iteration.handle, bias?.handle,
          dst.handle, &states, attributes.handle, &handle)
      }
    case .linearBeforeResetGRU:
      call = "dnnl_lbr_gru_forward_primitive_desc_create"
      status = withExtendedLifetime((engine, tensors)) {
        cdnnl_lbr_gru_forward_pd_create(
          engine.handle, way, src.handle, weights.handle, iteration.handle, bias?.handle,
          dst.handle, &states, attributes.handle, &handle)
      }
    case .vanilla(let activation, let alpha):
      call = "dnnl_vanilla_rnn_forward_primitive_desc_create"
      let resolved = activation.resolve(alpha: alpha, beta: 0)
      status = withExtendedLifetime((engine, tensors)) {
        cdnnl_vanilla_rnn_forward_pd_create(
          engine.handle, resolved.algorithm, resolved.alpha, way, src.handle, weights.handle,
          iteration.handle, bias?.handle, dst.handle, &states, attributes.handle, &handle)
      }
    }
    return try make(handle, status, call, engine, attributes)
  }
}
