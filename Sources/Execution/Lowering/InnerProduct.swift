import DNNL
import Measuring
import Topology

/// A fully connected product; leading dimensions of a sequence are joined.
struct InnerProductLowering: Lowering {
  let context: PlanningContext
  let product: Topology.InnerProduct

  func lower(_ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    guard let slot = instruction.weights.first(where: { $0.role == .weights }) else {
      throw PlanError("inner product without weights").thrown
    }
    let source = input(of: index)
    let inner = Array(slot.dims.dropFirst())
    let rows = dims(source).reduce(1, *) / inner.reduce(1, *)
    let fits = dims(source) == [rows] + inner && (2...5).contains(slot.dims.count)
    let flat = [product.units, inner.reduce(1, *)]
    let engine = engine
    let types = try products.types(of: source, index, channels: product.units)
    let type = try numbers.choose(types) { (type) throws(DNNLError) in
      try .innerProduct(
        engine, src: MemoryDescriptor.open([rows, flat[1]], type),
        weights: MemoryDescriptor.open(flat, type.weights), bias: nil,
        dst: MemoryDescriptor([rows, product.units], type), attributes())
    }
    let isDirect = fits ? try !gainsByFlattening(source, rows: rows, slot.dims, type) : false
    let view: Tensor
    let weightDims: [Int]
    if isDirect {
      view = try reader.tensor(of: source, type: type)
      weightDims = slot.dims
    } else {
      weightDims = flat
      view = try reader.plainView(of: source, dims: [rows, weightDims[1]], type)
    }
    if type == .f32,
      try lowerColumn(index, rows: rows, inner: flat[1], instead: view.descriptor)
    {
      return
    }
    let weights = try MemoryDescriptor.open(weightDims, type.weights)
    let bias = try MemoryDescriptor([product.units])
    let hasBias = product.bias || products.shiftsBias(source, type, meetsPadding: false)
    let dst = try MemoryDescriptor([rows, product.units])
    let choices = try [
      view.descriptor, MemoryDescriptor.open(view.descriptor.dims, type),
      MemoryDescriptor(view.descriptor.dims, type),
    ]
    let src = try innerProductSource(
      choices, weights, bias: hasBias ? bias : nil, dst.retyped(type)
    ).choice
    func make(_ src: MemoryDescriptor) -> FusionSite.Make {
      { (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
        try .innerProduct(
          engine, src: src, weights: weights, bias: hasBias || needsBias ? bias : nil,
          dst: dst, attributes)
      }
    }
    let forms = table.forms(of: source)
    let site = FusionSite(
      anchor: index, dims: [rows, product.units],
      channelAxis: dims(instruction.output).count - 1, sums: true, type: type,
      scaling: products.scaling(index, source, type, channels: product.units),
      reads: forms.map(\.buffer),
      sources: isDirect ? forms.map(\.descriptor) : [view.descriptor],
      variants: choices.map(make), make: make(src))
    let fused = try fuser.fuse(site, dst: dst)
    let wanted = try fused.descriptor.required(.src)
    let operand = view.descriptor == wanted ? view : try reader.tensor(of: source, as: wanted)
    let arguments = try products.arguments(
      index, operand, fused.descriptor.required(.weights), fused.epilogue,
      channels: product.units, hasBias: product.bias)
    try emitter.emit(fused, arguments, StepFacts(kind: "inner_product", sources: [index]))
  }

  /// The product as a convolution, where that is faster than an inner product of that source; false
  /// where it is not.
  private func lowerColumn(
    _ index: Int, rows: Int, inner: Int, instead source: MemoryDescriptor
  ) throws(DNNLError) -> Bool {
    guard let column = try ColumnProduct(engine, rows: rows, inner: inner, units: product.units)
    else { return false }
    let direct = try innerProductSource(
      [source], MemoryDescriptor.open([product.units] + source.dims.dropFirst()), bias: nil,
      MemoryDescriptor([rows, product.units]))
    guard try column.gains(over: direct.implementation, attributes()) else { return false }
    let instruction = program.instructions[index]
    let value = input(of: index)
    let view = try reader.plainView(of: value, dims: [rows, inner])
    let site = FusionSite(
      anchor: index, dims: column.result.dims, form: column.result,
      channelAxis: dims(instruction.output).count - 1, sums: true,
      reads: table.forms(of: value).map(\.buffer), sources: [view.descriptor]
    ) { (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
      try column.convolution(attributes, dst, hasBias: product.bias || needsBias)
    }
    let fused = try fuser.fuse(site, dst: column.result)
    let arguments = try products.arguments(
      index, view.viewed(as: column.source), fused.descriptor.required(.weights), fused.epilogue,
      channels: product.units, hasBias: product.bias)
    let algorithm = fused.descriptor.convolutionAlgorithm?.rawValue
    try emitter.emit(
      fused, arguments,
      StepFacts(kind: "convolution", algorithm: algorithm, sources: [index], isColumn: true))
    return true
  }

  /// Whether images are better copied to plain order and multiplied as a matrix.
  ///
  /// oneDNN 2.6 has generated code for windows of one pixel or plain matrices only; for several rows
  /// that is worth a copy of the source.
  private func gainsByFlattening(
    _ source: ValueID, rows: Int, _ weights: [Int], _ type: DataType
  ) throws(DNNLError) -> Bool {
    guard rows > 1, weights.count > 2 else { return false }
    let inner = weights.dropFirst().reduce(1, *)
    let dst = try MemoryDescriptor([rows, weights[0]], type)
    let lying = try MemoryDescriptor.alike(reader.tensor(of: source).descriptor, type)
    let direct = try innerProductSource(
      [lying, MemoryDescriptor.open(lying.dims, type)],
      MemoryDescriptor.open(weights, type.weights), bias: nil, dst
    )
    if direct.quality == 2 { return false }
    let flat = try innerProductSource(
      [MemoryDescriptor([rows, inner], type)],
      MemoryDescriptor.open([weights[0], inner], type.weights),
      bias: nil, dst)
    return flat.quality == 2
  }

  /// The first of several descriptions of the source that oneDNN has generated code for, else
  /// matrix products, else the first.
  private func innerProductSource(
    _ choices: [MemoryDescriptor], _ weights: MemoryDescriptor, bias: MemoryDescriptor?,
    _ dst: MemoryDescriptor
  ) throws(DNNLError) -> (choice: MemoryDescriptor, quality: Int, implementation: String) {
    let attributes = try attributes()
    var best = (choice: choices[0], quality: -1, implementation: "")
    for choice in choices where best.quality < 2 {
      do throws(DNNLError) {
        let descriptor = try PrimitiveDescriptor.innerProduct(
          engine, src: choice, weights: weights, bias: bias, dst: dst, attributes)
        let quality = Implementation.quality(descriptor.implementation)
        if quality > best.quality { best = (choice, quality, descriptor.implementation) }
      } catch {
        guard error.isUnimplemented else { throw error }
      }
    }
    return best
  }
}
