import DNNL
import Measuring
import Topology

extension Planner {
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
    let inputs = CheckedInputs()
    guard let expected = try output(of: own, site, epilogue, dst, inputs, key) else { return }
    for index in found.indices where found[index].time != nil && found[index] != own {
      let entry = found[index]
      guard let result = try output(of: entry, site, epilogue, dst, inputs, key) else { continue }
      let tolerance = Planner.tolerance(entry, site)
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
        attributes(epilogue), dst.retyped(epilogue.format.type), !epilogue.folded.isEmpty)
      while try !entry.isMade(by: descriptor) {
        guard try descriptor.advance() else { return nil }
      }
      tunings.journal(.begins(key: key, entry))
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
      var values = inputs.values(argument, wanted, self, site)
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
}

/// The values that all implementations of one place are checked on, made once.
private final class CheckedInputs {
  private var known: [Argument: [Float]] = [:]

  /// The values of an argument in plain order: a layer's own constants, else uniform in ±1; as wide
  /// as 8-bit numbers may be where they are that.
  func values(
    _ argument: Argument, _ wanted: MemoryDescriptor, _ planner: Planner, _ site: FusionSite
  ) -> [Float] {
    if let values = known[argument] { return values }
    let roles: [Argument: WeightRole] = [
      .weights: .weights, .weightsIteration: .weightsIteration, .bias: .bias,
    ]
    let type = wanted.dataType ?? .f32
    let count = wanted.dims.reduce(1, *)
    var values: [Float]
    if !type.isQuantized, let role = roles[argument],
      let own = planner.values(role, of: site.anchor), own.count == count
    {
      values = own
    } else {
      values = SeededWeights(seed: planner.options.seed)
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
