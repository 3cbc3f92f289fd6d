import DNNL
import Measuring
import Topology

extension Planner {
  /// A convolution: formats left to oneDNN, batch normalisation folded, the rest fused.
  func lower(_ convolution: Topology.Convolution, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    guard let slot = instruction.weights.first(where: { $0.role == .weights }) else {
      throw PlanError("convolution without weights").thrown
    }
    let bias = try MemoryDescriptor([convolution.filters])
    let engine = engine
    let meetsPadding = (convolution.paddingBegin + convolution.paddingEnd).contains { $0 > 0 }
    func make(
      _ view: ImageView, _ algorithm: ConvolutionAlgorithm, _ type: DataType,
      _ forms: ConvolutionForms? = nil
    ) throws(DNNLError) -> FusionSite.Make {
      let src = try anyDescriptor(view.widened(dims(source)), type)
      let weights = try anyDescriptor(view.widened(slot.dims), type.weights)
      let window = view.window(convolution)
      let hasBias = convolution.bias || shiftsBias(source, type, meetsPadding: meetsPadding)
      return { (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
        try .convolution(
          engine, algorithm, src: forms?.source ?? src, weights: weights,
          bias: hasBias || needsBias ? bias : nil,
          dst: forms?.result.retyped(dst.dataType ?? type) ?? dst, window,
          attributes)
      }
    }
    let result = dims(instruction.output)
    let types = try productTypes(of: source, index, channels: convolution.filters)
    let type = try choose(types) { (type) throws(DNNLError) in
      try make(.own, .direct, type)(
        productProbe(source, type, meetsPadding: meetsPadding), anyDescriptor(result, type),
        convolution.bias)
    }
    let views = ImageView.all(
      spatialRank: convolution.kernel.count,
      isDepthwise: convolution.groups > 1 && convolution.groups == dims(source)[1])
    let view = try bestView(views) { (view) throws(DNNLError) in
      try make(view, .direct, type)(
        productProbe(source, type, meetsPadding: meetsPadding),
        anyDescriptor(view.widened(result), type), convolution.bias)
    }
    let extents = view.widened(result)
    let forms = tensors[source, default: []]
    var variants = [try make(view, .direct, type)]
    // What a search assigns knows formats by the dims of values.
    if view != .own { variants = [] }
    if view == .own, type == .f32 { variants.append(try make(view, .winograd, type)) }
    if view == .own, !type.isQuantized {
      for forms in try ConvolutionForms.all(dims(source), extents, type) {
        variants.append(try make(view, .direct, type, forms))
      }
    }
    let site = FusionSite(
      anchor: index, dims: extents, channelAxis: 1, sums: view == .own, type: type,
      scaling: productScaling(
        index, source, type, channels: convolution.filters,
        isGrouped: slot.dims.count > result.count, meetsPadding: meetsPadding),
      reads: forms.map(\.buffer), sources: forms.map(\.descriptor), variants: variants,
      make: try make(view, .direct, type))
    let fused = try fuse(site, dst: anyDescriptor(extents))
    let form = try fused.descriptor.required(.src)
    let lying = try view == .own ? form : form.reshaped(dims(source))
    let tensor = try tensor(of: source, as: lying).viewed(as: form)
    let arguments = try productArguments(
      index, tensor, fused.descriptor.required(.weights), fused.epilogue,
      channels: convolution.filters, hasBias: convolution.bias)
    let valid = convolution.validTaps(
      input: dims(source).dropFirst(2), output: result.dropFirst(2))
    try emit(
      fused, arguments,
      StepFacts(
        kind: "convolution", algorithm: fused.descriptor.convolutionAlgorithm?.rawValue,
        sources: [index],
        touched: TouchedParts(
          valid, input: dims(source).dropFirst(2), kernel: convolution.kernel),
        paddingFlops: convolution.paddingFlops(
          valid, positions: Array(result.dropFirst(2)), batch: result[0],
          channels: dims(source)[1])))
  }

  /// The first view whose implementation is generated code; the first of all where there is none.
  private func bestView(
    _ views: [ImageView], _ make: (ImageView) throws(DNNLError) -> PrimitiveDescriptor
  ) throws(DNNLError) -> ImageView {
    if views.count == 1 { return views[0] }
    for view in views {
      do throws(DNNLError) {
        if Planner.quality(try make(view).implementation) == 2 { return view }
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    return views[0]
  }

  /// A transposed convolution: as a convolution, without alternatives.
  func lowerDeconvolution(_ convolution: Topology.Convolution, _ index: Int) throws(DNNLError) {
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
      let src = try anyDescriptor(dims(source), type)
      let weights = try anyDescriptor(slot.dims, type.weights)
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
    let types = try productTypes(of: source, index, channels: convolution.filters)
      .filter { reaches || !$0.isQuantized }
    let type = try choose(types) { (type) throws(DNNLError) in
      try make(type)(
        productProbe(source, type, meetsPadding: true), anyDescriptor(extents, type),
        convolution.bias)
    }
    let site = FusionSite(
      anchor: index, dims: extents, channelAxis: 1, type: type,
      scaling: productScaling(
        index, source, type, channels: convolution.filters,
        isGrouped: slot.dims.count > extents.count, meetsPadding: true),
      reads: tensors[source, default: []].map(\.buffer), make: try make(type))
    let fused = try fuse(site, dst: anyDescriptor(extents))
    let tensor = try tensor(of: source, as: fused.descriptor.required(.src))
    let arguments = try productArguments(
      index, tensor, fused.descriptor.required(.weights), fused.epilogue,
      channels: convolution.filters, hasBias: convolution.bias)
    let valid = convolution.validTaps(
      transposedFrom: dims(source).dropFirst(2), to: extents.dropFirst(2))
    try emit(
      fused, arguments,
      StepFacts(
        kind: "deconvolution", algorithm: "deconvolution_direct", sources: [index],
        touched: TouchedParts(
          valid, input: dims(source).dropFirst(2), kernel: convolution.kernel),
        paddingFlops: convolution.paddingFlops(
          valid, positions: Array(dims(source).dropFirst(2)), batch: extents[0],
          channels: dims(source)[1])))
  }

  /// Source, weights and bias of a convolution or inner product, with what is folded into them.
  func productArguments(
    _ index: Int, _ source: Tensor, _ weights: MemoryDescriptor, _ epilogue: Epilogue,
    channels: Int, hasBias: Bool
  ) throws(DNNLError) -> [(Argument, Operand)] {
    let fold = fold(epilogue.folded, channels: channels)
    let units =
      source.type.isQuantized ? try weightUnits(of: index, channels: channels, fold) : nil
    // What a zero point adds to every sum is taken off by the bias, where the primitive does not.
    let zero = epilogue.scaling.zeroPoints.contains { $0.argument == .src } ? 0 : source.zeroPoint
    var sums: [Double] = []
    let edit = { (data: UnsafeMutableBufferPointer<Float>) in
      fold?.scale(data)
      units?.divide(data)
      if units != nil, zero != 0 { sums = WeightUnits.sums(data, channels: channels) }
    }
    let isEdited = fold != nil || units != nil
    let constant = try load(.weights, of: index, as: weights, edit: isEdited ? edit : nil)
    var arguments: [(Argument, Operand)] = [
      (.src, .tensor(source)), (.weights, .constant(constant)),
    ]
    if hasBias || fold != nil || zero != 0 {
      let own = hasBias ? values(.bias, of: index) : nil
      var bias = fold?.bias(own) ?? own ?? Array(repeating: 0, count: channels)
      if let units {
        for channel in bias.indices { bias[channel] /= source.scale * units[channel] }
        for channel in sums.indices { bias[channel] -= Float(Double(zero) * sums[channel]) }
        if !Quirk.biasPrecedesScales.holds {
          for channel in bias.indices { bias[channel] *= epilogue.scaling.output[channel] }
        }
      }
      let descriptor = try MemoryDescriptor([channels])
      arguments.append((.bias, .constant(try makeConstant(bias, as: descriptor))))
    }
    return arguments
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
