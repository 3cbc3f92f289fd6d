import DNNL
import Topology

extension Planner {
  /// A convolution: formats left to oneDNN, batch normalisation folded, the rest fused.
  func lower(_ convolution: Topology.Convolution, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    guard let slot = instruction.weights.first(where: { $0.role == .weights }) else {
      throw DNNLError(call: "convolution without weights", status: .invalidArguments)
    }
    let window = Window(
      strides: convolution.stride, dilation: convolution.dilation,
      paddingBegin: convolution.paddingBegin, paddingEnd: convolution.paddingEnd)
    let src = try anyDescriptor(dims(source))
    let weights = try anyDescriptor(slot.dims)
    let bias = try MemoryDescriptor([convolution.filters])
    let engine = engine
    func make(_ algorithm: ConvolutionAlgorithm, _ forms: ConvolutionForms? = nil)
      -> FusionSite.Make
    {
      { (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
        try .convolution(
          engine, algorithm, src: forms?.source ?? src, weights: weights,
          bias: convolution.bias || needsBias ? bias : nil, dst: forms?.result ?? dst, window,
          attributes)
      }
    }
    let extents = dims(instruction.output)
    let forms = tensors[source, default: []]
    let site = FusionSite(
      anchor: index, dims: extents, channelAxis: 1, sums: true,
      reads: forms.map(\.buffer), sources: forms.map(\.descriptor),
      variants: try [make(.direct), make(.winograd)]
        + ConvolutionForms.all(dims(source), extents).map { make(.direct, $0) },
      make: make(.direct))
    let fused = try fuse(site, dst: anyDescriptor(extents))
    let tensor = try tensor(of: source, as: fused.descriptor.required(.src))
    let arguments = try productArguments(
      index, tensor, fused.descriptor.required(.weights), folded: fused.epilogue.folded,
      channels: convolution.filters, hasBias: convolution.bias)
    try emit(
      fused, arguments,
      StepFacts(
        kind: "convolution", algorithm: fused.descriptor.convolutionAlgorithm?.rawValue,
        sources: [index]))
  }

  /// A transposed convolution: as a convolution, without alternatives.
  func lowerDeconvolution(_ convolution: Topology.Convolution, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    guard let slot = instruction.weights.first(where: { $0.role == .weights }) else {
      throw DNNLError(call: "deconvolution without weights", status: .invalidArguments)
    }
    let window = Window(
      strides: convolution.stride, dilation: convolution.dilation,
      paddingBegin: convolution.paddingBegin, paddingEnd: convolution.paddingEnd)
    let src = try anyDescriptor(dims(source))
    let weights = try anyDescriptor(slot.dims)
    let bias = try MemoryDescriptor([convolution.filters])
    let site = FusionSite(
      anchor: index, dims: dims(instruction.output), channelAxis: 1,
      reads: tensors[source, default: []].map(\.buffer)
    ) { [engine] (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
      try PrimitiveDescriptor.deconvolution(
        engine, src: src, weights: weights, bias: convolution.bias || needsBias ? bias : nil,
        dst: dst, window, attributes)
    }
    let fused = try fuse(site, dst: anyDescriptor(dims(instruction.output)))
    let tensor = try tensor(of: source, as: fused.descriptor.required(.src))
    let arguments = try productArguments(
      index, tensor, fused.descriptor.required(.weights), folded: fused.epilogue.folded,
      channels: convolution.filters, hasBias: convolution.bias)
    try emit(
      fused, arguments,
      StepFacts(kind: "deconvolution", algorithm: "deconvolution_direct", sources: [index]))
  }

  /// Source, weights and bias of a convolution or inner product, with what is folded into them.
  func productArguments(
    _ index: Int, _ source: Tensor, _ weights: MemoryDescriptor, folded: [Int], channels: Int,
    hasBias: Bool
  ) throws(DNNLError) -> [(Argument, Operand)] {
    let fold = fold(folded, channels: channels)
    let constant = try load(.weights, of: index, as: weights) { fold?.scale($0) }
    var arguments: [(Argument, Operand)] = [
      (.src, .tensor(source)), (.weights, .constant(constant)),
    ]
    if hasBias || fold != nil {
      let own = hasBias ? values(.bias, of: index) : nil
      let bias = fold?.bias(own) ?? own ?? []
      let descriptor = try MemoryDescriptor([channels])
      arguments.append((.bias, .constant(try makeConstant(bias, as: descriptor))))
    }
    return arguments
  }
}
