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
    case .binary(let kind): addBinary(kind)
    case .concat(let axis):
      finish("Concat", instruction.inputs.indices.map { input($0) }, [.int("axis", axis)])
    case .softmax(let axis): finish("Softmax", [input()], [.int("axis", axis)])
    case .logSoftmax(let axis): finish("LogSoftmax", [input()], [.int("axis", axis)])
    case .batchNormalization(let epsilon): try addBatchNormalization(epsilon)
    case .layerNormalization(let epsilon): try addLayerNormalization(epsilon)
    case .groupNormalization(let groups, let epsilon):
      try addGroupNormalization(groups: groups, epsilon)
    case .rootMeanSquareNormalization(let epsilon): try addRootMeanSquareNormalization(epsilon)
    case .parametricRelu: try addParametricRelu()
    case .localResponse(let response): addLocalResponse(response)
    case .resampling(let kind): addResampling(kind)
    case .reduction(let kind): addReduction(kind)
    case .transpose(let order): finish("Transpose", [input()], [.ints("perm", order)])
    case .slice(let slice): addSlice(slice)
    case .pad(let padding): addPad(padding)
    case .roll(let shifts): addRoll(shifts)
    case .expand: finish("Expand", [input(), integers(type.dims)])
    case .spaceBlocks(let blocks): addSpaceBlocks(blocks)
    case .cumulativeSum(let sum): addCumulativeSum(sum)
    case .topK(let topK): addTopK(topK)
    case .oneHot(let oneHot): addOneHot(oneHot)
    case .select: finish("Where", [addCondition(), input(1), input(2)])
    case .gather(let axis): addGather(axis: axis)
    case .embedding: try addEmbedding()
    case .causalMask(let value): addCausalMask(value)
    case .reshape: addReshape()
    case .constant: break  // an initialiser, not a node
    case .identity, .copy, .reorder: finish("Identity", [input()])
    case .host(let kernel): try addHost(kernel)
    }
  }

  /// A comparison gives booleans, which are 0 and 1 here.
  private mutating func addBinary(_ kind: BinaryKind) {
    guard kind.isComparison else { return finish(kind.operatorName, [input(0), input(1)]) }
    let holds = add(kind.operatorName, [input(0), input(1)])
    finish("Cast", [holds], [.int("to", ONNXTensor.DataType.float.rawValue)])
  }

  /// The first operand as booleans.
  private mutating func addCondition() -> String {
    add("Cast", [input(0)], [.int("to", ONNXTensor.DataType.bool.rawValue)])
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
    case .equal: "Equal"
    case .greater: "Greater"
    case .greaterOrEqual: "GreaterOrEqual"
    case .less: "Less"
    case .lessOrEqual: "LessOrEqual"
    }
  }
}
