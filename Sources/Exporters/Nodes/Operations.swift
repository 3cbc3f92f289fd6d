import ONNX
import Topology

extension Translation {
  /// Appends the nodes of the instruction; the last one makes its result.
  mutating func addNodes() throws(GraphError) {
    switch instruction.operation {
    case .convolution(let convolution): try addConvolution(convolution)
    case .deconvolution(let convolution): try addDeconvolution(convolution)
    case .innerProduct(let product): try addInnerProduct(product)
    case .matrixProduct(let product): addMatrixProduct(product)
    case .recurrent(let recurrent): try addRecurrent(recurrent)
    case .pooling(let pooling): addPooling(pooling)
    case .eltwise(let eltwise): addEltwise(eltwise)
    case .binary(let kind): finish(kind.operatorName, [input(0), input(1)])
    case .concat(let axis):
      finish("Concat", instruction.inputs.indices.map { input($0) }, [.int("axis", axis)])
    case .softmax(let axis): finish("Softmax", [input()], [.int("axis", axis)])
    case .logSoftmax(let axis): finish("LogSoftmax", [input()], [.int("axis", axis)])
    case .batchNormalization(let epsilon): try addBatchNormalization(epsilon)
    case .layerNormalization(let epsilon): try addLayerNormalization(epsilon)
    case .groupNormalization(let groups, let epsilon):
      try addGroupNormalization(groups: groups, epsilon)
    case .localResponse(let response): addLocalResponse(response)
    case .resampling(let kind): addResampling(kind)
    case .reduction(let kind): addReduction(kind)
    case .transpose(let order): finish("Transpose", [input()], [.ints("perm", order)])
    case .slice(let slice): addSlice(slice)
    case .pad(let padding): addPad(padding)
    case .gather(let axis): addGather(axis: axis)
    case .embedding: try addEmbedding()
    case .causalMask(let value): addCausalMask(value)
    case .reshape: addReshape()
    case .identity, .copy, .reorder: finish("Identity", [input()])
    case .host(let kernel): try addHost(kernel)
    }
  }

  /// The only host kernel that ONNX has, too, is `argmax`.
  private mutating func addHost(_ kernel: any HostKernel) throws(GraphError) {
    guard kernel.name == "argmax" else { throw unsupported("the inlay '\(kernel.name)'") }
    let index = add("ArgMax", [input()], [.int("axis", -1), .int("keepdims", 0)])
    finish("Cast", [index], [.int("to", ONNXTensor.DataType.float.rawValue)])
  }
}

extension BinaryKind {
  /// ONNX's name.
  fileprivate var operatorName: String {
    switch self {
    case .add: "Add"
    case .sub: "Sub"
    case .mul: "Mul"
    case .div: "Div"
    case .max: "Max"
    case .min: "Min"
    }
  }
}
