import DNNL
import Measuring
import Topology

extension Planner {
  /// A batch normalisation of its own, in the format of its source.
  func lowerBatchNormalization(epsilon: Double, _ index: Int) throws(DNNLError) {
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
    let (number, form) = try chooseForm(
      of: source, for: index, floatTypes, moves: isDirect, make)
    let plain = try MemoryDescriptor(type.dims, number)
    let src = try tensor(of: source, as: isDirect ? form ?? plain : plain).reshaped(view)
    let site = FusionSite(
      anchor: index, dims: src.descriptor.dims, type: number, keepsType: true
    ) {
      [engine] (attributes: borrowing PrimitiveAttributes, _, _) throws(DNNLError)
        -> PrimitiveDescriptor in
      try .batchNormalization(engine, src: src.descriptor, epsilon: Float(epsilon), attributes)
    }
    let fused = try fuse(site, dst: src.descriptor)
    var arguments: [(Argument, Operand)] = [(.src, .tensor(src))]
    for (argument, role) in [
      (Argument.scale, WeightRole.scale), (.shift, .shift), (.mean, .mean), (.variance, .variance),
    ] {
      let constant = try load(role, of: index, as: MemoryDescriptor([channels]))
      arguments.append((argument, .constant(constant)))
    }
    let readers = [index] + fused.epilogue.links.flatMap(\.instructions)
    let others = fused.epilogue.operands.map(\.tensor.buffer)
    let inPlace = !others.contains(src.buffer) && isOverwritable(src, by: readers)
    try emit(
      fused, arguments, StepFacts(kind: "batch_normalization", sources: [index]),
      reusing: inPlace ? src : nil)
  }

  /// A softmax or its logarithm, as its source lies or in plain order.
  func lowerSoftmax(axis: Int, logarithm: Bool, _ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let algorithm = logarithm ? "softmax_log" : "softmax_accurate"
    func make(_ form: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try .softmax(engine, src: form, dst: form, axis: axis, logarithm: logarithm, attributes())
    }
    let (_, form) = try chooseForm(of: source, for: index, floatTypes, moves: false, make)
    guard let form else {
      return try lower(
        AxisSoftmax(axis: axis, logarithm: logarithm), insteadOf: "softmax", algorithm, index,
        inPlace: true)
    }
    let src = try tensor(of: source, as: form)
    let descriptor = try make(form)
    let dst = isOverwritable(src, by: [index]) ? src : newBuffer(src.descriptor)
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "softmax", algorithm: algorithm, sources: [index]))
    complete([index], in: dst)
  }

  /// A layer normalisation of plain rows.
  func lowerLayerNormalization(epsilon: Double, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    let width = instruction.weights[0].elementCount
    let rows = dims(source).reduce(1, *) / width
    func make(_ type: DataType) throws(DNNLError) -> PrimitiveDescriptor {
      try .layerNormalization(
        engine, src: MemoryDescriptor([rows, width], type), epsilon: Float(epsilon), attributes())
    }
    let type = try choose(floatTypes) { (type) throws(DNNLError) in try make(type) }
    let src = try plainView(of: source, dims: [rows, width], type)
    let descriptor = try make(type)
    var arguments: [(Argument, Operand)] = [(.src, .tensor(src))]
    for (argument, role) in [(Argument.scale, WeightRole.scale), (.shift, .shift)] {
      let constant = try load(role, of: index, as: MemoryDescriptor([width]))
      arguments.append((argument, .constant(constant)))
    }
    let dst = isOverwritable(src, by: [index]) ? src : newBuffer(src.descriptor)
    try emit(
      descriptor, arguments + [(.dst, .tensor(dst))],
      StepFacts(kind: "layer_normalization", sources: [index]))
    complete([index], in: try dst.viewed(dims(instruction.output)))
  }

  /// A local response normalisation, in the format of the image.
  func lower(_ response: LocalResponse, _ index: Int) throws(DNNLError) {
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
    let (type, form) = try chooseForm(of: source, for: index, floatTypes, moves: isImage, make)
    guard let form else {
      return try lower(
        LocalResponseKernel(response: response), insteadOf: "lrn", "lrn_across_channels", index,
        inPlace: false)
    }
    let src =
      try isImage ? tensor(of: source, as: form) : plainView(of: source, dims: image, type)
    let descriptor = try make(form)
    let dst = newBuffer(try descriptor.required(.dst))
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "lrn", algorithm: "lrn_across_channels", sources: [index]))
    complete([index], in: try isImage ? dst : dst.viewed(dims(output)))
  }
}
