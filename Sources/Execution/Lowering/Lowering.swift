import DNNL
import Measuring
import Topology

/// Makes the steps of one operation: one type for each kind of operation.
protocol Lowering {
  /// What steps are made with.
  var context: PlanningContext { get }

  /// Makes the steps of an instruction, and with them of what is fused behind it.
  func lower(_ index: Int) throws(DNNLError)
}

extension Topology.Operation {
  /// How it is lowered; `nil` for what is nothing but another name of a value.
  func lowering(in context: PlanningContext) -> (any Lowering)? {
    switch self {
    case .convolution(let convolution):
      ConvolutionLowering(context: context, convolution: convolution)
    case .deconvolution(let convolution):
      DeconvolutionLowering(context: context, convolution: convolution)
    case .innerProduct(let product): InnerProductLowering(context: context, product: product)
    case .matrixProduct(let product): MatrixProductLowering(context: context, product: product)
    case .recurrent(let recurrent): RecurrentLowering(context: context, recurrent: recurrent)
    case .pooling(let pooling): PoolingLowering(context: context, pooling: pooling)
    case .eltwise(let eltwise): ElementwiseLowering(context: context, eltwise: eltwise)
    case .parametricRelu: ParametricReluLowering(context: context)
    case .binary(let kind): BinaryLowering(context: context, kind: kind)
    case .concat(let axis): ConcatLowering(context: context, axis: axis)
    case .softmax(let axis): SoftmaxLowering(context: context, axis: axis, logarithm: false)
    case .logSoftmax(let axis): SoftmaxLowering(context: context, axis: axis, logarithm: true)
    case .batchNormalization(let epsilon):
      BatchNormalizationLowering(context: context, epsilon: epsilon)
    case .layerNormalization(let epsilon):
      LayerNormalizationLowering(context: context, epsilon: epsilon)
    case .localResponse(let response): LocalResponseLowering(context: context, response: response)
    case .resampling(let kind): ResamplingLowering(context: context, kind: kind)
    case .reduction(let kind): ReductionLowering(context: context, kind: kind)
    case .transpose(let order): TransposeLowering(context: context, order: order)
    case .spaceBlocks(let blocks): SpaceBlocksLowering(context: context, blocks: blocks)
    case .reshape: ReshapeLowering(context: context)
    case .copy: CopyLowering(context: context)
    case .reorder(let format): ReorderLowering(context: context, format: format)
    case .constant: ConstantLowering(context: context)
    case .host(let kernel): HostLowering(context: context, kernel: kernel)
    case .slice, .pad, .gather, .embedding, .groupNormalization, .causalMask, .roll, .expand,
      .rootMeanSquareNormalization, .cumulativeSum, .topK, .oneHot, .select:
      HostLowering(context: context, kernel: nil)
    case .identity: nil
    }
  }
}

// The parts by their names.
extension Lowering {
  var flow: Dataflow { context.flow }
  var program: Program { context.flow.program }
  var options: PlanOptions { context.options }
  var engine: DNNL.Engine { context.engine }
  var table: ValueTable { context.table }
  var loader: ConstantLoader { context.loader }
  var numbers: NumberPolicy { context.numbers }
  var products: ProductNumbers { context.products }
  var emitter: Emitter { context.emitter }
  var reader: OperandReader { context.reader }
  var fuser: Fuser { context.fuser }

  /// The dims of a value.
  func dims(_ value: ValueID) -> [Int] { flow.dims(value) }

  /// The canonical value of an operand of an instruction.
  func input(_ position: Int = 0, of instruction: Int) -> ValueID {
    flow.input(position, of: instruction)
  }

  /// The attributes of a primitive.
  func attributes(_ postOps: [PostOp] = [], _ scaling: Scaling = Scaling()) throws(DNNLError)
    -> PrimitiveAttributes
  {
    try .planned(postOps, scaling)
  }
}
