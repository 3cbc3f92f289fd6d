import DNNL
import Measuring
import Topology

extension Planner {
  /// Several values joined, in the format of the first.
  func lowerConcat(axis: Int, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let values = instruction.inputs.map { flow.canonical[$0] }
    let type = joinedType(values, index)
    var sources: [Tensor] = []
    for value in values { sources.append(try tensor(of: value, for: index, type: type)) }
    if type.isQuantized { sources = try unified(sources, index) }
    // Left to itself oneDNN may put the joined axis outermost (`Bacd8b`), which suits the copy but
    // no primitive behind it.
    let rank = dims(instruction.output).count
    let alike = MemoryFormat(sources[0].descriptor.format, rank: rank) ?? .plain
    if try joinInPlace(axis: axis, index, sources) { return }
    var fallback: MemoryFormat?
    for format in [alike] + Planner.formats(rank: rank) {
      do throws(DNNLError) {
        let descriptor = try concat(axis: axis, index, sources.map(\.descriptor), format)
        if Planner.quality(descriptor.implementation) > 0 {
          return try lowerConcat(axis: axis, index, sources, format)
        }
        fallback = fallback ?? format
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    try lowerConcat(axis: axis, index, sources, fallback ?? .plain)
  }

  /// A concatenation of tensors that are first brought to a format.
  private func concat(
    axis: Int, _ index: Int, _ sources: [MemoryDescriptor], _ format: MemoryFormat
  ) throws(DNNLError) -> PrimitiveDescriptor {
    let type = sources[0].dataType ?? .f32
    var forms: [MemoryDescriptor] = []
    for source in sources { forms.append(try MemoryDescriptor(source.dims, type, format)) }
    let attributes = try attributes()
    return try .concat(
      engine, axis: axis, src: forms,
      dst: MemoryDescriptor(dims(program.instructions[index].output), type, format), attributes)
  }

  private func lowerConcat(
    axis: Int, _ index: Int, _ sources: [Tensor], _ format: MemoryFormat
  ) throws(DNNLError) {
    let values = program.instructions[index].inputs.map { flow.canonical[$0] }
    var forms: [Tensor] = []
    for (value, source) in zip(values, sources) {
      let form = try MemoryDescriptor(source.descriptor.dims, source.type, format)
      if source.descriptor == form {
        forms.append(source)
      } else if tensors[value, default: []].contains(where: { $0.buffer == source.buffer }) {
        forms.append(try tensor(of: value, as: form))
      } else {
        // A copy in another scale, which is no form of the value.
        let copy = newBuffer(form, as: source.format)
        try emitReorder(from: source, to: copy, sources: [])
        forms.append(copy)
      }
    }
    let descriptor = try concat(axis: axis, index, forms.map(\.descriptor), format)
    let dst = newBuffer(try descriptor.required(.dst), as: sources[0].format)
    var arguments = forms.enumerated().map { position, tensor in
      (Argument.multipleSrc(position), Operand.tensor(tensor))
    }
    arguments.append((.dst, .tensor(dst)))
    try emit(descriptor, arguments, StepFacts(kind: "concat", sources: [index]))
    complete([index], in: dst)
  }

  /// The type in which values are joined: the one all have, else the one asked for.
  private func joinedType(_ values: [ValueID], _ index: Int) -> DataType {
    switch options.precision {
    case .f32: return .f32
    case .bf16: return .bf16
    case .int8:
      let output = program.instructions[index].output
      let types = Set(values.map(storedType))
      if ownsScales {
        let formats = Set(values.compactMap { tensors[$0]?.first?.format })
        let joins = types == [.u8] && (formats.count == 1 || ownRun(behind: output) != nil)
        return joins ? .u8 : .f32
      }
      if types.count == 1, let type = types.first { return type }
      return isQuantized(output) ? quantized(output)?.type ?? .f32 : .f32
    }
  }

  /// 8-bit tensors brought to the largest scale among them, or to what the network rounds the result to.
  private func unified(_ tensors: [Tensor], _ index: Int) throws(DNNLError) -> [Tensor] {
    guard var format = tensors.first?.format else { return tensors }
    format.scale = tensors.map(\.scale).max() ?? 1
    if Set(tensors.map(\.format)).count > 1,
      let run = ownRun(behind: program.instructions[index].output)
    {
      format = run.format
    }
    return try tensors.map { (tensor) throws(DNNLError) in
      if tensor.scale == format.scale, tensor.zeroPoint == format.zeroPoint { return tensor }
      let target = newBuffer(tensor.descriptor, as: format)
      try emitReorder(from: tensor, to: target, sources: [])
      return target
    }
  }

  /// The same elements under other dims: a view of the plain value, no step of its own.
  func lowerReshape(_ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let plain = try plainTensor(of: source, storedType(of: source))
    complete([index], in: try plain.viewed(dims(program.instructions[index].output)))
  }

  /// A copy in the same format.
  func lowerCopy(_ index: Int) throws(DNNLError) {
    let source = try tensor(of: input(of: index))
    let target = newBuffer(source.descriptor, as: source.format)
    try emitReorder(from: source, to: target, sources: [index])
    complete([index], in: target)
  }

  /// The value in the format that a tag names.
  func lowerReorder(to format: String, _ index: Int) throws(DNNLError) {
    let source = try tensor(of: input(of: index))
    let extents = source.descriptor.dims
    guard let tag = MemoryFormat(format, rank: extents.count) else {
      throw DNNLError(
        call: "memory format '\(format)' for \(extents.count) dimensions",
        status: .invalidArguments)
    }
    let target = newBuffer(
      try MemoryDescriptor(extents, source.type, tag), as: source.format)
    try emitReorder(from: source, to: target, sources: [index])
    complete([index], in: target)
  }

  /// The dimensions in another order: one reorder, whatever format the source has.
  func lowerTranspose(order: [Int], _ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let target = try permuted(source, order, storedType(of: source), sources: [index])
    complete([index], in: target)
  }

  /// A value in plain memory with its dimensions in another order.
  func permuted(_ value: ValueID, _ order: [Int], _ type: DataType, sources: [Int])
    throws(DNNLError) -> Tensor
  {
    let source = try tensor(of: value, type: type)
    // The source's own dims, lying as the result does.
    var strides = Array(repeating: 1, count: order.count)
    var stride = 1
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= source.descriptor.dims[axis]
    }
    let target = try movedBuffer(
      try MemoryDescriptor(source.descriptor.dims, type, strides: strides), as: source.format)
    try emitReorder(from: source, to: target, sources: sources)
    return try target.viewed(order.map { source.descriptor.dims[$0] })
  }
}
