import DNNL
import Measuring
import Topology

/// A relu with trained slopes, in the format of an image or on plain rows.
struct ParametricReluLowering: Lowering {
  let context: PlanningContext

  func lower(_ index: Int) throws(DNNLError) {
    // oneDNN 2.6 has reference loops for one slope of all elements.
    if let eltwise = loader.sharedSlope(of: index) {
      return try ElementwiseLowering(context: context, eltwise: eltwise).lower(index)
    }
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
        slopes: MemoryDescriptor.open(slopeDims, .f32), attributes())
    }
    let (number, form) = try reader.chooseForm(
      of: source, for: index, numbers.floatTypes, moves: isDirect, make)
    let plain = try MemoryDescriptor(type.dims, number)
    let lying = try reader.tensor(of: source, as: isDirect ? form ?? plain : plain)
    let descriptor = try make(lying.descriptor)
    let src = try isDirect ? lying : lying.viewed(view)
    let constant = try loader.load(.slope, of: index, as: descriptor.required(.weights))
    let isRepeatable =
      (slopes < type.elementCount || !Quirk.preluRepeatsInPlace.holds)
      && table.isOverwritable(src, by: [index])
    let dst = isRepeatable ? src : table.newBuffer(src.descriptor)
    try emitter.emit(
      descriptor, [(.src, .tensor(src)), (.weights, .constant(constant)), (.dst, .tensor(dst))],
      StepFacts(kind: "prelu", sources: [index]))
    emitter.complete(
      [index], in: try isDirect ? dst : dst.viewed(dims(program.instructions[index].output)))
  }
}
