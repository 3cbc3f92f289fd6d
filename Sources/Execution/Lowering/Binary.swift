import DNNL
import Measuring
import Topology

/// One way in which oneDNN runs a binary operation: how both operands are seen.
private struct BinaryForm {
  let first: MemoryDescriptor
  let second: MemoryDescriptor
  /// How the second operand lies, in its own dims with ones before them.
  let secondMemory: MemoryDescriptor
}

/// A binary operation, with the functions behind it fused.
///
/// Of operands that are repeated oneDNN 2.6 has reference loops unless both lie alike, and for many
/// patterns even then. Tried in this order: as the first operand lies, with the second one alike,
/// then plain; in fewer dimensions, where those are joined along which both go on alike; loops of
/// our own, in the order in which the first one lies; and all of it again in plain order.
struct BinaryLowering: Lowering {
  let context: PlanningContext
  let kind: BinaryKind

  func lower(_ index: Int) throws(DNNLError) {
    let first = input(of: index)
    guard dims(first) == dims(program.instructions[index].output) else {
      return try lowerRepeated(index)
    }
    var type = DataType.f32
    for wanted in types(of: index) {
      type = wanted
      if wanted == .f32 { break }
      let lying = try MemoryDescriptor.alike(reader.tensor(of: first).descriptor, wanted)
      if try form(index, lying) != nil { break }
      numbers.note("oneDNN has only reference loops in \(wanted.rawValue)")
    }
    var src = try reader.tensor(of: first, for: index, type: type)
    for isLast in [false, true] {
      if let form = try self.form(index, src.descriptor) {
        do throws(DNNLError) {
          return try lower(index, src, form)
        } catch {
          guard type == .u8, error.isRefusal else { throw error }
          numbers.note("oneDNN has no u8 implementation that rounds as the network does")
          type = .f32
          src = try reader.tensor(of: first, for: index, type: type)
          if let form = try self.form(index, src.descriptor) {
            return try lower(index, src, form)
          }
        }
      }
      if type == .f32, try lowerHost(index, src) { return }
      if !isLast { src = try reader.plainTensor(of: first, type) }
    }
    throw DNNLError(call: "dnnl_binary_primitive_desc_create", status: .unimplemented)
  }

  /// The types to try: 8 bits where an operand is made of them and the result is wanted in them.
  private func types(of index: Int) -> [DataType] {
    if kind.isComparison {
      numbers.note("rounded numbers would compare otherwise")
      return [.f32]
    }
    guard options.precision == .int8 else { return numbers.floatTypes }
    if numbers.ownsScales { return ownTypes(of: index) }
    let (first, second) = (input(0, of: index), input(1, of: index))
    let isNear =
      numbers.storedType(of: first).isQuantized || numbers.storedType(of: second).isQuantized
    guard isNear, numbers.isQuantized(program.instructions[index].output),
      numbers.quantized(second) != nil,
      let format = numbers.quantized(first)
    else { return [.f32] }
    return [format.type, .f32]
  }

  /// The types of a network that quantises itself: 8 bits where both operands are, and the result
  /// is rounded to 8 bits behind what can be fused.
  private func ownTypes(of index: Int) -> [DataType] {
    let formats = [0, 1].compactMap { table.made(input($0, of: index))?.format }
    let links = fuser.chains.chain(from: index, channelAxis: nil, quantizes: true)
    guard formats.count == 2, formats.allSatisfy({ $0.type == .u8 }),
      case .quantize? = links.last?.action
    else {
      numbers.note("the network rounds neither or not all of what it reads and makes")
      return [.f32]
    }
    switch kind {
    case .add, .sub: return [.u8, .f32]
    case .mul where formats.allSatisfy({ $0.zeroPoint == 0 }): return [.u8, .f32]
    default:
      numbers.note("oneDNN's has no zero points")
      return [.f32]
    }
  }

  private func primitive(_ form: BinaryForm) throws(DNNLError)
    -> PrimitiveDescriptor
  {
    try .binary(
      engine, BinaryAlgorithm(kind), src0: form.first, src1: form.second, dst: form.first,
      attributes())
  }

