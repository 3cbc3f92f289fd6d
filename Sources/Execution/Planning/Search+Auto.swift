import DNNL
import Machine
import Measuring
import Profiling
import Topology

/// A place that no search has seen.
struct OpenPlace {
  /// What would be remembered of it.
  let key: String
  /// Its time in a pass as it is guessed, ns.
  let expected: Double
  /// About how long trying everything takes, ns.
  let effort: Double
  /// Tries everything.
  let search: (Planner) throws(DNNLError) -> Void
  /// Looks how much Winograd's algorithm rounds; `nil` where it is not expected to be the fastest.
  let rounding: ((Planner) throws(DNNLError) -> Void)?
}

/// What a search within a budget has still to try.
struct Outlook {
  /// Places of which each is expected to take that share of all places' time are worth a trial.
  static let worthwhile = 0.005

  /// The places, the same ones together, those that carry most first.
  let places: [OpenPlace]

  /// Orders what a walk left open.
  init(_ planner: Planner) {
    var times: [String: Double] = [:]
    for place in planner.openPlaces { times[place.key, default: 0] += place.expected }
    var seen: Set<String> = []
    let least = Outlook.worthwhile * planner.carriedTime
    places = planner.openPlaces
      .filter { seen.insert($0.key).inserted && times[$0.key, default: 0] >= least }
      .sorted { (times[$0.key, default: 0], $1.key) > (times[$1.key, default: 0], $0.key) }
  }
}

extension Planner {
  /// The share of the budget that places may take before the reorders between them have their turn.
  private static let shareOfPlaces = 0.75

  /// How often the formats that were found may bring about places not seen before; beyond that they
  /// are left to guesses.
  private static let mostRounds = 4

  /// Tries the places that carry the time, those that carry most first, until the budget is spent.
  ///
  /// Then the reorders between them, and the places that only the formats chosen so bring about. Those
  /// change what is chosen before and behind them, so all of it is walked through again until nothing
  /// is left to try: else another run would find places that this one opened.
  static func explore(
    budget: Double, _ planner: (Layouts?) -> Planner
  ) throws(ExecutionError) {
    let begin = Clock.now()
    func end(_ share: Double) -> UInt64 { begin + UInt64(max(budget, 0) * share * 1e9) }
    func walk(_ layouts: Layouts?, keepsOpen: Bool) throws(ExecutionError) -> Planner {
      let made = planner(layouts)
      made.keepsOpen = keepsOpen
      try made.plan()
      return made
    }
    var hasOpened = false
    for _ in 0..<mostRounds where Clock.now() <= end(shareOfPlaces) {
      let first = try walk(nil, keepsOpen: true)
      let hasTried = try first.tryOpenPlaces(until: end(shareOfPlaces))
      guard hasTried || hasOpened else { return }
      let survey = hasTried ? try walk(nil, keepsOpen: false) : first
      let layouts = try survey.trying(until: end(0.9)) { () throws(DNNLError) in
        try Layouts(survey)
      }
      hasOpened = try walk(layouts, keepsOpen: true).tryOpenPlaces(until: end(1))
    }
  }

  /// Tries open places; false where there was none worth it, or none that the time allows.
  private func tryOpenPlaces(until end: UInt64) throws(ExecutionError) -> Bool {
    let places = Outlook(self).places
    // Their closures hold this planner.
    openPlaces = []
    var hasTried = false
    try trying(until: end) { () throws(DNNLError) in
      for place in places where Clock.now() + UInt64(place.effort) < end {
        try place.search(self)
        hasTried = true
      }
      for place in places where tunings.implementations(of: place.key) == nil {
        guard Clock.now() < end else { break }
        try place.rounding?(self)
      }
    }
    return hasTried
  }

  private func trying<Result>(
    until end: UInt64, _ body: () throws(DNNLError) -> Result
  ) throws(ExecutionError) -> Result {
    isTrying = true
    deadline = end
    defer { isTrying = false }
    do throws(DNNLError) { return try body() } catch {
      throw ExecutionError(layer: nil, error)
    }
  }

