import DNNL
import Measuring
import Topology

/// Runs implementations on the numbers of a place: whether they compute the same, and how much they
/// round.
struct ImplementationCheck {
  let settings: SearchSettings
  let loader: ConstantLoader
  let engine: DNNL.Engine
  let stream: Stream

  private var flow: Dataflow { settings.flow }

  /// Compares what each timed implementation of a place computes with what oneDNN's own choice does (or
  /// the first that was timed), post-ops included, and marks those that differ by more than rounding.
  func check(
    _ found: inout [TunedImplementation], _ site: FusionSite, _ epilogue: Epilogue,
    dst: MemoryDescriptor, _ key: String
  ) throws(DNNLError) {
    // Reference loops would take longer than all trials together.
    guard let own = found.first(where: { $0.time != nil }),
      found.contains(where: { $0.time != nil && $0 != own })
    else { return }
    let inputs = CheckedInputs(seed: settings.options.seed)
    guard let expected = try output(of: own, site, epilogue, dst, inputs, key) else { return }
    for index in found.indices where found[index].time != nil && found[index] != own {
      let entry = found[index]
      guard let result = try output(of: entry, site, epilogue, dst, inputs, key) else { continue }
      let tolerance = ImplementationCheck.tolerance(entry, site)
      if !ResultCheck.agrees(result, with: expected, tolerance: tolerance) {
        found[index].time = nil
        found[index].fault = .wrongResult
      }
    }
  }

  /// How much of the largest result rounding may change.
  ///
  /// f32 sums of some thousand products differ by 1e-5 with their order; Winograd's transforms cost up
  /// to 1e-4 ("wrong" results seen are off by 0.1 and more). bf16 has 8 bits, and 8-bit results are
  /// off by a unit or two.
  private static func tolerance(_ entry: TunedImplementation, _ site: FusionSite) -> Float {
    switch site.type {
    case .f32: entry.algorithm == ConvolutionAlgorithm.winograd.rawValue ? 2e-3 : 5e-4
    default: 5e-2
    }
  }

  /// What an implementation computes on seeded values, in plain order; `nil` where it cannot be made.
  private func output(
    of entry: TunedImplementation, _ site: FusionSite, _ epilogue: Epilogue,
    _ dst: MemoryDescriptor, _ inputs: CheckedInputs, _ key: String
  ) throws(DNNLError) -> [Float]? {
    do throws(DNNLError) {
      var descriptor = try site.variants[entry.variant](
        epilogue.attributes(), dst.retyped(epilogue.format.type), !epilogue.folded.isEmpty)
      while try !entry.isMade(by: descriptor) {
        guard try descriptor.advance() else { return nil }
      }
      settings.tunings.journal(.begins(key: key, entry))
      return try output(of: descriptor, site, epilogue, inputs)
    } catch {
      guard error.isRefusal else { throw error }
      return nil
    }
  }

  private func output(
    of descriptor: borrowing PrimitiveDescriptor, _ site: FusionSite, _ epilogue: Epilogue,
    _ inputs: CheckedInputs
  ) throws(DNNLError) -> [Float] {
    var list: [(Argument, Memory)] = []
    var buffers: [HugeBuffer] = []
    func bind(_ argument: Argument, _ wanted: MemoryDescriptor, isFilled: Bool) throws(DNNLError) {
      let buffer = try HugeBuffer(bytes: wanted.size)
      buffers.append(buffer)
      list.append((argument, try Memory(wanted, engine, data: buffer.base)))
      guard isFilled else { return }
      var values = inputs.values(argument, wanted) {
        loader.values($0, of: site.anchor)
      }
      try move(&values, wanted.dims, to: wanted, buffer, reading: false)
    }
    for argument in Trial.arguments {
      guard let wanted = try descriptor.descriptor(argument) else { continue }
      let isFilled =
        argument == .dst ? epilogue.accumulator != nil : argument != .scratchpad
      try bind(argument, wanted, isFilled: isFilled)
    }
    for (postOp, tensor) in epilogue.operands {
      try bind(.postOp(postOp), tensor.descriptor, isFilled: true)
    }
    try DNNL.Primitive(descriptor).execute(stream, list)
    let result = try descriptor.required(.dst)
    var values = [Float](repeating: 0, count: result.dims.reduce(1, *))
    if let place = list.firstIndex(where: { $0.0 == .dst }) {
      try move(&values, result.dims, to: result, buffers[place], reading: true)
    }
    return values
  }

  /// How far an implementation's results lie from those of the direct algorithm.
  ///
  /// Both run without post-ops on the place's own weights and a random source. The answer is the
  /// largest difference of an element as a share of the largest magnitude of all. Winograd's
  /// transforms subtract large terms, which costs digits (Lavin and Gray, "Fast algorithms for
  /// convolutional neural networks", CVPR 2016).
  func numericalError(of entry: TunedImplementation, _ site: FusionSite, dst: MemoryDescriptor)
    throws(DNNLError) -> Double?
  {
    do throws(DNNLError) {
      let direct = try result(of: nil, site, dst)
      let other = try result(of: entry, site, dst)
      var largest: Float = 0
      var difference: Float = 0
      for index in direct.indices {
        largest = max(largest, abs(direct[index]))
        difference = max(difference, abs(direct[index] - other[index]))
      }
      // Beyond, one wrong result is as bad as another, and what JSON cannot hold would be lost.
      return largest > 0 ? min(Double(difference / largest), 1e9) : nil
    } catch {
      guard error.isRefusal else { throw error }
      return nil
    }
  }

