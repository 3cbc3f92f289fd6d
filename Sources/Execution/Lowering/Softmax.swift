import DNNL
import Measuring
import Topology

/// A softmax or its logarithm, as its source lies or in plain order.
struct SoftmaxLowering: Lowering {
  let context: PlanningContext
  let axis: Int
  let logarithm: Bool

  func lower(_ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let algorithm = logarithm ? "softmax_log" : "softmax_accurate"
    func make(_ form: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try .softmax(engine, src: form, dst: form, axis: axis, logarithm: logarithm, attributes())
    }
    let (_, form) = try reader.chooseForm(
      of: source, for: index, numbers.floatTypes, moves: false, make)
    guard let form else {
      return try HostLowering(
        context: context, kernel: AxisSoftmax(axis: axis, logarithm: logarithm)
      ).lower(index, insteadOf: "softmax", algorithm, inPlace: true)
    }
    let src = try reader.tensor(of: source, as: form)
    let descriptor = try make(form)
    let dst = table.isOverwritable(src, by: [index]) ? src : table.newBuffer(src.descriptor)
    try emitter.emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "softmax", algorithm: algorithm, sources: [index]))
    emitter.complete([index], in: dst)
  }
}
