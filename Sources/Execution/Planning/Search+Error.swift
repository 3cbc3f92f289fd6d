import DNNL
import Measuring
import Topology

extension Planner {
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
      return largest > 0 ? Double(difference / largest) : nil
    } catch {
      guard error.isRefusal else { throw error }
      return nil
    }
  }

  /// The result of an implementation, or of oneDNN's own choice, in plain order.
  private func result(of entry: TunedImplementation?, _ site: FusionSite, _ dst: MemoryDescriptor)
    throws(DNNLError) -> [Float]
  {
    let none = try attributes()
    var descriptor = try site.variants[entry?.variant ?? 0](none, dst, false)
    if let entry {
      while try !entry.isMade(by: descriptor) {
        guard try descriptor.advance() else {
          throw DNNLError(call: "dnnl_primitive_desc_next_impl", status: .unimplemented)
        }
      }
    }
    let instruction = program.instructions[site.anchor]
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
      var values = SeededWeights(seed: options.seed)
        .input(0, count: wanted.dims.reduce(1, *))
      let role: WeightRole? =
        argument == .weights ? .weights : argument == .bias ? .bias : nil
      if let role, let own = self.values(role, of: site.anchor) { values = own }
      try move(&values, wanted.dims, to: wanted, buffers[buffers.count - 1], reading: false)
    }
    try DNNL.Primitive(descriptor).execute(stream, list)
    let wanted = try descriptor.required(.dst)
    var values = [Float](repeating: 0, count: dims(instruction.output).reduce(1, *))
    guard let place = list.firstIndex(where: { $0.0 == .dst }) else { return values }
    try move(&values, wanted.dims, to: wanted, buffers[place], reading: true)
    return values
  }

  /// Copies plain values into memory in some format, or out of it.
  func move(
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
