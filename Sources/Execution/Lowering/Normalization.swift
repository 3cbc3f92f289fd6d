import DNNL
import Measuring
import Topology

/// A batch normalisation of its own, in the format of its source.
struct BatchNormalizationLowering: Lowering {
  let context: PlanningContext
  let epsilon: Double

  func lower(_ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let type = program.values[source]
    let axis = type.layout.channelAxis ?? 1
    let channels = type.dims[axis]
    let isDirect = axis == 1 && (2...5).contains(type.dims.count)
    let outer = type.dims[..<axis].reduce(1, *)
    let inner = type.dims[(axis + 1)...].reduce(1, *)
    // Of three dimensions oneDNN 2.6 has only reference loops.
    let isFlat = isDirect ? type.dims.count == 2 : inner == 1
    let isSequence = !isFlat && (!isDirect || type.dims.count == 3)
    let view = isSequence ? [outer, channels, inner, 1] : isDirect ? type.dims : [outer, channels]
    func make(_ form: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      let attributes = try attributes()
      return try .batchNormalization(
        engine, src: isDirect ? form.reshaped(view) : MemoryDescriptor(view, form.dataType ?? .f32),
        epsilon: Float(epsilon), attributes)
    }
    let (number, form) = try reader.chooseForm(
      of: source, for: index, numbers.floatTypes, moves: isDirect, make)
    let plain = try MemoryDescriptor(type.dims, number)
    let src = try reader.tensor(of: source, as: isDirect ? form ?? plain : plain).reshaped(view)
    let site = FusionSite(
      anchor: index, dims: src.descriptor.dims, type: number, keepsType: true
    ) {
      [engine] (attributes: borrowing PrimitiveAttributes, _, _) throws(DNNLError)
        -> PrimitiveDescriptor in
      try .batchNormalization(engine, src: src.descriptor, epsilon: Float(epsilon), attributes)
    }
    let fused = try fuser.fuse(site, dst: src.descriptor)
    var arguments: [(Argument, Operand)] = [(.src, .tensor(src))]
    for (argument, role) in [
      (Argument.scale, WeightRole.scale), (.shift, .shift), (.mean, .mean), (.variance, .variance),
    ] {
      let constant = try loader.load(role, of: index, as: MemoryDescriptor([channels]))
      arguments.append((argument, .constant(constant)))
    }
    let readers = [index] + fused.epilogue.links.flatMap(\.instructions)
    let others = fused.epilogue.operands.map(\.tensor.buffer)
    let inPlace = !others.contains(src.buffer) && table.isOverwritable(src, by: readers)
    try emitter.emit(
      fused, arguments, StepFacts(kind: "batch_normalization", sources: [index]),
      reusing: inPlace ? src : nil)
  }
}

/// A layer normalisation of plain rows.
struct LayerNormalizationLowering: Lowering {
  let context: PlanningContext
  let epsilon: Double

  func lower(_ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    let width = instruction.weights[0].elementCount
    let rows = dims(source).reduce(1, *) / width
    func make(_ type: DataType) throws(DNNLError) -> PrimitiveDescriptor {
      try .layerNormalization(
        engine, src: MemoryDescriptor([rows, width], type), epsilon: Float(epsilon), attributes())
    }
    let type = try numbers.choose(numbers.floatTypes) { (type) throws(DNNLError) in try make(type) }
    let src = try reader.plainView(of: source, dims: [rows, width], type)
    let descriptor = try make(type)
    var arguments: [(Argument, Operand)] = [(.src, .tensor(src))]
    for (argument, role) in [(Argument.scale, WeightRole.scale), (.shift, .shift)] {
      let constant = try loader.load(role, of: index, as: MemoryDescriptor([width]))
      arguments.append((argument, .constant(constant)))
    }
    let dst = table.isOverwritable(src, by: [index]) ? src : table.newBuffer(src.descriptor)
    try emitter.emit(
      descriptor, arguments + [(.dst, .tensor(dst))],
      StepFacts(kind: "layer_normalization", sources: [index]))
    emitter.complete([index], in: try dst.viewed(dims(instruction.output)))
  }
}

/// A local response normalisation, in the format of the image.
struct LocalResponseLowering: Lowering {
  let context: PlanningContext
  let response: LocalResponse

  func lower(_ index: Int) throws(DNNLError) {
    let output = program.instructions[index].output
    let source = input(of: index)
    let isImage = dims(output).count == 4
    let image = Array(dims(source)[..<2]) + [dims(source)[2...].reduce(1, *), 1]
    func make(_ form: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try .localResponse(
        engine, src: isImage ? form : MemoryDescriptor(image, form.dataType ?? .f32),
        size: response.size, alpha: Float(response.alpha), beta: Float(response.beta),
        k: Float(response.k), attributes())
    }
    let (type, form) = try reader.chooseForm(
      of: source, for: index, numbers.floatTypes, moves: isImage, make)
    guard let form else {
      return try HostLowering(context: context, kernel: LocalResponseKernel(response: response))
        .lower(index, insteadOf: "lrn", "lrn_across_channels", inPlace: false)
    }
    let src =
      try isImage
      ? reader.tensor(of: source, as: form) : reader.plainView(of: source, dims: image, type)
    let descriptor = try make(form)
    let dst = table.newBuffer(try descriptor.required(.dst))
    try emitter.emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "lrn", algorithm: "lrn_across_channels", sources: [index]))
    emitter.complete([index], in: try isImage ? dst : dst.viewed(dims(output)))
  }
}
