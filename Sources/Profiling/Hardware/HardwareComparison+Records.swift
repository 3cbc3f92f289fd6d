extension HardwareComparison {
  /// Share of the whole that layers with roofs must take for the whole to be explained by them.
  public static let fewestCoverage = 0.8

  /// Whether records come from other CPUs, as far as they say.
  public static func isOfSeveral(_ records: [RunRecord]) -> Bool {
    guard let first = records.first else { return false }
    return records.dropFirst().contains { !$0.machine.mayHaveTheCPU(of: first.machine) }
  }

  /// Compares machines by records of one network, the first against every other.
  ///
  /// - Throws: ``HardwareMismatch`` where the layers do not do the same work.
  public init(_ records: [RunRecord]) throws(HardwareMismatch) {
    precondition(records.count >= 2, "a comparison has two sides")
    schema = Self.schemaName
    let diffs = Comparison(baseline: records[0], candidates: Array(records.dropFirst())).diffs
    for index in diffs.indices {
      try Self.check(records[0], records[index + 1], diffs[index], Comparison.letter(index + 1))
    }
    let roofs = records.map { record in
      record.layers.map { record.machine.hasRoofs ? AttainableTime($0) : nil }
    }
    machines = zip(records, roofs).map { Machine($0, $1) }
    layers = records[0].layers.indices.map { row in
      Layer(row, records, roofs.map { $0[row] }, diffs.map { $0.layers[row].difference })
    }
    candidates = []
    for index in diffs.indices {
      candidates.append(
        Candidate(index, records[0], records[index + 1], diffs[index], layers, machines))
    }
  }

  /// Asks a gate, which cannot tell anything here.
  public mutating func ask(gate percent: Double, text: String?) {
    gate = Gate(
      percent: percent, layers: text, result: .cannotTell,
      reason: "the records are of several machines, and a slower machine is no regression")
  }

  /// Refuses what is no comparison of machines: other layers, or the same ones with other work.
  private static func check(
    _ baseline: RunRecord, _ candidate: RunRecord, _ diff: Diff, _ letter: String
  ) throws(HardwareMismatch) {
    let (before, after) = (baseline.options, candidate.options)
    if before.batch != after.batch {
      throw HardwareMismatch(
        letter: letter,
        reason:
          "batch \(before.batch) against \(after.batch) is other work in every layer, and the "
          + "ratio of the roofs would say more of the batch than of the machines",
        remedy: "measure both with the same --batch")
    }
    if before.cache != after.cache {
      throw HardwareMismatch(
        letter: letter,
        reason: "\(before.cache) against \(after.cache) caches hold the layers against other roofs",
        remedy: "measure both with the same --cache")
    }
    let others = diff.layers.filter { ![.same, .renamed].contains($0.change) }
    guard let first = others.first else { return }
    let rest = others.count > 1 ? ", and \(others.count - 1) more" : ""
    throw HardwareMismatch(
      letter: letter,
      reason: "they do not hold the same layers: \(words(first, letter))\(rest)",
      remedy: "measure the same topology with the same params on both machines")
  }

  private static func words(_ row: LayerDifference, _ letter: String) -> String {
    switch row.change {
    case .added: return "only \(letter) has '\(row.name)'"
    case .removed: return "only A has '\(row.name)'"
    case .replaced: return "'\(row.name)' is another kind of layer"
    default:
      guard let shapes = row.outputShape, shapes.differ, let before = shapes.baseline,
        let after = shapes.candidate
      else { return "'\(row.name)' has other costs" }
      return "the output of '\(row.name)' is \(before) against \(after)"
    }
  }
}

extension HardwareComparison.Machine {
  fileprivate init(_ record: RunRecord, _ roofs: [AttainableTime?]) {
    created = record.created
    topology = record.topology
    options = record.options
    machine = record.machine
    if !record.machine.hasRoofs { machine.rooflines = nil }
    bandwidths = record.machine.hasRoofs ? record.levelBandwidths : []
    totals = record.totals
    timeNs = record.endToEnd?.time.known
    let both = zip(record.layers, roofs).compactMap { layer, roof in
      layer.time?.known.flatMap { time in roof.map { (time: time, roof: $0.ns) } }
    }
    let (time, roof) = (both.reduce(0) { $0 + $1.time }, both.reduce(0) { $0 + $1.roof })
    attainableNs = both.isEmpty ? nil : roof
    roofFraction = both.isEmpty ? nil : roof / time
    missing = Self.missing(record, timed: timeNs != nil, explained: !both.isEmpty)
  }

