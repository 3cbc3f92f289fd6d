import DNNL
import Measuring
import Topology

/// A convolution: formats left to oneDNN, batch normalisation folded, the rest fused.
struct ConvolutionLowering: Lowering {
  let context: PlanningContext
  let convolution: Topology.Convolution

  func lower(_ index: Int) throws(DNNLError) {
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
      let src = try MemoryDescriptor.open(view.widened(dims(source)), type)
      let weights = try MemoryDescriptor.open(view.widened(slot.dims), type.weights)
      let window = view.window(convolution)
      let hasBias =
        convolution.bias || products.shiftsBias(source, type, meetsPadding: meetsPadding)
      return { (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
        try .convolution(
          engine, algorithm, src: forms?.source ?? src, weights: weights,
          bias: hasBias || needsBias ? bias : nil,
          dst: forms?.result.retyped(dst.dataType ?? type) ?? dst, window,
          attributes)
      }
    }
    let result = dims(instruction.output)
    let types = try products.types(of: source, index, channels: convolution.filters)
    let type = try numbers.choose(types) { (type) throws(DNNLError) in
      try make(.own, .direct, type)(
        products.probe(source, type, meetsPadding: meetsPadding),
        MemoryDescriptor.open(result, type),
        convolution.bias)
    }
    let views = ImageView.all(
      spatialRank: convolution.kernel.count,
      isDepthwise: convolution.groups > 1 && convolution.groups == dims(source)[1])
    let view = try bestView(views) { (view) throws(DNNLError) in
      try make(view, .direct, type)(
        products.probe(source, type, meetsPadding: meetsPadding),
        MemoryDescriptor.open(view.widened(result), type), convolution.bias)
    }
    let extents = view.widened(result)
    let forms = table.forms(of: source)
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
      scaling: products.scaling(
        index, source, type, channels: convolution.filters,
        isGrouped: slot.dims.count > result.count, meetsPadding: meetsPadding),
      reads: forms.map(\.buffer), sources: forms.map(\.descriptor), variants: variants,
      make: try make(view, .direct, type))
    let fused = try fuser.fuse(site, dst: MemoryDescriptor.open(extents))
    let form = try fused.descriptor.required(.src)
    let lying = try view == .own ? form : form.reshaped(dims(source))
    let tensor = try reader.tensor(of: source, as: lying).viewed(as: form)
    let arguments = try products.arguments(
      index, tensor, fused.descriptor.required(.weights), fused.epilogue,
      channels: convolution.filters, hasBias: convolution.bias)
    let valid = convolution.validTaps(
      input: dims(source).dropFirst(2), output: result.dropFirst(2))
    try emitter.emit(
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
        if Implementation.quality(try make(view).implementation) == 2 { return view }
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    return views[0]
  }
}
