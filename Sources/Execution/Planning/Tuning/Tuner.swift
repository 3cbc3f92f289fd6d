import DNNL
import Measuring
import Profiling
import Topology

/// A place in the program where a search chose among implementations.
struct SurveyedSite {
  /// The instruction that becomes a primitive.
  let anchor: Int
  /// The instructions fused behind it.
  let fused: [Int]
  /// What it reads.
  let source: ValueID
  /// Values of the result's dims that post-ops read, so they should lie as the result does.
  let operands: [ValueID]
  /// What was timed, reference loops left out.
  let candidates: [TunedImplementation]
}

/// Takes one of several implementations for each place, as fast or as `PlanOptions` asks for it.
final class Tuner {
  /// What there is to choose from.
  let search: CandidateSearch
  /// How long it takes to bring values from one to the other.
  let movements: MovementTimes
  /// The places with several implementations, in order; of a survey alone.
  private(set) var survey: [SurveyedSite] = []

  private let settings: SearchSettings
  private let flow: Dataflow
  private let table: ValueTable
  private let emitter: Emitter
  /// What a search assigned to the network as a whole; `nil` while it is surveyed.
  private let layouts: Layouts?

  init(
    _ settings: SearchSettings, _ search: CandidateSearch, _ movements: MovementTimes,
    _ table: ValueTable, _ emitter: Emitter, _ layouts: Layouts?
  ) {
    self.settings = settings
    self.search = search
    self.movements = movements
    self.table = table
    self.emitter = emitter
    self.layouts = layouts
    flow = settings.flow
  }

  /// The cheapest choices for the network as a whole, of what was surveyed.
  func assign() throws(DNNLError) -> Layouts { try Layouts(flow, survey, movements) }

  /// The same, where movements that nothing is known of may be tried until a time.
  func assign(until end: UInt64) throws(ExecutionError) -> Layouts {
    try settings.window.open(until: end) { () throws(DNNLError) in try assign() }
  }

  /// The implementation to use with the same epilogue, found by timing them on memory of their own.
  ///
  /// With ``PlanOptions/Tuning/fast`` the given one. While the program is surveyed it is the
  /// fastest one by itself, with the reorder of its source; afterwards what ``layouts`` assigned.
  func fastest(_ fused: consuming Fused, _ site: FusionSite, dst: MemoryDescriptor)
    throws(DNNLError) -> Fused
  {
    guard settings.options.tuning != .fast, !site.variants.isEmpty else { return fused }
    let found = try search.candidates(site, fused.epilogue, dst: dst)
    var fused = fused
    fused.epilogue.choice = settings.tunings.source(
      of: search.signature(site, fused.epilogue))
    let timed = found.filter { $0.time != nil && $0.fillsVectors && !$0.isRefused }
    guard !timed.isEmpty else { return try avoiding(fused, site, dst: dst, found) }
    var chosen: TunedImplementation?
    if let layouts {
      chosen = layouts.implementation(of: site.anchor, among: timed)
    } else {
      survey.append(surveyed(site, fused.epilogue, timed))
      chosen = try cheapest(timed, site, fused.epilogue)
    }
    do throws(DNNLError) {
      if let chosen { return try make(chosen, site, fused.epilogue, dst: dst, found) }
    } catch {
      // What it reads may lie otherwise than when this was timed.
      guard error.isRefusal else { throw error }
    }
    return try avoiding(fused, site, dst: dst, found)
  }

  /// oneDNN's own choice with what else there was; where that has a fault, the next without one.
  private func avoiding(
    _ fused: consuming Fused, _ site: FusionSite, dst: MemoryDescriptor,
    _ found: [TunedImplementation]
  ) throws(DNNLError) -> Fused {
    let own = try TunedImplementation(variant: 0, of: fused.descriptor)
    if found.contains(where: { $0.isSame(as: own) && $0.fault != nil }) {
      for entry in found where entry.fault == nil && !entry.isRefused {
        do throws(DNNLError) {
          return try make(entry, site, fused.epilogue, dst: dst, found)
        } catch {
          guard error.isRefusal else { throw error }
        }
      }
    }
    var fused = fused
    if fused.epilogue.choice != .guessed {
      fused.epilogue.alternatives = Tuner.alternatives(to: own, in: found)
    }
    return fused
  }

