import DNNL
import Measuring
import Topology

/// A transposed convolution: as a convolution, without alternatives.
struct DeconvolutionLowering: Lowering {
  let context: PlanningContext
  let convolution: Topology.Convolution

  func lower(_ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    guard let slot = instruction.weights.first(where: { $0.role == .weights }) else {
      throw PlanError("deconvolution without weights").thrown
    }
    let window = Window(
      strides: convolution.stride, dilation: convolution.dilation,
      paddingBegin: convolution.paddingBegin, paddingEnd: convolution.paddingEnd)
    let bias = try MemoryDescriptor([convolution.filters])
    let extents = dims(instruction.output)
    func make(_ type: DataType) throws(DNNLError) -> FusionSite.Make {
      let src = try MemoryDescriptor.open(dims(source), type)
      let weights = try MemoryDescriptor.open(slot.dims, type.weights)
      return {
        [engine] (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
        try PrimitiveDescriptor.deconvolution(
          engine, src: src, weights: weights, bias: convolution.bias || needsBias ? bias : nil,
          dst: dst, window, attributes)
      }
    }
    let reaches =
      !Quirk.leavesGapsUnwritten.holds
      || convolution.reachesAll(
        of: Array(extents.dropFirst(2)), from: dims(source).dropFirst(2))
    let types = try products.types(of: source, index, channels: convolution.filters)
      .filter { reaches || !$0.isQuantized }
    let type = try numbers.choose(types) { (type) throws(DNNLError) in
      try make(type)(
        products.probe(source, type, meetsPadding: true), MemoryDescriptor.open(extents, type),
        convolution.bias)
    }
    let site = FusionSite(
      anchor: index, dims: extents, channelAxis: 1, type: type,
      scaling: products.scaling(
        index, source, type, channels: convolution.filters,
        isGrouped: slot.dims.count > extents.count, meetsPadding: true),
      reads: table.forms(of: source).map(\.buffer), make: try make(type))
    let fused = try fuser.fuse(site, dst: MemoryDescriptor.open(extents))
    let tensor = try reader.tensor(of: source, as: fused.descriptor.required(.src))
    let arguments = try products.arguments(
      index, tensor, fused.descriptor.required(.weights), fused.epilogue,
      channels: convolution.filters, hasBias: convolution.bias)
    let valid = convolution.validTaps(
      transposedFrom: dims(source).dropFirst(2), to: extents.dropFirst(2))
    try emitter.emit(
      fused, arguments,
      StepFacts(
        kind: "deconvolution", algorithm: "deconvolution_direct", sources: [index],
        touched: TouchedParts(
          valid, input: dims(source).dropFirst(2), kernel: convolution.kernel),
        paddingFlops: convolution.paddingFlops(
          valid, positions: Array(dims(source).dropFirst(2)), batch: extents[0],
          channels: dims(source)[1])))
  }
}

extension Topology.Convolution {
  /// Whether every cell of what it makes as a transposed one gets something of a cell of its input.
  fileprivate func reachesAll(of output: [Int], from input: ArraySlice<Int>) -> Bool {
    zip(output, input).enumerated().allSatisfy { axis, extents in
      (0..<extents.0).allSatisfy { cell in
        (0..<kernel[axis]).contains { tap in
          let distance = cell + paddingBegin[axis] - tap * dilation[axis]
          return distance >= 0 && distance.isMultiple(of: stride[axis])
            && distance / stride[axis] < extents.1
        }
      }
    }
  }
}