  private static func missing(_ record: RunRecord, timed: Bool, explained: Bool) -> [String] {
    var list: [String] = []
    if !timed { list.append("the network was not measured") }
    guard let roofs = record.machine.rooflines else {
      return list + ["no roofs were measured, so nothing can be held against them"]
    }
    if let fault = roofs.fault { return list + ["its roofs say nothing: \(fault)"] }
    if timed, !explained { list.append("no layer was held against the roofs") }
    let used = Set(record.layers.filter { $0.time != nil }.map(\.precision))
    for (name, peak) in [
      (PrecisionName.bf16, roofs.peakFlops.bf16), (.int8, roofs.peakFlops.int8),
    ]
    where used.contains(name) && peak == nil {
      list.append("no peak of \(name) was measured: f32's stands in for it")
    }
    return list
  }
}

extension HardwareComparison.Layer {
  fileprivate init(
    _ row: Int, _ records: [RunRecord], _ roofs: [AttainableTime?], _ differences: [Difference]
  ) {
    let sides = records.map { $0.layers[row] }
    name = sides[0].name
    kind = sides[0].kind
    flops = sides[0].costsUnknown == true ? nil : sides[0].flops
    machines = zip(sides, roofs).map { HardwareComparison.LayerSide($0, $1) }
    candidates = differences.enumerated().map { index, difference in
      let other = index + 1
      let sameAlgorithm =
        sides[0].mainPrimitive?.algorithm == sides[other].mainPrimitive?.algorithm
      let explained = roofs[0].flatMap { before in
        roofs[other].flatMap {
          AttainableTime.ratio(before, $0, sameAlgorithm: sameAlgorithm)
        }
      }
      let code = CodeDifference.words(
        sides[0], sides[other], letters: ["A", Comparison.letter(other)],
        engines: [records[0].options.engine, records[other].options.engine])
      var result = HardwareComparison.LayerRatio(
        times: RoofRatio(difference, explained: explained), cause: nil, code: code)
      guard result.times?.left != nil else { return result }
      let libraries = [records[0], records[other]].map {
        [$0.machine.onednn?.version, $0.machine.engine?.version]
      }
      let isWaiting = [sides[0], sides[other]].contains { $0.bound?.class == .latency }
      result.cause =
        code != nil
        ? .implementation
        : isWaiting ? .latency : libraries[0] != libraries[1] ? .library : .sameCode
      return result
    }
  }
}

extension HardwareComparison.LayerSide {
  fileprivate init(_ layer: LayerRecord, _ roof: AttainableTime?) {
    timeNs = layer.time?.known
    attainableNs = timeNs == nil ? nil : roof?.ns
    roofFraction = timeNs.flatMap { time in roof.map { $0.ns / time } }
    bound = layer.bound?.class
    bytes = layer.costsUnknown == true ? nil : layer.bytes.total
    implementation = layer.mainPrimitive?.implementation
    algorithm = layer.mainPrimitive?.algorithm
    precision = layer.precision
    fusedInto = layer.fusedInto
  }
}

