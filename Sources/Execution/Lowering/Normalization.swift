import DNNL
import Topology

extension Planner {
  /// A batch normalisation of its own, in the format of its source.
  func lowerBatchNormalization(epsilon: Double, _ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let type = program.values[source]
    let axis = type.layout.channelAxis ?? 1
    let channels = type.dims[axis]
    let src: Tensor
    if axis == 1, (2...5).contains(type.dims.count) {
      src = try tensor(of: source, for: index)
    } else {
      let outer = type.dims[..<axis].reduce(1, *)
      let inner = type.dims[(axis + 1)...].reduce(1, *)
      src = try plainView(of: source, dims: [outer, channels] + (inner > 1 ? [inner] : []))
    }
    let site = FusionSite(anchor: index, dims: src.descriptor.dims) {
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
    let readers = [index] + fused.epilogue.links.map(\.instruction)
    let others = fused.epilogue.operands.map(\.tensor.buffer)
    let inPlace = !others.contains(src.buffer) && isOverwritable(src, by: readers)
    try emit(
      fused, arguments, StepFacts(kind: "batch_normalization", sources: [index]),
      reusing: inPlace ? src : nil)
  }

  /// A softmax or its logarithm in plain order.
  func lowerSoftmax(axis: Int, logarithm: Bool, _ index: Int) throws(DNNLError) {
    let src = try plainTensor(of: input(of: index))
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.softmax(
      engine, src: src.descriptor, dst: src.descriptor, axis: axis, logarithm: logarithm,
      attributes)
    let dst = isOverwritable(src, by: [index]) ? src : newBuffer(src.descriptor)
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(
        kind: "softmax", algorithm: logarithm ? "softmax_log" : "softmax_accurate",
        sources: [index]))
    complete([index], in: dst)
  }

  /// A layer normalisation of plain rows.
  func lowerLayerNormalization(epsilon: Double, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    let width = instruction.weights[0].elementCount
    let rows = dims(source).reduce(1, *) / width
    let src = try plainView(of: source, dims: [rows, width])
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.layerNormalization(
      engine, src: src.descriptor, epsilon: Float(epsilon), attributes)
    var arguments: [(Argument, Operand)] = [(.src, .tensor(src))]
    for (argument, role) in [(Argument.scale, WeightRole.scale), (.shift, .shift)] {
      let constant = try load(role, of: index, as: MemoryDescriptor([width]))
      arguments.append((argument, .constant(constant)))
    }
    let dst = isOverwritable(src, by: [index]) ? src : newBuffer(src.descriptor)
    try emit(
      descriptor, arguments + [(.dst, .tensor(dst))],
      StepFacts(kind: "layer_normalization", sources: [index]))
    let whole = try MemoryDescriptor(dims(instruction.output))
    complete([index], in: Tensor(buffer: dst.buffer, descriptor: whole))
  }

  /// A local response normalisation, in the format of the image.
  func lower(_ response: LocalResponse, _ index: Int) throws(DNNLError) {
    let output = program.instructions[index].output
    let source = input(of: index)
    let src: Tensor
    if dims(source).count == 4 {
      src = try tensor(of: source, for: index)
    } else {
      let space = dims(source)[2...].reduce(1, *)
      src = try plainView(of: source, dims: Array(dims(source)[..<2]) + [space, 1])
    }
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.localResponse(
      engine, src: src.descriptor, size: response.size, alpha: Float(response.alpha),
      beta: Float(response.beta), k: Float(response.k), attributes)
    let dst = newBuffer(try descriptor.required(.dst))
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "lrn", algorithm: "lrn_across_channels", sources: [index]))
    let isImage = dims(output).count == 4
    let whole = try isImage ? dst.descriptor : MemoryDescriptor(dims(output))
    complete([index], in: Tensor(buffer: dst.buffer, descriptor: whole))
  }
}
