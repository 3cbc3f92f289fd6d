extension RunRecord {
  /// One record of what several processes measured of the same topology with the same options.
  ///
  /// Every time's samples become the medians of the processes, in the order they ran: a process is
  /// what varies (code placement, page placement, frequency), passes within one are not independent.
  /// The timed pass is the sum of its parts' medians, so that layers and the rest still add up.
  /// Metrics are medians over the processes, peak memory is the largest; bounds, counters and the
  /// rest come from the process whose end-to-end median is the middle one. Where some measured no
  /// roofs, bounds and what metrics say of roofs come from the others. A warning about how the
  /// samples spread stands where half of the processes have it.
  ///
  /// Records of another network than the first one's are left out.
  ///
  /// - Parameters:
  ///   - records: Of each process, in the order they ran.
  ///   - rounds: What names the rounds in which they took turns with others' (``RunOptions/rounds``).
  /// - Returns: The merged record; the first one as it is, if none measured its network.
  /// - Precondition: `records` is not empty.
  public static func merging(processes records: [RunRecord], rounds: String? = nil) -> RunRecord {
    let measured = records.filter { $0.endToEnd != nil && $0.hasRows(of: records[0]) }
    let ordered = measured.sorted {
      ($0.endToEnd?.time.median ?? 0) < ($1.endToEnd?.time.median ?? 0)
    }
    guard let first = records.first, !ordered.isEmpty else { return records[0] }
    let judged = ordered.contains { $0.machine.rooflines != nil }
    func isJudged(_ record: RunRecord) -> Bool { !judged || record.machine.rooflines != nil }
    let bases = ordered.filter(isJudged)
    let told = measured.map(isJudged)
    var merged = bases[(bases.count - 1) / 2]
    merged.created = first.created
    merged.command = first.command
    merged.options.processes = measured.count
    merged.options.rounds = rounds
    for index in merged.layers.indices {
      merged.layers[index].merge(measured.map { $0.layers[index] })
      merged.layers[index].metrics = medians(measured.map { $0.layers[index].metrics }, told)
    }
    for index in merged.segments.indices {
      merged.segments[index].time = .medians(measured.map { $0.segments[index].time })
      merged.segments[index].metrics = medians(measured.map { $0.segments[index].metrics }, told)
    }
    merged.mergeWhole(measured)
    merged.addUp(measured)
    merged.mergeWarnings(measured)
    return merged.statingHindrances()
  }

  private func hasRows(of other: RunRecord) -> Bool {
    topology.sha256 == other.topology.sha256 && layers.count == other.layers.count
      && segments.count == other.segments.count
  }

  /// Codes of warnings about one process's samples, of which several processes are the remedy.
  private static let ofSamples: Set<String> = [
    "noisy-machine", "drift", "disturbed", "timing-overhead", "interval-too-wide", "uneven-passes",
  ]

  private mutating func mergeWarnings(_ records: [RunRecord]) {
    var list: [Warning] = []
    for var warning in records.flatMap(\.warnings)
    where !list.contains(where: { $0.code == warning.code }) {
      let having = records.count { $0.warnings.contains { $0.code == warning.code } }
      if Self.ofSamples.contains(warning.code), records.count > 1 {
        guard 2 * having >= records.count else { continue }
        warning.message = "in \(having) of \(records.count) processes: \(warning.message)"
      }
      list.append(warning)
    }
    warnings = list
  }

  private mutating func mergeWhole(_ records: [RunRecord]) {
    if var time = TimeSummary.medians(records.map(\.endToEnd?.time)) {
      time.between = BetweenProcesses(
        medians: time.samples, known: endToEnd?.processSpread?.runs)
      endToEnd?.time = time
      endToEnd?.stability = Stability(samples: time.samples)
      endToEnd?.throughputPerSecond = Double(options.batch) / (time.median * 1e-9)
    }
    let dropped = records.compactMap(\.endToEnd?.droppedPairs)
    if !dropped.isEmpty { endToEnd?.droppedPairs = dropped.reduce(0, +) }
    let disturbances = records.compactMap(\.endToEnd?.disturbance)
    if !disturbances.isEmpty { endToEnd?.disturbance = .sum(of: disturbances) }
    let errors = records.compactMap(\.endToEnd?.outputError)
    if let relative = errors.map(\.relative).max(), let cosine = errors.map(\.cosine).min() {
      endToEnd?.outputError = OutputError(relative: relative, cosine: cosine)
    }
    let firsts = records.compactMap(\.endToEnd?.firstInferenceNs)
    if !firsts.isEmpty { endToEnd?.firstInferenceNs = Percentiles.median(of: firsts) }
    let inflations = records.compactMap(\.overhead?.inflation.timed)
    if !inflations.isEmpty { overhead?.inflation.timed = Percentiles.median(of: inflations) }
    peakMemoryBytes = records.compactMap(\.peakMemoryBytes).max()
    predictedMemoryBytes = records.compactMap(\.predictedMemoryBytes).max()
    conditions = .merging(records.compactMap(\.conditions))
    let handOffs = records.compactMap { $0.machine.rooflines?.handOff }
    if !handOffs.isEmpty { machine.rooflines?.handOffNs = handOffs }
  }

  /// Rebuilds the timed pass from its parts, and the shares of it.
  private mutating func addUp(_ records: [RunRecord]) {
    guard let rest = TimeSummary.medians(records.map(\.unattributed?.time)) else { return }
    var sums = rest.samples
    for layer in layers {
      for (index, sample) in (layer.time?.samples ?? []).enumerated() { sums[index] += sample }
    }
    let pass = TimeSummary(samples: sums)
    timedPass = TimedPass(time: pass, passesPerSample: timedPass?.passesPerSample)
    unattributed = Unattributed(
      time: rest, share: 0, nodes: NodeTimes(medians: records.map(\.unattributed?.nodes)))
    shareOut()
  }

  /// The median of each number over the rows that have it: all of them, or at least those that are told of roofs.
  fileprivate static func medians(_ rows: [MetricValues], _ told: [Bool]) -> MetricValues {
    let values = rows.map(\.byName)
    guard let first = zip(values, told).first(where: \.1)?.0 else { return [:] }
    var result: [String: Double] = [:]
    for key in first.keys {
      let all = values.compactMap { $0[key] }
      let some = zip(values, told).compactMap { $1 ? $0[key] : nil }
      if all.count == values.count || some.count == told.count(where: \.self) {
        result[key] = Percentiles.median(of: all.count == values.count ? all : some)
      }
    }
    return MetricValues(byName: result)
  }
}

extension LayerRecord {
  fileprivate mutating func merge(_ rows: [LayerRecord]) {
    time = .medians(rows.map(\.time))
    for index in primitives.indices {
      let times = rows.map {
        $0.primitives.indices.contains(index) ? $0.primitives[index].time : nil
      }
      primitives[index].time = .medians(times)
    }
  }
}

extension TimeSummary {
  /// The medians of several times as samples; nil unless all are there.
  fileprivate static func medians(_ times: [TimeSummary?]) -> TimeSummary? {
    let present = times.compactMap { $0?.median }
    guard !present.isEmpty, present.count == times.count else { return nil }
    return TimeSummary(samples: present)
  }
}
