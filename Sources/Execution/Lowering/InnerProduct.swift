import DNNL
import Topology

extension Planner {
  /// A fully connected product; leading dimensions of a sequence are joined.
  func lowerInnerProduct(_ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    guard case .innerProduct(let product) = instruction.operation,
      let slot = instruction.weights.first(where: { $0.role == .weights })
    else {
      throw DNNLError(call: "inner product without weights", status: .invalidArguments)
    }
    let source = input(of: index)
    let inner = Array(slot.dims.dropFirst())
    let rows = dims(source).reduce(1, *) / inner.reduce(1, *)
    let isDirect = dims(source) == [rows] + inner && (2...5).contains(slot.dims.count)
    let view: Tensor
    let weightDims: [Int]
    if isDirect {
      view = try tensor(of: source)
      weightDims = slot.dims
    } else {
      weightDims = [product.units, inner.reduce(1, *)]
      view = try plainView(of: source, dims: [rows, weightDims[1]])
    }
    let weights = try anyDescriptor(weightDims)
    let bias = try MemoryDescriptor([product.units])
    let dst = try MemoryDescriptor([rows, product.units])
    let srcDescriptor = try innerProductSource(view, weights, bias: product.bias ? bias : nil, dst)
    let engine = engine
    func make(_ src: MemoryDescriptor) -> FusionSite.Make {
      { (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
        try .innerProduct(
          engine, src: src, weights: weights, bias: product.bias || needsBias ? bias : nil,
          dst: dst, attributes)
      }
    }
    let forms = tensors[source, default: []]
    let choices = try [
      view.descriptor, anyDescriptor(view.descriptor.dims), MemoryDescriptor(view.descriptor.dims),
    ]
    let site = FusionSite(
      anchor: index, dims: [rows, product.units],
      channelAxis: dims(instruction.output).count - 1, sums: true, reads: forms.map(\.buffer),
      sources: isDirect ? forms.map(\.descriptor) : [view.descriptor],
      variants: choices.map(make), make: make(srcDescriptor))
    let fused = try fuse(site, dst: dst)
    let wanted = try fused.descriptor.required(.src)
    let operand = view.descriptor == wanted ? view : try tensor(of: source, as: wanted)
    let arguments = try productArguments(
      index, operand, fused.descriptor.required(.weights), folded: fused.epilogue.folded,
      channels: product.units, hasBias: product.bias)
    try emit(fused, arguments, StepFacts(kind: "inner_product", sources: [index]))
  }

  /// The source as it lies, unless oneDNN has only matrix products for that and code for another.
  private func innerProductSource(
    _ view: Tensor, _ weights: MemoryDescriptor, bias: MemoryDescriptor?, _ dst: MemoryDescriptor
  ) throws(DNNLError) -> MemoryDescriptor {
    let open = try anyDescriptor(view.descriptor.dims)
    let attributes = try attributes()
    do throws(DNNLError) {
      let asItLies = try PrimitiveDescriptor.innerProduct(
        engine, src: view.descriptor, weights: weights, bias: bias, dst: dst, attributes)
      if Planner.quality(asItLies.implementation) == 2 { return view.descriptor }
      let chosen = try PrimitiveDescriptor.innerProduct(
        engine, src: open, weights: weights, bias: bias, dst: dst, attributes)
      let isBetter =
        Planner.quality(chosen.implementation) > Planner.quality(asItLies.implementation)
      return isBetter ? open : view.descriptor
    } catch {
      guard error.isUnimplemented else { throw error }
      return open
    }
  }
}
