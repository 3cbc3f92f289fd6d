import DNNL
import Topology

extension Planner {
  /// A relu with trained slopes, in the format of an image or on plain rows.
  func lowerParametricRelu(_ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let type = program.values[source]
    let slopes = program.instructions[index].weights[0].elementCount
    // One slope suits any order of the elements.
    let axis = slopes == 1 ? 1 : type.layout.channelAxis ?? 1
    let isDirect = axis == 1 && (2...5).contains(type.dims.count)
    let inner = slopes == 1 ? 1 : type.dims[(axis + 1)...].reduce(1, *)
    let rows = [type.elementCount / (slopes * inner), slopes] + (inner > 1 ? [inner] : [])
    let view = isDirect ? type.dims : rows
    var slopeDims = Array(repeating: 1, count: view.count)
    slopeDims[1] = slopes
    func make(_ src: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try .parametricRelu(
        engine, src: src, slopes: anyDescriptor(slopeDims, .f32), attributes())
    }
    let lying = try isDirect ? tensor(of: source).descriptor : MemoryDescriptor(view)
    let number = try choose(floatTypes) { (type) throws(DNNLError) in
      try make(Planner.alike(lying, type))
    }
    let src =
      try isDirect
      ? tensor(of: source, for: index, type: number) : plainView(of: source, dims: view, number)
    let descriptor = try make(src.descriptor)
    let constant = try load(.slope, of: index, as: descriptor.required(.weights))
    let dst = isOverwritable(src, by: [index]) ? src : newBuffer(src.descriptor)
    try emit(
      descriptor, [(.src, .tensor(src)), (.weights, .constant(constant)), (.dst, .tensor(dst))],
      StepFacts(kind: "prelu", sources: [index]))
    complete(
      [index], in: try isDirect ? dst : dst.viewed(dims(program.instructions[index].output)))
  }
}