  /// What oneDNN would choose in each form that a search tries, with times as ``CostModel`` guesses
  /// them; nothing for operations that it knows nothing of.
  ///
  /// Winograd's algorithm is among them where its error is known, and nothing that was not asked
  /// for by its formats: what has not been tried may be wrong, and oneDNN's first answer seldom is.
  func guesses(
    _ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor, _ key: String
  ) throws(DNNLError) -> [TunedImplementation] {
    guard let work = convolutionWork(site.anchor), options.precision != .int8 else { return [] }
    guard site.variants.count > 1 else { return [] }
    let attributes = try attributes(epilogue)
    let dst = try dst.retyped(epilogue.format.type)
    var found: [TunedImplementation] = []
    for (variant, make) in site.variants.enumerated() {
      do throws(DNNLError) {
        let descriptor = try make(attributes, dst, !epilogue.folded.isEmpty)
        var entry = try TunedImplementation(variant: variant, of: descriptor)
        guard Planner.quality(entry.implementation) > 0, !found.contains(where: entry.isSame)
        else { continue }
        let isWinograd = entry.algorithm == ConvolutionAlgorithm.winograd.rawValue
        if isWinograd {
          guard !options.isExact, let error = tunings.rounding(of: key) else { continue }
          entry.error = error
        }
        if let own = found.first {
          let ratio =
            isWinograd
            ? CostModel.winograd
            : CostModel.ratio(of: entry.implementation, entry.source, entry.result, to: own)
          guard let ratio, let time = own.time else { continue }
          entry.time = ratio * time
        } else {
          entry.time = CostModel.convolution(
            work, implementation: entry.implementation, source: entry.source,
            result: entry.result)
        }
        found.append(entry)
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    return found
  }

  /// Notes that nothing is known of a place; 8-bit numbers are not searched untold, for they would
  /// have to be calibrated once more.
  func leaveOpen(
    _ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor, _ key: String,
    _ guesses: [TunedImplementation]
  ) {
    guard options.precision != .int8 else { return }
    let instruction = program.instructions[site.anchor]
    let weights = instruction.weights.reduce(0) { $0 + $1.elementCount }
    let work = convolutionWork(site.anchor) ?? productWork(site.anchor, weights: weights)
    let expected = guesses.compactMap(\.time).min() ?? CostModel.direct(work)
    carriedTime += expected
    guard keepsOpen else { return }
    let formats = Double(max(site.variants.count, 2))
    openPlaces.append(
      OpenPlace(
        key: key, expected: expected,
        effort: formats * (Double(trial.budget) + 10 * expected + 8 * Double(weights)),
        search: { (planner) throws(DNNLError) in
          let found = try planner.candidates(site, epilogue, dst: dst)
          try planner.trySplit(site, found)
        },
        rounding: expectsWinograd(site)
          ? { (planner) throws(DNNLError) in try planner.round(site, epilogue, dst: dst, key) }
          : nil))
  }

  /// A convolution as the cost model sees it; `nil` for another operation.
  private func convolutionWork(_ index: Int) -> CostModel.Work? {
    let instruction = program.instructions[index]
    guard case .convolution = instruction.operation,
      let slot = instruction.weights.first(where: { $0.role == .weights })
    else { return nil }
    let result = dims(instruction.output)
    let positions = result.reduce(1, *) / max(result[1], 1)
    return CostModel.Work(
      macs: Double(slot.elementCount) * Double(positions),
      values: Double(dims(input(of: index)).reduce(1, *) + result.reduce(1, *)),
      weights: Double(slot.elementCount), threads: options.threads)
  }

  /// Another product: each row of the source meets all weights, of a recurrent layer at every step.
  private func productWork(_ index: Int, weights: Int) -> CostModel.Work {
    let source = dims(input(of: index))
    let rows = source.dropLast().reduce(1, *)
    var reads = 1
    if case .recurrent = program.instructions[index].operation { reads = source[0] }
    return CostModel.Work(
      macs: Double(weights) * Double(rows), values: Double(source.reduce(1, *)),
      weights: Double(weights) * Double(reads), threads: options.threads)
  }

  /// Whether Winograd's algorithm, where oneDNN has it, is expected to be the fastest.
  private func expectsWinograd(_ site: FusionSite) -> Bool {
    guard !options.isExact, site.type == .f32,
      case .convolution(let convolution) = program.instructions[site.anchor].operation
    else { return false }
    return convolution.kernel == [3, 3] && convolution.stride == [1, 1] && convolution.groups == 1
  }

  /// Compares Winograd's algorithm with oneDNN's own choice, and remembers how much it rounds.
  private func round(
    _ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor, _ key: String
  ) throws(DNNLError) {
    guard tunings.rounding(of: key) == nil, site.variants.count > 1 else { return }
    do throws(DNNLError) {
      let wanted = try dst.retyped(epilogue.format.type)
      let descriptor = try site.variants[1](
        attributes(epilogue), wanted, !epilogue.folded.isEmpty)
      let entry = try TunedImplementation(variant: 1, of: descriptor)
      guard entry.algorithm == ConvolutionAlgorithm.winograd.rawValue else { return }
      tunings.journal(.begins(key: key, entry))
      if let error = try numericalError(of: entry, site, dst: dst), error < 2e-3 {
        tunings.remember(rounding: error, for: key)
      }
    } catch {
      guard error.isRefusal else { throw error }
    }
  }

  /// Times an LSTM split into products, beside its primitive.
  private func trySplit(_ site: FusionSite, _ found: [TunedImplementation]) throws(DNNLError) {
    guard case .recurrent(let recurrent) = program.instructions[site.anchor].operation,
      recurrent.cell == .lstm, !hasStates(site.anchor), options.recurrence == .automatic,
      let best = found.compactMap(\.time).min()
    else { return }
    _ = try splitCandidate(site.anchor, site.type, best: best)
  }
}