  /// The one that costs least where its source lies now; the first, oneDNN's own choice, unless the
  /// gain is beyond noise.
  private func cheapest(
    _ timed: [TunedImplementation], _ site: FusionSite, _ epilogue: Epilogue
  ) throws(DNNLError) -> TunedImplementation? {
    let margin = 0.95
    var best: (entry: TunedImplementation, cost: Double)?
    for entry in timed {
      if let accumulator = epilogue.accumulator, accumulator.descriptor.format != entry.result {
        continue
      }
      var cost = entry.time ?? .infinity
      if let form = site.sources.first?.format, form != entry.source {
        cost += try movements.reorder(site.sources[0].dims, from: form, to: entry.source)
      }
      if best == nil || cost < margin * (best?.cost ?? 0) { best = (entry, cost) }
    }
    return best?.entry
  }

  /// Asks oneDNN for an implementation again; its result lies as it did when it was timed.
  private func make(
    _ entry: TunedImplementation, _ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor,
    _ found: [TunedImplementation]
  ) throws(DNNLError) -> Fused {
    var epilogue = epilogue
    let attributes = try epilogue.attributes()
    let dst = try dst.retyped(epilogue.format.type)
    guard site.variants.indices.contains(entry.variant) else {
      throw DNNLError(call: "variant \(entry.variant)", status: .unimplemented)
    }
    var descriptor = try site.variants[entry.variant](
      attributes, dst, !epilogue.folded.isEmpty)
    // By what it is, not by how many come before it: with oneDNN 2.6.3 that number was seen to change
    // from one walk to the next.
    while try !entry.isMade(by: descriptor) {
      guard try descriptor.advance() else {
        throw DNNLError(call: "dnnl_primitive_desc_next_impl", status: .unimplemented)
      }
    }
    let result = try descriptor.required(.dst)
    // Convolutions by matrix products (oneDNN 2.6.3) were seen to go wrong otherwise.
    let agrees = epilogue.operands.allSatisfy { operand in
      let other = operand.tensor.descriptor
      return other.dims != result.dims || other.format == result.format
    }
    if !agrees { throw DNNLError(call: "binary post-op", status: .unimplemented) }
    if let accumulator = epilogue.accumulator,
      try MemoryDescriptor.alike(accumulator.descriptor, epilogue.format.type) != result
    {
      guard let value = accumulated(epilogue) else {
        throw DNNLError(call: "accumulator", status: .unimplemented)
      }
      // A copy of its own: one that is there already may lie in what the primitive reads.
      let copy = table.newBuffer(
        try MemoryDescriptor.alike(result, accumulator.type), as: accumulator.format)
      table.add(copy, as: value)
      try emitter.emitReorder(from: accumulator, to: copy, sources: [])
      epilogue.accumulator = copy
    }
    if epilogue.choice != .guessed {
      epilogue.tuned = entry
      epilogue.alternatives = Tuner.alternatives(to: entry, in: found)
    }
    epilogue.numericalError = entry.error
    return Fused(descriptor: descriptor, epilogue: epilogue)
  }

  /// What else there was: the best of each implementation and algorithm, and each fault of it, which one
  /// that works in other formats does not hide.
  private static func alternatives(
    to chosen: TunedImplementation, in found: [TunedImplementation]
  ) -> [Alternative] {
    var best: [TunedImplementation] = []
    for entry in found where !entry.isSame(as: chosen) {
      let index = best.firstIndex {
        $0.implementation == entry.implementation && $0.algorithm == entry.algorithm
          && $0.fault == entry.fault
      }
      guard let index else {
        best.append(entry)
        continue
      }
      if (entry.time ?? .infinity) < (best[index].time ?? .infinity) { best[index] = entry }
    }
    return best.map(\.alternative)
  }

  private func surveyed(
    _ site: FusionSite, _ epilogue: Epilogue, _ timed: [TunedImplementation]
  ) -> SurveyedSite {
    let operands = epilogue.links.compactMap { link -> ValueID? in
      guard case .binary(_, let value) = link.action, flow.dims(value) == site.dims else {
        return nil
      }
      return value
    }
    return SurveyedSite(
      anchor: site.anchor, fused: epilogue.links.flatMap(\.instructions),
      source: flow.input(of: site.anchor),
      operands: operands, candidates: timed)
  }

  /// The value that a sum post-op overwrites.
  private func accumulated(_ epilogue: Epilogue) -> ValueID? {
    for link in epilogue.links {
      guard case .binary(.add, let value) = link.action else { continue }
      if table.forms(of: value).contains(where: { $0.buffer == epilogue.accumulator?.buffer }) {
        return value
      }
    }
    return nil
  }
}
