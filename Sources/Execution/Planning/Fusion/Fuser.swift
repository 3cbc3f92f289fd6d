import DNNL
import Measuring
import Profiling
import Topology

/// Fuses instructions into the step before them: makes post-ops of a chain, asks oneDNN for the primitive
/// with them, and has the tuner choose among what there is.
struct Fuser {
  let flow: Dataflow
  let table: ValueTable
  let numbers: NumberPolicy
  let chains: ChainFinder
  let tuner: Tuner

  /// Fuses as much behind an anchor as its implementation takes without becoming a slower one.
  ///
  /// `dst` is the wanted descriptor of the result, its format open or not.
  func fuse(_ site: FusionSite, dst: MemoryDescriptor) throws(DNNLError) -> Fused {
    let links = chains.chain(
      from: site.anchor, channelAxis: site.channelAxis, quantizes: site.type.isQuantized)
    let plain = try bare(site, dst)
    let base = try site.make(plain.attributes(), plain.target ?? dst, false)
    let quality = Implementation.quality(base.implementation)
    for length in chains.lengths(of: links, anchor: site.anchor) where length > 0 {
      let prefix = Array(links.prefix(length))
      for accumulates in [true, false] {
        guard let epilogue = try epilogue(prefix, site, accumulates: accumulates),
          let fused = try attempt(epilogue, site, dst, quality: quality)
        else { continue }
        return try tuner.fastest(fused, site, dst: dst)
      }
    }
    return try tuner.fastest(Fused(descriptor: base, epilogue: plain), site, dst: dst)
  }

  /// The anchor with nothing fused behind it.
  func alone(_ site: FusionSite, dst: MemoryDescriptor) throws(DNNLError) -> Fused {
    let plain = try bare(site, dst)
    let descriptor = try site.make(plain.attributes(), plain.target ?? dst, false)
    return Fused(descriptor: descriptor, epilogue: plain)
  }

  /// An epilogue of nothing but the number format of the result.
  private func bare(_ site: FusionSite, _ dst: MemoryDescriptor) throws(DNNLError) -> Epilogue {
    var epilogue = Epilogue()
    epilogue.format = resultFormat(of: flow.program.instructions[site.anchor].output, site)
    if let scaling = site.scaling { epilogue.scaling = try scaling(1 / epilogue.format.scale, []) }
    if site.addend != 0 { _ = epilogue.appendLine(1, site.addend / epilogue.format.scale) }
    epilogue.target = try dst.retyped(epilogue.format.type)
    return epilogue
  }

  private func resultFormat(of value: ValueID, _ site: FusionSite) -> NumberFormat {
    site.keepsType
      ? NumberFormat(type: site.type) : numbers.resultFormat(of: value, from: site.type)
  }

  /// The post-ops of a chain; `nil` when it cannot be expressed that way.
  private func epilogue(
    _ links: [Link], _ site: FusionSite, accumulates: Bool
  ) throws(DNNLError) -> Epilogue? {
    var epilogue = Epilogue(links: links)
    let instructions = [site.anchor] + links.flatMap(\.instructions)
    let last = instructions[instructions.count - 1]
    let extents = flow.dims(flow.program.instructions[site.anchor].output)
    epilogue.format = resultFormat(of: flow.program.instructions[last].output, site)
    if site.addend != 0 { _ = epilogue.appendLine(1, site.addend) }
    for link in links {
      switch link.action {
      case .fold: continue
      case .quantize(let run):
        epilogue.format = run.format
        epilogue.meaning = run.integers
      case .eltwise(let eltwise):
        epilogue.postOps.append(
          .eltwise(
            EltwiseAlgorithm(eltwise.kind), alpha: Float(eltwise.alpha), beta: Float(eltwise.beta)))
      case .binary(let kind, let value):
        let whole = flow.dims(value) == extents
        if !whole, repeatsWrongly(site) { return nil }
        guard let tensor = try operand(value, site, isWhole: whole) else { return nil }
        if accumulates, site.sums, kind == .add, whole, epilogue.accumulator == nil,
          tensor.type.size == epilogue.format.type.size, tensor.zeroPoint == 0,
          !site.reads.contains(tensor.buffer),
          table.isOverwritable(tensor, by: instructions)
        {
          epilogue.accumulator = tensor
          let isAlike = tensor.type == epilogue.format.type
          epilogue.postOps.append(.sum(scale: tensor.scale, type: isAlike ? nil : tensor.type))
        } else {
          // A post-op has no factor for 8-bit operands.
          if tensor.type.isQuantized { return nil }
          epilogue.operands.append((epilogue.postOps.count, tensor))
          epilogue.postOps.append(.binary(BinaryAlgorithm(kind), tensor.descriptor))
        }
      }
    }
    if let scaling = site.scaling {
      guard let factor = epilogue.scaleResult() else { return nil }
      epilogue.scaling = try scaling(factor, epilogue.folded)
    }
    // The second variant differs from the first one only if that one accumulates.
    guard let accumulator = epilogue.accumulator else { return accumulates ? nil : epilogue }
    // What is overwritten must not be read by a later post-op as well.
    let isShared = epilogue.operands.contains { $0.tensor.buffer == accumulator.buffer }
    return isShared ? nil : epilogue
  }

