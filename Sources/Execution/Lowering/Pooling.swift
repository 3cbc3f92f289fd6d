import DNNL
import Measuring
import Topology

/// A pooling in the memory format of its source.
struct PoolingLowering: Lowering {
  let context: PlanningContext
  let pooling: Topology.Pooling

  func lower(_ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    let algorithm: PoolingAlgorithm =
      switch (pooling.kind, pooling.countIncludePad) {
      case (.max, _): .max
      case (.avg, true): .averageIncludingPadding
      case (.avg, false): .averageExcludingPadding
      }
    let window = Window(
      strides: pooling.stride, dilation: pooling.stride.map { _ in 1 },
      paddingBegin: pooling.paddingBegin, paddingEnd: pooling.paddingEnd)
    func make(_ src: MemoryDescriptor, _ type: DataType) throws(DNNLError) -> PrimitiveDescriptor {
      try .pooling(
        engine, algorithm, src: src, dst: MemoryDescriptor.open(dims(instruction.output), type),
        kernel: pooling.kernel, window, attributes())
    }
    func make(_ form: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try make(form, form.dataType ?? .f32)
    }
    // In plain order oneDNN has loops of single numbers, `simple_nchw`.
    let countsPadding =
      pooling.kind == .avg && pooling.countIncludePad
      && (pooling.paddingBegin + pooling.paddingEnd).contains { $0 > 0 }
    let isShifted = table.made(source)?.zeroPoint ?? 0 != 0
    if countsPadding, isShifted { numbers.note("padding is no 0 among 8-bit numbers") }
    let types =
      countsPadding && isShifted
      ? [.f32]
      : numbers.followedTypes(of: source, rounds: pooling.kind == .avg, to: instruction.output)
    var (type, form) = try reader.chooseForm(
      of: source, for: index, types,
      isGood: { Implementation.quality($0) > 0 && !$0.hasPrefix("simple") }, make)
    if form == nil {
      (type, form) = try reader.chooseForm(of: source, for: index, types, make)
    }
    let src =
      if let form { try reader.tensor(of: source, as: form) } else {
        try reader.tensor(of: source, for: index, type: type)
      }
    let descriptor = try make(src.descriptor, type)
    let dst = table.newBuffer(try descriptor.required(.dst), as: src.format)
    try emitter.emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(
        kind: "pooling", algorithm: algorithm.rawValue, sources: [index],
        touched: TouchedParts(
          pooling.validTaps(
            input: dims(source).dropFirst(2), output: dims(instruction.output).dropFirst(2)),
          input: dims(source).dropFirst(2), kernel: pooling.kernel)))
    emitter.complete([index], in: dst)
  }
}
