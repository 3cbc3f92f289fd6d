import DNNL
import Measuring
import Topology

/// Several values joined, in the format of the first.
struct ConcatLowering: Lowering {
  let context: PlanningContext
  let axis: Int

  func lower(_ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let values = instruction.inputs.map { flow.canonical[$0] }
    let type = joinedType(values, index)
    var sources: [Tensor] = []
    for value in values { sources.append(try reader.tensor(of: value, for: index, type: type)) }
    if type.isQuantized { sources = try unified(sources, index) }
    // Left to itself oneDNN may put the joined axis outermost (`Bacd8b`), which suits the copy but
    // no primitive behind it.
    let rank = dims(instruction.output).count
    let alike = MemoryFormat(sources[0].descriptor.format, rank: rank) ?? .plain
    if try joinInPlace(index, sources) { return }
    var fallback: MemoryFormat?
    for format in [alike] + OperandReader.formats(rank: rank) {
      do throws(DNNLError) {
        let descriptor = try concat(index, sources.map(\.descriptor), format)
        if Implementation.quality(descriptor.implementation) > 0 {
          return try join(index, sources, format)
        }
        fallback = fallback ?? format
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    try join(index, sources, fallback ?? .plain)
  }

  /// A concatenation of tensors that are first brought to a format.
  private func concat(
    _ index: Int, _ sources: [MemoryDescriptor], _ format: MemoryFormat
  ) throws(DNNLError) -> PrimitiveDescriptor {
    let type = sources[0].dataType ?? .f32
    var forms: [MemoryDescriptor] = []
    for source in sources { forms.append(try MemoryDescriptor(source.dims, type, format)) }
    let attributes = try attributes()
    return try .concat(
      engine, axis: axis, src: forms,
      dst: MemoryDescriptor(dims(program.instructions[index].output), type, format), attributes)
  }

  private func join(_ index: Int, _ sources: [Tensor], _ format: MemoryFormat) throws(DNNLError) {
    let values = program.instructions[index].inputs.map { flow.canonical[$0] }
    var forms: [Tensor] = []
    for (value, source) in zip(values, sources) {
      let form = try MemoryDescriptor(source.descriptor.dims, source.type, format)
      if source.descriptor == form {
        forms.append(source)
      } else if table.forms(of: value).contains(where: { $0.buffer == source.buffer }) {
        forms.append(try reader.tensor(of: value, as: form))
      } else {
        // A copy in another scale, which is no form of the value.
        let copy = table.newBuffer(form, as: source.format)
        try emitter.emitReorder(from: source, to: copy, sources: [])
        forms.append(copy)
      }
    }
    let descriptor = try concat(index, forms.map(\.descriptor), format)
    let dst = table.newBuffer(try descriptor.required(.dst), as: sources[0].format)
    var arguments = forms.enumerated().map { position, tensor in
      (Argument.multipleSrc(position), Operand.tensor(tensor))
    }
    arguments.append((.dst, .tensor(dst)))
    try emitter.emit(descriptor, arguments, StepFacts(kind: "concat", sources: [index]))
    emitter.complete([index], in: dst)
  }

  /// The type in which values are joined: the one all have, else the one asked for.
  private func joinedType(_ values: [ValueID], _ index: Int) -> DataType {
    switch options.precision {
    case .f32: return .f32
    case .bf16: return .bf16
    case .int8:
      let output = program.instructions[index].output
      let types = Set(values.map(numbers.storedType))
      if numbers.ownsScales {
        let formats = Set(values.compactMap { table.made($0)?.format })
        let joins = types == [.u8] && (formats.count == 1 || numbers.ownRun(behind: output) != nil)
        return joins ? .u8 : .f32
      }
      if types.count == 1, let type = types.first { return type }
      return numbers.isQuantized(output) ? numbers.quantized(output)?.type ?? .f32 : .f32
    }
  }

  /// 8-bit tensors brought to the largest scale among them, or to what the network rounds the result to.
  private func unified(_ tensors: [Tensor], _ index: Int) throws(DNNLError) -> [Tensor] {
    guard var format = tensors.first?.format else { return tensors }
    format.scale = tensors.map(\.scale).max() ?? 1
    if Set(tensors.map(\.format)).count > 1,
      let run = numbers.ownRun(behind: program.instructions[index].output)
    {
      format = run.format
    }
    return try tensors.map { (tensor) throws(DNNLError) in
      if tensor.scale == format.scale, tensor.zeroPoint == format.zeroPoint { return tensor }
      let target = table.newBuffer(tensor.descriptor, as: format)
      try emitter.emitReorder(from: tensor, to: target, sources: [])
      return target
    }
  }

  /// Joins values without moving them, where that is possible; false where it is not.
  private func joinInPlace(_ index: Int, _ sources: [Tensor]) throws(DNNLError) -> Bool {
    let extents = dims(program.instructions[index].output)
    guard options.fusion, !options.keepAllValues,
      Joining.isPossible(sources, axis: axis, in: table),
      let tag = MemoryFormat(sources[0].descriptor.format, rank: extents.count)
    else { return false }
    let whole = table.newBuffer(
      try MemoryDescriptor(extents, sources[0].type, tag), as: sources[0].format)
    table.join(sources, into: whole)
    emitter.complete([index], in: whole)
    return true
  }
}
