import DNNL
import Measuring
import Topology

/// Finds what there is to choose from at a place: known from an earlier search, tried now, or guessed and
/// noted as open.
final class CandidateSearch {
  /// The places that nothing is known of, in order.
  private(set) var openPlaces: [OpenPlace] = []
  /// The time of all places with several implementations, as far as it is known or guessed, ns.
  private(set) var carriedTime = 0.0

  private let settings: SearchSettings
  /// Whether open places are kept.
  private let keepsOpen: Bool
  private let check: ImplementationCheck
  private let expectations: Expectations
  private let split: SplitSearch

  private var options: PlanOptions { settings.options }
  private var tunings: TuningMemory { settings.tunings }

  init(_ settings: SearchSettings, _ check: ImplementationCheck, keepsOpen: Bool) {
    self.settings = settings
    self.check = check
    self.keepsOpen = keepsOpen
    expectations = Expectations(settings: settings)
    split = SplitSearch(settings: settings)
  }

  /// Everything oneDNN offers for a place, timed, or remembered from an earlier search.
  func candidates(_ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor)
    throws(DNNLError) -> [TunedImplementation]
  {
    let key = signature(site, epilogue)
    if let known = tunings.implementations(of: key) {
      carriedTime += known.compactMap(\.time).min() ?? 0
      return CandidateSearch.allowed(known, isExact: options.isExact)
    }
    if settings.guesses {
      let guesses = try expectations.guesses(site, epilogue, dst: dst, key)
      leaveOpen(site, epilogue, dst: dst, key, guesses)
      return guesses
    }
    guard try tunings.tries() else { return [] }
    let attributes = try epilogue.attributes()
    let wanted = try dst.retyped(epilogue.format.type)
    var found: [TunedImplementation] = []
    for (variant, make) in site.variants.enumerated() {
      do throws(DNNLError) {
        var descriptor = try make(attributes, wanted, !epilogue.folded.isEmpty)
        repeat {
          try consider(descriptor, variant, epilogue, key, &found)
        } while try descriptor.advance()
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    try check.check(&found, site, epilogue, dst: wanted, key)
    for index in found.indices
    where found[index].algorithm == ConvolutionAlgorithm.winograd.rawValue {
      guard found[index].time != nil else { continue }
      found[index].error = try check.numericalError(of: found[index], site, dst: wanted)
    }
    tunings.remember(found, for: key)
    return CandidateSearch.allowed(found, isExact: options.isExact)
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
    let instruction = settings.flow.program.instructions[site.anchor]
    let inputs = instruction.inputs.map { "\(settings.flow.dims($0))" }
    let operands = epilogue.operands.map { "\($0.tensor.descriptor.dims)" }
    return
      "\(instruction.operation) \(inputs) \(epilogue.names) \(operands) \(options.threads) threads"
      + (site.type == .f32 ? "" : " \(site.type) to \(epilogue.format.type)")
      + settings.cacheState
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
      let timer = settings.timer
      let time = try timer.time(descriptor, operands, best: best, budget: nil)
      if timer.isOverrun { entry.fault = .wroteBeyond } else { entry.time = time }
    }
    found.append(entry)
  }

  // MARK: Open places

  /// Notes that nothing is known of a place; 8-bit numbers are not searched untold, for they would
  /// have to be calibrated once more.
  private func leaveOpen(
    _ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor, _ key: String,
    _ guesses: [TunedImplementation]
  ) {
    guard options.precision != .int8 else { return }
    let instruction = settings.flow.program.instructions[site.anchor]
    let weights = instruction.weights.reduce(0) { $0 + $1.elementCount }
    let expected =
      guesses.compactMap(\.time).min() ?? expectations.time(of: site, weights: weights)
    carriedTime += expected
    guard keepsOpen else { return }
    let formats = Double(max(site.variants.count, 2))
    openPlaces.append(
      OpenPlace(
        key: key, expected: expected,
        effort: formats * (Double(settings.timer.budget) + 10 * expected + 8 * Double(weights)),
        search: { (search) throws(DNNLError) in
          let found = try search.candidates(site, epilogue, dst: dst)
          try search.split.tries(site, best: found.compactMap(\.time).min())
        },
        rounding: expectations.expectsWinograd(site)
          ? { (search) throws(DNNLError) in try search.round(site, epilogue, dst: dst, key) }
          : nil))
  }

  /// Takes the open places worth a trial, those that carry most first.
  ///
  /// They hold what the plan is made with, so that nobody keeps them for longer than they are needed.
  func takeOutlook() -> Outlook {
    defer { openPlaces = [] }
    return Outlook(openPlaces, carriedTime: carriedTime)
  }

  /// Tries open places; false where there was none worth it, or none that the time allows.
  func tryOpenPlaces(until end: UInt64) throws(ExecutionError) -> Bool {
    let places = takeOutlook().places
    var hasTried = false
    try settings.window.open(until: end) { () throws(DNNLError) in
      for place in places where place.fits(before: end) {
        try place.search(self)
        hasTried = true
      }
      for place in places where tunings.implementations(of: place.key) == nil {
        guard settings.window.hasTime else { break }
        try place.rounding?(self)
      }
    }
    return hasTried
  }

  /// Compares Winograd's algorithm with oneDNN's own choice, and remembers how much it rounds.
  private func round(
    _ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor, _ key: String
  ) throws(DNNLError) {
    guard tunings.rounding(of: key) == nil, site.variants.count > 1 else { return }
    do throws(DNNLError) {
      let wanted = try dst.retyped(epilogue.format.type)
      let descriptor = try site.variants[1](
        epilogue.attributes(), wanted, !epilogue.folded.isEmpty)
      let entry = try TunedImplementation(variant: 1, of: descriptor)
      guard entry.algorithm == ConvolutionAlgorithm.winograd.rawValue else { return }
      tunings.journal(.begins(key: key, entry))
      if let error = try check.numericalError(of: entry, site, dst: dst), error < 2e-3 {
        tunings.remember(rounding: error, for: key)
      }
    } catch {
      guard error.isRefusal else { throw error }
    }
  }
}
