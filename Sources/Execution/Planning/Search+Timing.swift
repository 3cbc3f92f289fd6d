import DNNL
import Machine
import Measuring
import Topology

extension Planner {
  /// Everything oneDNN offers for a place, timed, or remembered from an earlier search.
  func candidates(_ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor)
    throws(DNNLError) -> [TunedImplementation]
  {
    let key = signature(site, epilogue)
    if let known = tunings.implementations(of: key) {
      carriedTime += known.compactMap(\.time).min() ?? 0
      return Planner.allowed(known, isExact: options.isExact)
    }
    if options.tuning == .auto, !isTrying {
      let guesses = try guesses(site, epilogue, dst: dst, key)
      leaveOpen(site, epilogue, dst: dst, key, guesses)
      return guesses
    }
    guard try tunings.tries() else { return [] }
    let attributes = try attributes(epilogue)
    let dst = try dst.retyped(epilogue.format.type)
    var found: [TunedImplementation] = []
    for (variant, make) in site.variants.enumerated() {
      do throws(DNNLError) {
        var descriptor = try make(attributes, dst, !epilogue.folded.isEmpty)
        repeat {
          try consider(descriptor, variant, epilogue, key, &found)
        } while try descriptor.advance()
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    try check(&found, site, epilogue, dst: dst, key)
    for index in found.indices
    where found[index].algorithm == ConvolutionAlgorithm.winograd.rawValue {
      guard found[index].time != nil else { continue }
      found[index].error = try numericalError(of: found[index], site, dst: dst)
    }
    tunings.remember(found, for: key)
    return Planner.allowed(found, isExact: options.isExact)
  }

  /// Implementations of which those that round otherwise are refused where that was asked for; they
  /// stay in the list, with their times.
  static func allowed(_ found: [TunedImplementation], isExact: Bool) -> [TunedImplementation] {
    guard isExact else { return found }
    return found.map { entry in
      var entry = entry
      if entry.algorithm == ConvolutionAlgorithm.winograd.rawValue { entry.isRefused = true }
      return entry
    }
  }

  /// What must be the same for two places to share what was found.
  func signature(_ site: FusionSite, _ epilogue: Epilogue) -> String {
    let instruction = program.instructions[site.anchor]
    let inputs = instruction.inputs.map { "\(dims($0))" }
    let operands = epilogue.operands.map { "\($0.tensor.descriptor.dims)" }
    return
      "\(instruction.operation) \(inputs) \(epilogue.names) \(operands) \(options.threads) threads"
      + (site.type == .f32 ? "" : " \(site.type) to \(epilogue.format.type)")
      + (trial.isCold ? " cold" : "")
  }

  /// Times one implementation unless the same code on the same formats was timed before, or did not
  /// survive it.
  private func consider(
    _ descriptor: borrowing PrimitiveDescriptor, _ variant: Int,
    _ epilogue: Epilogue, _ key: String, _ found: inout [TunedImplementation]
  ) throws(DNNLError) {
    let isReference = descriptor.implementation.hasPrefix("ref:")
    var entry = try TunedImplementation(variant: variant, of: descriptor)
    if found.contains(where: entry.isSame) { return }
    if let known = tunings.crashed[key]?.first(where: entry.isSame) {
      found.append(known)
      return
    }
    if !isReference {
      tunings.journal(.begins(key: key, entry))
      let operands = epilogue.operands.map { operand in
        (Argument.postOp(operand.postOp), operand.tensor.descriptor)
      }
      let best = found.compactMap(\.time).min() ?? .infinity
      let time = try trial.time(descriptor, operands, best: best)
      if trial.isOverrun { entry.fault = .wroteBeyond } else { entry.time = time }
    }
    found.append(entry)
  }

  /// Whether the time of a movement that is not known is guessed instead of tried.
  private var guessesMovements: Bool {
    options.tuning == .auto && !(isTrying && Clock.now() < deadline)
  }

  private func bytes(_ dims: [Int], _ type: DataType) -> Int {
    dims.reduce(1, *) * (type == .f32 ? 4 : type == .bf16 ? 2 : 1)
  }

  /// What most values of the network are stored as.
  private var activationType: DataType {
    switch options.precision {
    case .f32: .f32
    case .bf16: .bf16
    case .int8: .u8
    }
  }

  /// What else the time of a movement depends on.
  private var place: String {
    "\(options.threads) threads" + (options.precision == .f32 ? "" : " \(activationType)")
  }

  /// The time of a reorder, ns; 0 between the same formats.
  func reorderTime(_ dims: [Int], from source: String, to target: String) throws(DNNLError)
    -> Double
  {
    if source == target || dims.isEmpty { return 0 }
    let type = activationType
    let key = "\(dims) \(source) \(target) \(place)"
    if let known = tunings.time(of: key) { return known }
    if guessesMovements {
      return CostModel.reorder(
        bytes: bytes(dims, type), from: source, to: target, threads: options.threads)
    }
    guard let src = try Planner.descriptor(dims, source, type),
      let dst = try Planner.descriptor(dims, target, type)
    else { return .infinity }
    let none = try attributes()
    do throws(DNNLError) {
      return try movementTime(.reorder(engine, src: src, dst: dst, none), [], key)
    } catch {
      guard error.isUnimplemented else { throw error }
      return .infinity
    }
  }

  /// The time of moving data, ns, tried now; infinite where that may not be tried.
  private func movementTime(
    _ descriptor: borrowing PrimitiveDescriptor, _ sources: [(Argument, MemoryDescriptor)],
    _ key: String
  ) throws(DNNLError) -> Double {
    guard !tunings.broken.contains(key), try tunings.tries() else { return .infinity }
    tunings.journal(.begins(key: key, nil))
    let time = try trial.time(descriptor, sources, budget: 1_000_000)
    guard !trial.isOverrun else { return .infinity }
    tunings.remember(reorder: time, for: key)
    return time
  }

  /// The time that joining values in a format takes, ns; 0 for what joins nothing or in place.
  func joiningTime(of index: Int, in format: String) throws(DNNLError) -> Double {
    let instruction = program.instructions[index]
    guard case .concat(let axis) = instruction.operation else { return 0 }
    let parts = instruction.inputs.map(dims)
    if options.fusion, parts.allSatisfy({ Planner.isOutermost(axis, of: $0, in: format) }) {
      return 0
    }
    let type = activationType
    let key = "concat \(parts) \(axis) \(format) \(place)"
    if let known = tunings.time(of: key) { return known }
    if guessesMovements {
      return CostModel.reorder(
        bytes: bytes(dims(instruction.output), type), from: format, to: format,
        threads: options.threads)
    }
    do throws(DNNLError) {
      var sources: [MemoryDescriptor] = []
      for part in parts {
        guard let source = try Planner.descriptor(part, format, type) else { return .infinity }
        sources.append(source)
      }
      guard let whole = try Planner.descriptor(dims(instruction.output), format, type) else {
        return .infinity
      }
      let none = try attributes()
      return try movementTime(
        .concat(engine, axis: axis, src: sources, dst: whole, none),
        sources.enumerated().map { (Argument.multipleSrc($0.offset), $0.element) }, key)
    } catch {
      guard error.isRefusal else { throw error }
      return .infinity
    }
  }

  /// The descriptor of a tensor in a format of oneDNN's letters; `nil` for an opaque one.
  static func descriptor(_ dims: [Int], _ format: String, _ type: DataType) throws(DNNLError)
    -> MemoryDescriptor?
  {
    guard let format = MemoryFormat(format, rank: dims.count) else { return nil }
    return try MemoryDescriptor(dims, type, format)
  }
}
