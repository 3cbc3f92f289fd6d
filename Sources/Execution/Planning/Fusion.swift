import DNNL
import Measuring
import Profiling
import Topology

/// A primitive descriptor chosen together with what is fused into it.
struct Fused: ~Copyable {
  var descriptor: PrimitiveDescriptor
  var epilogue: Epilogue
}

/// What is fused behind an anchor.
struct Epilogue {
  /// The instructions.
  var links: [Link] = []
  /// oneDNN's post-ops for those that are not folded.
  var postOps: [PostOp] = []
  /// Second operands, by post-op.
  var operands: [(postOp: Int, tensor: Tensor)] = []
  /// The tensor that a sum post-op adds to, which is overwritten by the result.
  var accumulator: Tensor?
  /// What the result is stored as.
  var format = NumberFormat()
  /// What the stored numbers mean as the value that the last link makes, if not the same.
  var meaning: NumberFormat?
  /// The factors that 8-bit primitives apply.
  var scaling = Scaling()
  /// The descriptor that was asked for as dst.
  var target: MemoryDescriptor?
  /// What a search chose.
  var tuned: TunedImplementation?
  /// What a search tried and did not keep.
  var alternatives: [Alternative] = []
  /// What the algorithm adds to the rounding of the direct one.
  var numericalError: Double?
  /// How the implementation was chosen, where there is a choice.
  var choice: TuningSource?

  /// The batch normalisations among ``links``.
  var folded: [Int] {
    links.compactMap { if case .fold = $0.action { $0.instruction } else { nil } }
  }

  /// How a step names what is fused.
  var names: [String] { folded.map { _ in "batch_normalization" } + postOps.map(\.name) }
}

/// What ``Planner/fuse(_:_:)`` needs to know about the anchor.
struct FusionSite {
  /// The instruction that becomes a primitive.
  let anchor: Int
  /// Dims of the primitive's dst: the value's own, or others over the same memory.
  let dims: [Int]
  /// How plain memory of the result's lies under those dims, where that is not plain order, too.
  var form: MemoryDescriptor?
  /// The dimension of the value whose batch normalisation can be folded into the constants.
  var channelAxis: Int?
  /// Whether a residual can be added to what dst holds.
  var sums = false
  /// The type of what it reads.
  var type = DataType.f32
  /// Whether its result is of that type, too, whoever reads it.
  var keepsType = false
  /// The factors of an 8-bit primitive, without epilogue, whose result is to be multiplied with a
  /// number; with the batch normalisations folded into its weights.
  var scaling: ((_ factor: Float, _ folded: [Int]) throws(DNNLError) -> Scaling)?
  /// What is added to its result before anything else: what operands' zero points stand for.
  var addend: Float = 0
  /// Buffers it reads, which a sum must not overwrite.
  var reads: [Int] = []
  /// The forms its source has already.
  var sources: [MemoryDescriptor] = []
  /// Other ways to make the primitive descriptor, for a search.
  var variants: [Make] = []
  /// Makes the primitive descriptor.
  let make: Make

  /// Makes a primitive descriptor: attributes, dst, and whether a bias is needed.
  typealias Make = (borrowing PrimitiveAttributes, MemoryDescriptor, Bool) throws(DNNLError) ->
    PrimitiveDescriptor
}

extension Planner {
  /// Fuses as much behind an anchor as its implementation takes without becoming a slower one.
  ///
  /// `dst` is the wanted descriptor of the result, its format open or not.
  func fuse(_ site: FusionSite, dst: MemoryDescriptor) throws(DNNLError) -> Fused {
    let links = chain(
      from: site.anchor, channelAxis: site.channelAxis, quantizes: site.type.isQuantized)
    let plain = try bare(site, dst)
    let base = try site.make(attributes(plain), plain.target ?? dst, false)
    let quality = Planner.quality(base.implementation)
    for length in lengths(of: links, anchor: site.anchor) where length > 0 {
      let prefix = Array(links.prefix(length))
      for accumulates in [true, false] {
        guard let epilogue = try epilogue(prefix, site, accumulates: accumulates),
          let fused = try attempt(epilogue, site, dst, quality: quality)
        else { continue }
        return try fastest(fused, site, dst: dst)
      }
    }
    return try fastest(Fused(descriptor: base, epilogue: plain), site, dst: dst)
  }

  /// The anchor with nothing fused behind it.
  func alone(_ site: FusionSite, dst: MemoryDescriptor) throws(DNNLError) -> Fused {
    let plain = try bare(site, dst)
    let descriptor = try site.make(attributes(plain), plain.target ?? dst, false)
    return Fused(descriptor: descriptor, epilogue: plain)
  }

  /// The attributes that an epilogue makes.
  func attributes(_ epilogue: Epilogue) throws(DNNLError) -> PrimitiveAttributes {
    try attributes(epilogue.postOps, epilogue.scaling)
  }

