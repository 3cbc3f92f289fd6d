internal import CDNNL

/// The role of a memory in an execution: one of oneDNN's `DNNL_ARG_*`.
public struct Argument: Hashable, Sendable {
  let rawValue: Int32

  /// `DNNL_ARG_SRC`, also the first of several.
  public static let src = Argument(rawValue: DNNL_ARG_SRC)
  /// `DNNL_ARG_SRC_1`: the second source of a binary primitive.
  public static let src1 = Argument(rawValue: DNNL_ARG_SRC_1)
  /// `DNNL_ARG_DST`.
  public static let dst = Argument(rawValue: DNNL_ARG_DST)
  /// `DNNL_ARG_WEIGHTS`: also the layer weights of recurrent primitives.
  public static let weights = Argument(rawValue: DNNL_ARG_WEIGHTS)
  /// `DNNL_ARG_WEIGHTS_ITER`: the hidden-state weights of recurrent primitives.
  public static let weightsIteration = Argument(rawValue: DNNL_ARG_WEIGHTS_ITER)
  /// `DNNL_ARG_SRC_ITER`: the first hidden state of recurrent primitives.
  public static let srcIteration = Argument(rawValue: DNNL_ARG_SRC_ITER)
  /// `DNNL_ARG_SRC_ITER_C`: the first state of an LSTM's cells.
  public static let srcIterationCell = Argument(rawValue: DNNL_ARG_SRC_ITER_C)
  /// `DNNL_ARG_DST_ITER`: the last hidden state of recurrent primitives.
  public static let dstIteration = Argument(rawValue: DNNL_ARG_DST_ITER)
  /// `DNNL_ARG_DST_ITER_C`: the last state of an LSTM's cells.
  public static let dstIterationCell = Argument(rawValue: DNNL_ARG_DST_ITER_C)
  /// `DNNL_ARG_BIAS`.
  public static let bias = Argument(rawValue: DNNL_ARG_BIAS)
  /// `DNNL_ARG_MEAN`.
  public static let mean = Argument(rawValue: DNNL_ARG_MEAN)
  /// `DNNL_ARG_VARIANCE`.
  public static let variance = Argument(rawValue: DNNL_ARG_VARIANCE)
  /// `DNNL_ARG_SCALE`.
  public static let scale = Argument(rawValue: DNNL_ARG_SCALE)
  /// `DNNL_ARG_SHIFT`.
  public static let shift = Argument(rawValue: DNNL_ARG_SHIFT)
  /// `DNNL_ARG_SCRATCHPAD`.
  public static let scratchpad = Argument(rawValue: DNNL_ARG_SCRATCHPAD)

  /// `DNNL_ARG_MULTIPLE_SRC + index`: the sources of concat and sum.
  public static func multipleSrc(_ index: Int) -> Argument {
    Argument(rawValue: DNNL_ARG_MULTIPLE_SRC + Int32(index))
  }

  /// `DNNL_ARG_ATTR_MULTIPLE_POST_OP(index) | DNNL_ARG_SRC_1`: the operand of a binary post-op.
  public static func postOp(_ index: Int) -> Argument {
    Argument(rawValue: cdnnl_arg_post_op_src1(Int32(index)))
  }
}
