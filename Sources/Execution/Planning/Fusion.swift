import DNNL
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
  /// What a search tried and did not keep.
  var alternatives: [Alternative] = []
  /// What the algorithm adds to the rounding of the direct one.
  var numericalError: Double?

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
  /// Dims of the primitive's dst; the value's own, or fewer where leading ones are joined.
  let dims: [Int]
  /// The dimension of the value whose batch normalisation can be folded into the constants.
  var channelAxis: Int?
  /// Whether a residual can be added to what dst holds.
  var sums = false
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
    let none = try attributes()
    let links = chain(from: site.anchor, channelAxis: site.channelAxis)
    let base = try site.make(none, dst, false)
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
    return try fastest(Fused(descriptor: base, epilogue: Epilogue()), site, dst: dst)
  }

  /// The anchor with nothing fused behind it.
  func alone(_ site: FusionSite, dst: MemoryDescriptor) throws(DNNLError) -> Fused {
    let none = try attributes()
    return Fused(descriptor: try site.make(none, dst, false), epilogue: Epilogue())
  }

  /// The post-ops of a chain; `nil` when it cannot be expressed that way.
  private func epilogue(
    _ links: [Link], _ site: FusionSite, accumulates: Bool
  ) throws(DNNLError) -> Epilogue? {
    var epilogue = Epilogue(links: links)
    let instructions = [site.anchor] + links.map(\.instruction)
    for link in links {
      switch link.action {
      case .fold: continue
      case .eltwise(let eltwise):
        epilogue.postOps.append(
          .eltwise(
            EltwiseAlgorithm(eltwise.kind), alpha: Float(eltwise.alpha), beta: Float(eltwise.beta)))
      case .binary(let kind, let value):
        let whole = dims(value) == dims(program.instructions[site.anchor].output)
        guard let tensor = try operand(value, site, isWhole: whole) else { return nil }
        if accumulates, site.sums, kind == .add, whole, epilogue.accumulator == nil,
          !site.reads.contains(tensor.buffer), isOverwritable(tensor, by: instructions)
        {
          epilogue.accumulator = tensor
          epilogue.postOps.append(.sum)
        } else {
          epilogue.operands.append((epilogue.postOps.count, tensor))
          epilogue.postOps.append(.binary(BinaryAlgorithm(kind), tensor.descriptor))
        }
      }
    }
    // The second variant differs from the first one only if that one accumulates.
    guard let accumulator = epilogue.accumulator else { return accumulates ? nil : epilogue }
    // What is overwritten must not be read by a later post-op as well.
    let isShared = epilogue.operands.contains { $0.tensor.buffer == accumulator.buffer }
    return isShared ? nil : epilogue
  }

  /// A second operand as the primitive sees it; `nil` when that takes a reorder.
  private func operand(_ value: ValueID, _ site: FusionSite, isWhole: Bool) throws(DNNLError)
    -> Tensor?
  {
    if site.dims.count == dims(value).count { return try tensor(of: value) }
    let plain = try MemoryDescriptor(dims(value))
    guard isWhole, let tensor = tensors[value]?.first(where: { $0.descriptor == plain }) else {
      return nil
    }
    return Tensor(buffer: tensor.buffer, descriptor: try MemoryDescriptor(site.dims))
  }

  /// The primitive with an epilogue; `nil` when oneDNN has none, or only a slower kind.
  private func attempt(
    _ epilogue: Epilogue, _ site: FusionSite, _ dst: MemoryDescriptor, quality: Int
  ) throws(DNNLError) -> Fused? {
    let needsBias = !epilogue.folded.isEmpty
    let attributes = try attributes(epilogue.postOps)
    let wanted = epilogue.accumulator.map { [dst, $0.descriptor] } ?? [dst]
    for dst in wanted {
      do throws(DNNLError) {
        let descriptor = try site.make(attributes, dst, needsBias)
        let result = try descriptor.required(.dst)
        let fits = epilogue.accumulator.map { $0.descriptor == result } ?? true
        if fits, Planner.quality(descriptor.implementation) >= quality {
          return Fused(descriptor: descriptor, epilogue: epilogue)
        }
      } catch {
        guard error.isUnimplemented || error.status == .invalidArguments else { throw error }
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
    let target: Tensor
    if let overwritten = epilogue.accumulator ?? inPlace, overwritten.descriptor == result {
      target = overwritten
    } else {
      target = newBuffer(result)
    }
    var arguments = arguments
    for (postOp, tensor) in epilogue.operands {
      arguments.append((.postOp(postOp), .tensor(tensor)))
    }
    arguments.append((.dst, .tensor(target)))
    var facts = facts
    facts.sources += epilogue.links.map(\.instruction)
    facts.postOps = epilogue.names
    facts.alternatives = epilogue.alternatives
    facts.numericalError = epilogue.numericalError
    try emit(fused.descriptor, arguments, facts)
    let value = program.instructions[facts.sources[facts.sources.count - 1]].output
    let descriptor = result.dims == dims(value) ? result : try MemoryDescriptor(dims(value))
    complete(facts.sources, in: Tensor(buffer: target.buffer, descriptor: descriptor))
  }
}