  /// The result of an implementation, or of oneDNN's own choice, in plain order.
  private func result(of entry: TunedImplementation?, _ site: FusionSite, _ dst: MemoryDescriptor)
    throws(DNNLError) -> [Float]
  {
    let none = try PrimitiveAttributes.planned()
    var descriptor = try site.variants[entry?.variant ?? 0](none, dst, false)
    if let entry {
      while try !entry.isMade(by: descriptor) {
        guard try descriptor.advance() else {
          throw DNNLError(call: "dnnl_primitive_desc_next_impl", status: .unimplemented)
        }
      }
    }
    let extents = flow.dims(flow.program.instructions[site.anchor].output)
    var list: [(Argument, Memory)] = []
    var buffers: [HugeBuffer] = []
    func bind(_ argument: Argument, _ wanted: MemoryDescriptor) throws(DNNLError) {
      let buffer = try HugeBuffer(bytes: wanted.size)
      buffers.append(buffer)
      list.append((argument, try Memory(wanted, engine, data: buffer.base)))
    }
    for argument in [Argument.src, .weights, .bias, .dst, .scratchpad] {
      guard let wanted = try descriptor.descriptor(argument) else { continue }
      try bind(argument, wanted)
      guard argument != .dst, argument != .scratchpad else { continue }
      var values = SeededWeights(seed: settings.options.seed)
        .input(0, count: wanted.dims.reduce(1, *))
      let role: WeightRole? =
        argument == .weights ? .weights : argument == .bias ? .bias : nil
      if let role, let own = loader.values(role, of: site.anchor) { values = own }
      try move(&values, wanted.dims, to: wanted, buffers[buffers.count - 1], reading: false)
    }
    try DNNL.Primitive(descriptor).execute(stream, list)
    let wanted = try descriptor.required(.dst)
    var values = [Float](repeating: 0, count: extents.reduce(1, *))
    guard let place = list.firstIndex(where: { $0.0 == .dst }) else { return values }
    try move(&values, wanted.dims, to: wanted, buffers[place], reading: true)
    return values
  }

  /// Copies plain values into memory in some format, or out of it.
  private func move(
    _ values: inout [Float], _ dims: [Int], to format: MemoryDescriptor, _ buffer: HugeBuffer,
    reading: Bool
  ) throws(DNNLError) {
    let plain = try MemoryDescriptor(dims)
    let none = try PrimitiveAttributes.make()
    let copy = try DNNL.Primitive(
      .reorder(engine, src: reading ? format : plain, dst: reading ? plain : format, none))
    let there = try Memory(format, engine, data: buffer.base)
    let store = try HugeBuffer(bytes: plain.size)
    let elements = store.base.bindMemory(to: Float.self, capacity: values.count)
    if !reading { elements.update(from: values, count: values.count) }
    let here = try Memory(plain, engine, data: store.base)
    try copy.execute(
      stream, [(.src, reading ? there : here), (.dst, reading ? here : there)])
    if reading {
      values.withUnsafeMutableBufferPointer { target in
        _ = target.update(fromContentsOf: UnsafeBufferPointer(start: elements, count: target.count))
      }
    }
  }
}

/// The values that all implementations of one place are checked on, made once.
private final class CheckedInputs {
  private let seed: UInt64
  private var known: [Argument: [Float]] = [:]

  init(seed: UInt64) { self.seed = seed }

  /// The values of an argument in plain order: a layer's own constants, else uniform in ±1; as wide
  /// as 8-bit numbers may be where they are that.
  func values(
    _ argument: Argument, _ wanted: MemoryDescriptor, ofLayer own: (WeightRole) -> [Float]?
  ) -> [Float] {
    if let values = known[argument] { return values }
    let roles: [Argument: WeightRole] = [
      .weights: .weights, .weightsIteration: .weightsIteration, .bias: .bias,
    ]
    let type = wanted.dataType ?? .f32
    let count = wanted.dims.reduce(1, *)
    var values: [Float]
    if !type.isQuantized, let role = roles[argument],
      let own = own(role), own.count == count
    {
      values = own
    } else {
      values = SeededWeights(seed: seed)
        .input(known.count, count: count)
    }
    // Two products of such numbers fit 16 bits, which some CPUs add them in.
    switch type {
    case .u8: for index in values.indices { values[index] = (values[index] + 1) * 100 }
    case .s8: for index in values.indices { values[index] *= 60 }
    default: break
    }
    known[argument] = values
    return values
  }
}