extension HardwareComparison.Candidate {
  fileprivate init(
    _ index: Int, _ baseline: RunRecord, _ candidate: RunRecord, _ diff: Diff,
    _ layers: [HardwareComparison.Layer], _ machines: [HardwareComparison.Machine]
  ) {
    let letter = Comparison.letter(index + 1)
    differences = Comparability.besidesMachines(baseline, candidate, letters: ["A", letter])
    method = diff.method
    whole = RoofRatio(diff.endToEnd)
    causes = []
    verdict = []
    let rows = layers.map { (sides: $0.machines, ratio: $0.candidates[index]) }
    let explained = rows.compactMap { row -> (before: Double, after: Double, share: Double)? in
      guard let ratio = row.ratio.times?.explained, let before = row.sides[0].timeNs,
        let after = row.sides[index + 1].timeNs
      else { return nil }
      return (before, after, ratio)
    }
    let before = explained.reduce(0) { $0 + $1.before }
    let after = explained.reduce(0) { $0 + $1.after }
    if let first = diff.endToEnd?.baselineNs, let second = diff.endToEnd?.candidateNs, first > 0,
      second > 0, before > 0
    {
      let covered = [Swift.min(before / first, 1), Swift.min(after / second, 1)]
      coverage = Sides(baseline: covered[0], candidate: covered[1])
      if covered.allSatisfy({ $0 >= HardwareComparison.fewestCoverage }) {
        let predicted = explained.reduce(0) { $0 + $1.before * $1.share }
        whole?.explain(predicted / before, excess: after - predicted)
      }
    }
    if whole?.explained != nil {
      causes = HardwareComparison.Cause.allCases.compactMap { cause in
        let members = layers.compactMap { layer in
          layer.candidates[index].cause == cause
            ? layer.candidates[index].times?.excessNs : nil
        }
        guard !members.isEmpty else { return nil }
        return HardwareComparison.CauseSum(
          cause: cause, layers: members.count, excessNs: members.reduce(0, +))
      }
    }
    let words = HardwareVerdict(self, index: index, layers: layers, machines: machines)
    mainly = words.mainly
    verdict = words.sentences
  }
}

/// What ran otherwise for a layer, in words.
enum CodeDifference {
  /// Nil where the same code ran, as far as the names of implementations tell.
  static func words(
    _ before: LayerRecord, _ after: LayerRecord, letters: [String], engines: [String?]
  ) -> String? {
    func pair(_ left: String?, _ right: String?) -> String? {
      guard let left, let right, left != right else { return nil }
      return "\(left) on \(letters[0]), \(right) on \(letters[1])"
    }
    let (main, other) = (before.mainPrimitive, after.mainPrimitive)
    let parts = [
      pair(engines[0] ?? "onednn", engines[1] ?? "onednn"),
      pair(main?.implementation, other?.implementation),
      pair(main?.algorithm, other?.algorithm),
      pair(before.precision.rawValue, after.precision.rawValue),
      before.fusedInto == after.fusedInto
        ? nil : pair(fusion(before), fusion(after)),
      pair(steps(before), steps(after)),
    ]
    let found = parts.compactMap(\.self)
    return found.isEmpty ? nil : found.joined(separator: "; ")
  }

  private static func fusion(_ layer: LayerRecord) -> String {
    layer.fusedInto.map { "fused into \($0)" } ?? "by itself"
  }

  /// How many primitives and reorders ran; what is fused elsewhere says so already.
  private static func steps(_ layer: LayerRecord) -> String? {
    guard layer.fusedInto == nil, !layer.primitives.isEmpty else { return nil }
    let reorders = layer.primitives.count { $0.kind == "reorder" }
    let others = layer.primitives.count - reorders
    let words = "\(others) \(others == 1 ? "primitive" : "primitives")"
    return reorders == 0
      ? words : "\(words) and \(reorders) \(reorders == 1 ? "reorder" : "reorders")"
  }
}

extension TimeSummary {
  /// The median, if it is a time.
  fileprivate var known: Double? { median > 0 && median.isFinite ? median : nil }
}

extension MachineInfo {
  /// Whether its roofs can be held against anything.
  fileprivate var hasRoofs: Bool { rooflines.map { $0.fault == nil } ?? false }

  /// Whether it is known what CPU it has: imported records do not say.
  fileprivate var isDescribed: Bool { vendor != nil || cores != nil || !caches.isEmpty }

  /// Whether nothing speaks against both having the same CPU.
  func mayHaveTheCPU(of other: MachineInfo) -> Bool {
    guard isDescribed, other.isDescribed else { return true }
    func mayAgree(_ value: KeyPath<MachineInfo, String?>) -> Bool {
      guard let one = self[keyPath: value], let two = other[keyPath: value] else { return true }
      return one == two
    }
    // Hypervisors give many CPUs one name.
    return cpu == other.cpu && mayAgree(\.vendor) && mayAgree(\.microarchitecture)
      && (isa.isEmpty || other.isa.isEmpty || isa == other.isa)
  }
}
