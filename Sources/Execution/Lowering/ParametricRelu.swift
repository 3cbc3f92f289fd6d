import DNNL
import Measuring
import Topology

extension Planner {
  /// A relu with trained slopes, in the format of an image or on plain rows.
  func lowerParametricRelu(_ index: Int) throws(DNNLError) {
    if let eltwise = sharedSlope(of: index) { return try lower(eltwise, index) }
    let source = input(of: index)
    let type = program.values[source]
    let slopes = program.instructions[index].weights[0].elementCount
    let axis = type.layout.channelAxis ?? 1
    let isDirect = axis == 1 && (2...5).contains(type.dims.count)
    let inner = type.dims[(axis + 1)...].reduce(1, *)
    let rows = [type.elementCount / (slopes * inner), slopes] + (inner > 1 ? [inner] : [])
    let view = isDirect ? type.dims : rows
    var slopeDims = Array(repeating: 1, count: view.count)
    slopeDims[1] = slopes
    func make(_ form: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try .parametricRelu(
        engine, src: isDirect ? form : MemoryDescriptor(view, form.dataType ?? .f32),
        slopes: anyDescriptor(slopeDims, .f32), attributes())
    }
    let (number, form) = try chooseForm(
      of: source, for: index, floatTypes, moves: isDirect, make)
    let plain = try MemoryDescriptor(type.dims, number)
    let lying = try tensor(of: source, as: isDirect ? form ?? plain : plain)
    let descriptor = try make(lying.descriptor)
    let src = try isDirect ? lying : lying.viewed(view)
    let constant = try load(.slope, of: index, as: descriptor.required(.weights))
    let isRepeatable =
      (slopes < type.elementCount || !Quirk.preluRepeatsInPlace.holds)
      && isOverwritable(src, by: [index])
    let dst = isRepeatable ? src : newBuffer(src.descriptor)
    try emit(
      descriptor, [(.src, .tensor(src)), (.weights, .constant(constant)), (.dst, .tensor(dst))],
      StepFacts(kind: "prelu", sources: [index]))
    complete(
      [index], in: try isDirect ? dst : dst.viewed(dims(program.instructions[index].output)))
  }

  /// The function of an instruction that has one slope for all elements: oneDNN 2.6 has reference
  /// loops for that, but it is a leaky relu; `nil` for any other.
  func sharedSlope(of index: Int) -> Topology.Eltwise? {
    let instruction = program.instructions[index]
    guard case .parametricRelu = instruction.operation, instruction.weights[0].elementCount == 1,
      let slope = values(.slope, of: index)?.first
    else { return nil }
    return Eltwise(.relu, alpha: Double(slope))
  }
}