  /// The first way that is more than reference loops; `nil` where there is none.
  private func form(_ index: Int, _ first: MemoryDescriptor)
    throws(DNNLError) -> BinaryForm?
  {
    for form in try forms(index, first) {
      do throws(DNNLError) {
        if Implementation.quality(try primitive(form).implementation) > 0 { return form }
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    return nil
  }

  private func forms(_ index: Int, _ first: MemoryDescriptor) throws(DNNLError)
    -> [BinaryForm]
  {
    let value = input(1, of: index)
    let whole = first.dims
    // 8-bit operands may differ in their sign.
    let own = first.dataType ?? .f32
    let type = own.isQuantized ? numbers.quantized(value)?.type ?? own : own
    if dims(value) == whole {
      let second = try MemoryDescriptor.alike(first, type)
      return [BinaryForm(first: first, second: second, secondMemory: second)]
    }
    let extents = leading(dims(value), rank: whole.count)
    let plain = try MemoryDescriptor(extents, type)
    var forms: [BinaryForm] = []
    if dims(value).count == whole.count,
      let format = MemoryFormat(first.format, rank: whole.count)
    {
      let alike = try MemoryDescriptor(extents, type, format)
      // In blocks of channels, a single one would be padded to a block.
      if alike.size == plain.size || alike.logicalBytes == type.size
        || extents.count > 1 && extents[1] == whole[1]
      {
        forms.append(BinaryForm(first: first, second: alike, secondMemory: alike))
      }
    }
    forms.append(BinaryForm(first: first, second: plain, secondMemory: plain))
    guard try first == MemoryDescriptor(whole, own), !own.isQuantized else { return forms }
    let (joined, other) = Self.joined(whole, extents)
    for view in Self.views(joined, other) {
      forms.append(
        BinaryForm(
          first: try MemoryDescriptor(view.0, own), second: try MemoryDescriptor(view.1, type),
          secondMemory: plain))
    }
    return forms
  }

  /// The dims of both operands with neighbours joined that are both repeated in the second one, or
  /// both not.
  private static func joined(_ whole: [Int], _ second: [Int]) -> ([Int], [Int]) {
    var result: ([Int], [Int]) = ([], [])
    for (extent, other) in zip(whole, second) where extent > 1 {
      if let last = result.0.last, (result.1.last == last) == (other == extent) {
        result.0[result.0.count - 1] *= extent
        result.1[result.1.count - 1] *= other
      } else {
        result.0.append(extent)
        result.1.append(other)
      }
    }
    return result
  }

  /// Joined dims as oneDNN knows them: as channels where they are repeated behind or before.
  private static func views(_ whole: [Int], _ second: [Int]) -> [([Int], [Int])] {
    guard (1...4).contains(whole.count) else { return [] }
    var views: [([Int], [Int])] = []
    if second[0] == whole[0] { views.append(([1] + whole, [1] + second)) }
    if whole.count > 1 { views.append((whole, second)) }
    return views.filter { $0.0.count > 1 }
  }

  private func lower(
    _ index: Int, _ src: Tensor, _ form: BinaryForm
  ) throws(DNNLError) {
    let value = input(1, of: index)
    let memory = form.secondMemory
    let other =
      try dims(value) == memory.dims
      ? reader.tensor(of: value, as: memory)
      : reader.plainView(of: value, dims: memory.dims, memory.dataType ?? .f32)
    let (src0, src1) = (src.viewed(as: form.first), other.viewed(as: form.second))
    let algorithm = BinaryAlgorithm(kind)
    var site = FusionSite(
      anchor: index, dims: src0.descriptor.dims, type: src0.type,
      keepsType: !src0.type.isQuantized
    ) {
      [engine] (attributes: borrowing PrimitiveAttributes, dst, _) throws(DNNLError)
        -> PrimitiveDescriptor
      in
      try .binary(
        engine, algorithm, src0: src0.descriptor, src1: src1.descriptor, dst: dst, attributes)
    }
    if src0.type.isQuantized {
      let scales = (src0.scale, src1.scale)
      let isProduct = kind == .mul || kind == .div
      site.scaling = { factor, _ in
        var scaling = Scaling()
        scaling.operands = [
          (.src, scales.0 * factor), (.src1, isProduct ? scales.1 : scales.1 * factor),
        ]
        return scaling
      }
      // Factors are of what is stored: what zero points stand for is taken off the result.
      site.addend =
        -Float(src0.zeroPoint) * src0.scale
        + (kind == .sub ? 1 : -1) * Float(src1.zeroPoint) * src1.scale
    }
    let isPadded =
      Quirk.paddedBinary.holds && src0.descriptor.size != src0.logicalBytes
    let fused =
      try isPadded
      ? fuser.alone(site, dst: src0.descriptor) : fuser.fuse(site, dst: src0.descriptor)
    if numbers.ownsScales, src0.type.isQuantized, fused.epilogue.meaning == nil {
      // Sums that the network does not round alike are not worth 8 bits.
      throw DNNLError(call: "rounding post-ops", status: .unimplemented)
    }
    let readers = [index] + fused.epilogue.links.flatMap(\.instructions)
    let others = [src1.buffer] + fused.epilogue.operands.map(\.tensor.buffer)
    let inPlace =
      !isPadded && !others.contains(src0.buffer) && table.isOverwritable(src0, by: readers)
    try emitter.emit(
      fused, [(.src, .tensor(src0)), (.src1, .tensor(src1))],
      StepFacts(kind: "binary", algorithm: "binary_\(algorithm.rawValue)", sources: [index]),
      reusing: inPlace ? src0 : nil)
  }

  /// Loops of our own in the order in which the first operand lies; false where that has padding.
  private func lowerHost(_ index: Int, _ src0: Tensor) throws(DNNLError) -> Bool {
    guard let order = PhysicalOrder(src0.descriptor) else { return false }
    let value = input(1, of: index)
    let whole = src0.descriptor.dims
    let extents = leading(dims(value), rank: whole.count)
    let isWhole = extents == whole
    let second =
      try isWhole
      ? reader.tensor(of: value, as: src0.descriptor) : reader.plainView(of: value, dims: extents)
    let strides = Self.strides(extents)
    var distance = whole.reduce(1, *)
    let loops = order.runs.map { run in
      distance /= run.count
      return BroadcastBinary.Loop(
        count: run.count, first: distance,
        second: isWhole ? distance : run.step * strides[run.axis])
    }
    let isFree = second.buffer != src0.buffer && table.isOverwritable(src0, by: [index])
    let dst = isFree ? src0 : table.newBuffer(src0.descriptor)
    emit(BroadcastBinary(kind, loops), index, [src0, second], dst)
    return true
  }

  /// Loops of our own over plain operands of which either may be repeated.
  private func lowerRepeated(_ index: Int) throws(DNNLError) {
    let whole = dims(program.instructions[index].output)
    var operands: [Tensor] = []
    var strides: [[Int]] = []
    for position in 0...1 {
      let value = input(position, of: index)
      let extents = leading(dims(value), rank: whole.count)
      operands.append(try reader.plainView(of: value, dims: extents))
      strides.append(Self.strides(extents))
    }
    let loops = whole.indices.map { axis in
      BroadcastBinary.Loop(
        count: whole[axis], first: strides[0][axis], second: strides[1][axis])
    }
    let dst = table.newBuffer(try MemoryDescriptor(whole))
    emit(BroadcastBinary(kind, loops), index, operands, dst)
  }

  private func emit(
    _ kernel: BroadcastBinary, _ index: Int, _ operands: [Tensor], _ dst: Tensor
  ) {
    let instruction = program.instructions[index]
    emitter.emit(
      kernel, inputs: operands.map { .tensor($0) },
      types: instruction.inputs.map { program.values[$0] }, output: dst,
      type: program.values[instruction.output], source: index, kind: "binary",
      algorithm: "binary_\(BinaryAlgorithm(kind).rawValue)")
    emitter.complete([index], in: dst)
  }

  /// The distances of neighbours in plain order; 0 along dimensions of one.
  private static func strides(_ dims: [Int]) -> [Int] {
    var distance = 1
    var strides = [Int](repeating: 0, count: dims.count)
    for axis in dims.indices.reversed() where dims[axis] > 1 {
      strides[axis] = distance
      distance *= dims[axis]
    }
    return strides
  }

  /// Dims with ones before them.
  private func leading(_ dims: [Int], rank: Int) -> [Int] {
    Array(repeating: 1, count: max(0, rank - dims.count)) + dims
  }
}