  /// Whether a repeated operand of a post-op is misread behind this anchor
  /// (``DNNL/Quirk/repeatsFusedOperandWrongly``).
  private func repeatsWrongly(_ site: FusionSite) -> Bool {
    guard Quirk.repeatsFusedOperandWrongly.holds,
      case .binary = flow.program.instructions[site.anchor].operation
    else { return false }
    return site.dims.count > 2 && site.dims.dropFirst(2).allSatisfy { $0 == 1 }
  }

  /// A second operand as the primitive sees it; `nil` when that takes a reorder.
  private func operand(_ value: ValueID, _ site: FusionSite, isWhole: Bool) throws(DNNLError)
    -> Tensor?
  {
    if site.dims == flow.dims(flow.program.instructions[site.anchor].output) {
      return try table.tensor(of: value)
    }
    guard isWhole else { return nil }
    for tensor in table.forms(of: value) {
      let plain = try MemoryDescriptor(flow.dims(value), tensor.type)
      guard tensor.descriptor == plain else { continue }
      guard let form = site.form else { return try tensor.viewed(site.dims) }
      return tensor.viewed(as: try form.retyped(tensor.type))
    }
    return nil
  }

  /// The primitive with an epilogue; `nil` when oneDNN has none, or only a slower kind.
  private func attempt(
    _ epilogue: Epilogue, _ site: FusionSite, _ dst: MemoryDescriptor, quality: Int
  ) throws(DNNLError) -> Fused? {
    var epilogue = epilogue
    let needsBias = !epilogue.folded.isEmpty
    let attributes = try epilogue.attributes()
    let open = try dst.retyped(epilogue.format.type)
    let overwritten = try epilogue.accumulator.map { (tensor) throws(DNNLError) in
      try MemoryDescriptor.alike(tensor.descriptor, epilogue.format.type)
    }
    for dst in overwritten.map({ [open, $0] }) ?? [open] {
      do throws(DNNLError) {
        let descriptor = try site.make(attributes, dst, needsBias)
        let result = try descriptor.required(.dst)
        let fits = overwritten.map { $0 == result } ?? true
        if fits, Implementation.quality(descriptor.implementation) >= quality,
          try !runsInLoops(epilogue, behind: descriptor.implementation, site, result)
        {
          epilogue.target = overwritten ?? open
          return Fused(descriptor: descriptor, epilogue: epilogue)
        }
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    return nil
  }

  /// Whether post-ops would run as loops over single elements.
  ///
  /// oneDNN's f32 convolutions by matrix products do that where their result lies in plain order, and its
  /// deconvolutions wherever they are convolutions backward: of 188,160 elements a relu took 1.3 ms and an addition
  /// 20 ms, where a primitive of its own takes 0.05 ms (Zen 3, oneDNN 2.6.3). Of few elements that primitive's
  /// call takes longer.
  private func runsInLoops(
    _ epilogue: Epilogue, behind implementation: String, _ site: FusionSite,
    _ result: MemoryDescriptor
  ) throws(DNNLError) -> Bool {
    guard !epilogue.postOps.isEmpty, result.dims.reduce(1, *) > Fuser.fewElements else {
      return false
    }
    switch flow.program.instructions[site.anchor].operation {
    case .convolution:
      guard site.type == .f32, Implementation.unfolds(implementation) else { return false }
      return try result == MemoryDescriptor(result.dims)
    case .deconvolution: return !site.type.isQuantized && !implementation.contains("brg")
    default: return false
    }
  }

  /// Elements whose loop takes no longer than the call of a primitive.
  private static let fewElements = 256
}
