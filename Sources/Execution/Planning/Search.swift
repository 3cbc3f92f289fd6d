import DNNL
import Profiling
import Topology

/// One implementation that a search timed.
struct Candidate {
  /// Index of the variant that makes it.
  let variant: Int
  /// How many implementations of that variant come before it.
  let skips: Int
  /// Its name and what tells it from others of the same name.
  let key: String
  let implementation: String
  let algorithm: String?
  /// Best time, ns; infinite for reference loops, which are not run.
  let time: Double
}

/// What a search found for one kind of place.
struct Finding {
  /// The one to keep; `nil` when none was timed.
  let chosen: Candidate?
  /// The others.
  let alternatives: [Alternative]

  /// Keeps the fastest, but the first (oneDNN's own choice) unless the gain is beyond noise.
  init(_ candidates: [Candidate]) {
    let margin = 0.95
    var best = candidates.indices.min { candidates[$0].time < candidates[$1].time }
    if let fastest = best, candidates[fastest].time > margin * candidates[0].time { best = 0 }
    guard let best, candidates[best].time.isFinite else {
      chosen = nil
      alternatives = []
      return
    }
    chosen = candidates[best]
    alternatives = candidates.indices.filter { $0 != best }.map { index in
      Alternative(
        implementation: candidates[index].implementation, algorithm: candidates[index].algorithm,
        time: candidates[index].time.isFinite ? candidates[index].time : nil)
    }
  }
}

extension Planner {
  /// The fastest implementation with the same epilogue, timed on memory of its own.
  ///
  /// Without ``PlanOptions/Tuning/search`` the given one. Times are warm: weights that fit the
  /// cache are there, which a pass over a whole network may not find so.
  func fastest(_ fused: consuming Fused, _ site: FusionSite, dst: MemoryDescriptor)
    throws(DNNLError) -> Fused
  {
    guard options.tuning == .search, !site.variants.isEmpty else { return fused }
    var epilogue = fused.epilogue
    let attributes = try attributes(epilogue)
    let wanted = epilogue.target ?? dst
    let key = signature(site, epilogue)
    if findings[key] == nil {
      findings[key] = Finding(try candidates(site, epilogue, dst: wanted, attributes))
    }
    guard let finding = findings[key], let chosen = finding.chosen else { return fused }
    epilogue.alternatives = finding.alternatives
    var descriptor = try site.variants[chosen.variant](
      attributes, wanted, !epilogue.folded.isEmpty)
    for _ in 0..<chosen.skips { _ = try descriptor.advance() }
    return Fused(descriptor: descriptor, epilogue: epilogue)
  }

  /// What must be the same for two places to share one finding.
  private func signature(_ site: FusionSite, _ epilogue: Epilogue) -> String {
    let instruction = program.instructions[site.anchor]
    let inputs = instruction.inputs.map { "\(dims($0))" }
    let operands = epilogue.operands.map { "\($0.tensor.descriptor.dims)" }
    return
      "\(instruction.operation) \(inputs) \(site.sources.map(\.format)) \(epilogue.names)"
      + " \(site.type) \(epilogue.format.type)"
      + " \(operands) \(epilogue.accumulator?.descriptor.format ?? "")"
  }

  /// Everything oneDNN offers, timed.
  private func candidates(
    _ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> [Candidate] {
    var candidates: [Candidate] = []
    for (variant, make) in site.variants.enumerated() {
      do throws(DNNLError) {
        var descriptor = try make(attributes, dst, !epilogue.folded.isEmpty)
        var skips = 0
        repeat {
          try consider(descriptor, (variant, skips), site, epilogue, &candidates)
          skips += 1
        } while try descriptor.advance()
      } catch {
        guard error.isUnimplemented || error.status == .invalidArguments else { throw error }
      }
    }
    return candidates
  }

  /// Times one implementation, with the reorder of its source if it wants another format.
  private func consider(
    _ descriptor: borrowing PrimitiveDescriptor, _ place: (variant: Int, skips: Int),
    _ site: FusionSite, _ epilogue: Epilogue, _ candidates: inout [Candidate]
  ) throws(DNNLError) {
    let dst = try descriptor.required(.dst)
    if epilogue.accumulator != nil, epilogue.target != dst { return }
    let src = try descriptor.required(.src)
    let weights = try descriptor.required(.weights)
    let name = descriptor.implementation
    let algorithm = descriptor.convolutionAlgorithm?.rawValue
    let key = "\(name) \(algorithm ?? "") \(src.format) \(weights.format) \(dst.format)"
    if candidates.contains(where: { $0.key == key }) { return }
    var time = Double.infinity
    if !name.hasPrefix("ref:") {
      let operands = epilogue.operands.map { operand in
        (Argument.postOp(operand.postOp), operand.tensor.descriptor)
      }
      time = try trial.time(descriptor, operands)
      if let form = site.sources.first, !site.sources.contains(src) {
        let none = try attributes()
        time += try trial.time(
          PrimitiveDescriptor.reorder(engine, src: form, dst: src, none), [])
      }
    }
    candidates.append(
      Candidate(
        variant: place.variant, skips: place.skips, key: key, implementation: name,
        algorithm: algorithm, time: time))
  }
}