  /// An epilogue of nothing but the number format of the result.
  private func bare(_ site: FusionSite, _ dst: MemoryDescriptor) throws(DNNLError) -> Epilogue {
    var epilogue = Epilogue()
    epilogue.format = resultFormat(of: program.instructions[site.anchor].output, site)
    if let scaling = site.scaling { epilogue.scaling = try scaling(1 / epilogue.format.scale, []) }
    if site.addend != 0 { _ = epilogue.appendLine(1, site.addend / epilogue.format.scale) }
    epilogue.target = try dst.retyped(epilogue.format.type)
    return epilogue
  }

  private func resultFormat(of value: ValueID, _ site: FusionSite) -> NumberFormat {
    site.keepsType ? NumberFormat(type: site.type) : resultFormat(of: value, from: site.type)
  }

  /// The post-ops of a chain; `nil` when it cannot be expressed that way.
  private func epilogue(
    _ links: [Link], _ site: FusionSite, accumulates: Bool
  ) throws(DNNLError) -> Epilogue? {
    var epilogue = Epilogue(links: links)
    let instructions = [site.anchor] + links.flatMap(\.instructions)
    let last = instructions[instructions.count - 1]
    epilogue.format = resultFormat(of: program.instructions[last].output, site)
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
        let whole = dims(value) == dims(program.instructions[site.anchor].output)
        if !whole, repeatsWrongly(site) { return nil }
        guard let tensor = try operand(value, site, isWhole: whole) else { return nil }
        if accumulates, site.sums, kind == .add, whole, epilogue.accumulator == nil,
          tensor.type.size == epilogue.format.type.size, tensor.zeroPoint == 0,
          !site.reads.contains(tensor.buffer),
          isOverwritable(tensor, by: instructions)
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
      case .binary = program.instructions[site.anchor].operation
    else { return false }
    return site.dims.count > 2 && site.dims.dropFirst(2).allSatisfy { $0 == 1 }
  }

  /// A second operand as the primitive sees it; `nil` when that takes a reorder.
  private func operand(_ value: ValueID, _ site: FusionSite, isWhole: Bool) throws(DNNLError)
    -> Tensor?
  {
    if site.dims == dims(program.instructions[site.anchor].output) {
      return try tensor(of: value)
    }
    guard isWhole else { return nil }
    for tensor in tensors[value, default: []] {
      let plain = try MemoryDescriptor(dims(value), tensor.type)
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
    let attributes = try attributes(epilogue)
    let open = try dst.retyped(epilogue.format.type)
    let overwritten = try epilogue.accumulator.map { (tensor) throws(DNNLError) in
      try Planner.alike(tensor.descriptor, epilogue.format.type)
    }
    for dst in overwritten.map({ [open, $0] }) ?? [open] {
      do throws(DNNLError) {
        let descriptor = try site.make(attributes, dst, needsBias)
        let result = try descriptor.required(.dst)
        let fits = overwritten.map { $0 == result } ?? true
        if fits, Planner.quality(descriptor.implementation) >= quality {
          epilogue.target = overwritten ?? open
          return Fused(descriptor: descriptor, epilogue: epilogue)
        }
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    return nil
  }

  /// How good an implementation is by its name: reference loops, matrix products, generated code.
  static func quality(_ implementation: String) -> Int {
    if implementation.contains("ref") { return 0 }
    return implementation.contains("gemm") && !implementation.contains("brgemm") ? 1 : 2
  }

  /// Appends a fused primitive: `arguments` are the anchor's own, without dst.
  func emit(
    _ fused: borrowing Fused, _ arguments: [(Argument, Operand)], _ facts: StepFacts,
    reusing inPlace: Tensor? = nil
  ) throws(DNNLError) {
    let epilogue = fused.epilogue
    let result = try fused.descriptor.required(.dst)
    let format = epilogue.meaning ?? epilogue.format
    let target: Tensor
    if let overwritten = epilogue.accumulator {
      target = overwritten.viewed(as: result).read(as: format)
    } else if let inPlace, inPlace.descriptor == result {
      target = inPlace.viewed(as: result).read(as: format)
    } else {
      target = newBuffer(result, as: format)
    }
    var arguments = arguments
    for (postOp, tensor) in epilogue.operands {
      arguments.append((.postOp(postOp), .tensor(tensor)))
    }
    arguments.append((.dst, .tensor(target)))
    var facts = facts
    facts.sources += epilogue.links.flatMap(\.instructions)
    facts.postOps = epilogue.names
    facts.alternatives = epilogue.alternatives
    facts.numericalError = epilogue.numericalError
    facts.choice = epilogue.choice
    try emit(fused.descriptor, arguments, facts)
    let value = program.instructions[facts.sources[facts.sources.count - 1]].output
    let extents = dims(value)
    complete(
      facts.sources, in: try facts.isColumn ? target.viewed(extents) : target.reshaped(extents))
  }
}
