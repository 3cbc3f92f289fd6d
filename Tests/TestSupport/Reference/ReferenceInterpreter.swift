public import Topology

/// Computes a program with plain loops: the oracle that executors are compared with.
///
/// Every sum is accumulated in `Double` and rounded once to `Float`, so a difference beyond
/// rounding is the executor's. It follows oneDNN's definitions and shares no code with it.
public struct ReferenceInterpreter {
  /// Computes every value of `program`.
  ///
  /// - Parameters:
  ///   - program: What to compute.
  ///   - inputs: Data of the network's inputs.
  ///   - weights: Data of a constant of an instruction, by the instruction's index.
  ///   - disturb: Changes what an instruction has made before others read it.
  /// - Returns: The data of every value in plain row-major order, inputs first.
  public static func run(
    _ program: Program, inputs: [[Float]],
    weights: (_ instruction: Int, _ slot: WeightSlot) -> [Float],
    disturb: ((_ instruction: Instruction, _ data: inout [Float]) -> Void)? = nil
  ) -> [[Float]] {
    precondition(inputs.count == program.inputCount, "one array an input")
    var values: [[Float]] = inputs
    for (type, data) in zip(program.values, inputs) {
      precondition(type.elementCount == data.count, "an input has the wrong size")
    }
    for (index, instruction) in program.instructions.enumerated() {
      precondition(instruction.output == values.count, "values are made in order")
      var constants: [WeightRole: [Float]] = [:]
      for slot in instruction.weights {
        let data = weights(index, slot)
        precondition(data.count == slot.elementCount, "a constant has the wrong size")
        constants[slot.role] = data
      }
      let sources = instruction.inputs.map { Tensor(type: program.values[$0], data: values[$0]) }
      let type = program.values[instruction.output]
      if case .recurrent(let recurrent) = instruction.operation {
        let (output, states) = recur(sources, constants, recurrent)
        for var made in [output] + states.prefix(instruction.states.count) {
          disturb?(instruction, &made)
          values.append(made)
        }
        continue
      }
      var result = compute(instruction.operation, sources, constants, type)
      precondition(result.count == type.elementCount, "a result has the wrong size")
      disturb?(instruction, &result)
      values.append(result)
    }
    return values
  }

  private static func compute(
    _ operation: Operation, _ sources: [Tensor], _ weights: [WeightRole: [Float]],
    _ type: TensorType
  ) -> [Float] {
    if case .constant = operation { return weights[.weights] ?? [] }
    let source = sources[0]
    switch operation {
    case .convolution(let convolution):
      return convolve(source, weights, convolution, type)
    case .deconvolution(let convolution):
      return deconvolve(source, weights, convolution, type)
    case .matrixProduct(let product):
      return multiply(source, sources[1], product, type)
    case .innerProduct(let product):
      return innerProduct(source, weights, product)
    case .recurrent(let recurrent):
      return recur(sources, weights, recurrent).output
    case .pooling(let pooling):
      return pool(source, pooling, type)
    case .eltwise(let eltwise):
      return source.data.map { Float(apply(eltwise, to: Double($0))) }
    case .binary(let kind):
      return combine(kind, source, sources[1], type)
    case .concat(let axis):
      return concatenate(sources, axis: axis)
    case .softmax(let axis):
      return softmax(source, axis: axis)
    case .batchNormalization(let epsilon):
      return normalize(source, weights, epsilon: epsilon)
    case .logSoftmax(let axis):
      return logSoftmax(source, axis: axis)
    case .layerNormalization(let epsilon):
      return normalizeRows(source, weights, epsilon: epsilon)
    case .groupNormalization(let groups, let epsilon):
      return normalizeGroups(source, weights, groups: groups, epsilon: epsilon)
    case .rootMeanSquareNormalization(let epsilon):
      return normalizeBySquares(source, weights[.scale] ?? [], epsilon: epsilon)
    case .parametricRelu:
      return rectify(source, weights[.slope] ?? [])
    case .localResponse(let response):
      return respond(source, response)
    case .resampling(let kind):
      return resample(source, kind, type)
    case .reduction(let kind):
      return reduce(source, kind, type)
    case .transpose(let order):
      return transpose(source, order, type)
    case .slice(let slice):
      return self.slice(source, slice, type)
    case .pad(let padding):
      return pad(source, padding, type)
    case .roll(let shifts):
      return roll(source, shifts)
    case .expand:
      return expand(source, type)
    case .spaceBlocks(let blocks):
      return move(source, blocks, type)
    case .cumulativeSum(let sum):
      return accumulate(source, sum)
    case .topK(let topK):
      return top(source, topK, type)
    case .oneHot(let oneHot):
      return encode(source, oneHot, type)
    case .select:
      return select(sources, type)
    case .gather(let axis):
      return gather(source, sources[1], axis: axis)
    case .embedding:
      return embed(source, weights[.weights] ?? [], type)
    case .causalMask(let value):
      return hideAbove(source, value)
    case .constant, .reshape, .identity, .copy, .reorder:
      return source.data
    case .host(let kernel):
      return runHost(kernel, sources, type)
    }
  }

  private static func runHost(_ kernel: any HostKernel, _ sources: [Tensor], _ type: TensorType)
    -> [Float]
  {
    var result = [Float](repeating: .nan, count: type.elementCount)
    let copies = sources.map { source in
      let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: source.data.count)
      _ = copy.initialize(from: source.data)
      return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    result.withUnsafeMutableBufferPointer { output in
      kernel.run(
        inputs: copies.map { UnsafeBufferPointer($0) }, types: sources.map(\.type),
        output: output, type: type)
    }
    return result
  }
}

/// A value with its type.
struct Tensor {
  var type: TensorType
  var data: [Float]

  var dims: [Int] { type.dims }

  /// The coordinates of an element.
  func coordinates(of index: Int) -> [Int] {
    var rest = index
    var place = [Int](repeating: 0, count: dims.count)
    for axis in dims.indices.reversed() {
      place[axis] = rest % dims[axis]
      rest /= dims[axis]
    }
    return place
  }

  /// The element at coordinates.
  subscript(place: [Int]) -> Float {
    data[zip(place, dims).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  /// How many elements stand before, along and after an axis.
  func split(at axis: Int) -> (outer: Int, count: Int, inner: Int) {
    (dims[..<axis].reduce(1, *), dims[axis], dims[(axis + 1)...].reduce(1, *))
  }
}
