internal import Profiling

/// The facts at the head of a report, as short texts.
struct Headline {
  let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  /// `batch 1 · 2 threads · f32`, and what differs from the defaults.
  var options: String {
    Self.options(record.options)
  }

  static func options(_ options: RunOptions) -> String {
    var facts = ["batch \(options.batch)"] + [threads(options)].compactMap(\.self)
    facts.append(options.precision.rawValue)
    if let engine = options.engine { facts.append(engine) }
    if options.cache != "warm" { facts.append("\(options.cache) caches") }
    if !options.fusion { facts.append("no fusion") }
    if !["auto", "fast"].contains(options.tuning) { facts.append("tuning \(options.tuning)") }
    if options.exact == true { facts.append("exact") }
    if options.layers != "all" { facts.append("layers \(options.layers)") }
    if let isa = options.isa { facts.append("ISA capped at \(isa)") }
    return facts.joined(separator: " · ")
  }

  /// `2 threads`, and how many ran where the environment did not give as many.
  ///
  /// Nil where an imported file does not say.
  static func threads(_ options: RunOptions) -> String? {
    guard let threads = options.threads, let ran = options.teamSize else { return nil }
    let asked = threads == 1 ? "1 thread" : "\(threads) threads"
    return ran == threads ? asked : "\(asked) asked, \(ran) ran"
  }

  /// CPU and library, like `AMD EPYC, 2 cores · oneDNN 2.6.3 (avx512_core_bf16)`.
  var machine: String {
    let machine = record.machine
    let cores = machine.cores.map { ", \($0) \($0 == 1 ? "core" : "cores")" } ?? ""
    var facts = [machine.cpu + cores]
    if machine.virtualized == true { facts.append("virtual") }
    if let origin { facts.insert(origin, at: 0) }
    if let engine = machine.engine { facts.append("\(engine.name) \(engine.version)") }
    if let onednn = machine.onednn { facts.append("oneDNN \(onednn.version) (\(onednn.isa))") }
    return facts.joined(separator: " · ")
  }

  /// `measured by oneDNN 2.6.3 (onednn-verbose)`; nil where ntprof measured.
  var origin: String? {
    record.origin.map { origin in
      let program = [origin.program, origin.version].compactMap(\.self).joined(separator: " ")
      return "measured by \(program) (\(origin.format))"
    }
  }

  /// `width 2048, hidden 1024`; nil without parameters.
  var parameters: String? {
    let parameters = record.topology.parameters.sorted { $0.key < $1.key }
    guard !parameters.isEmpty else { return nil }
    return parameters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// How the samples of the bare pass spread: `95 % interval 49.8 … 50.4 ms within this process, p90
  /// 50.9 ms, 20 samples`, or `95 % interval 49.1 … 51.3 ms between 6 processes`.
  ///
  /// Percentiles stand only where samples reach beyond them: p90 from 10 passes on, p99 from 100.
  var spread: String? {
    guard let time = record.endToEnd?.time else { return nil }
    if let between = time.between
      ?? BetweenProcesses(medians: processes == nil ? [] : time.samples),
      let interval = between.interval
    {
      return "95 % interval \(TimeUnit.range(interval.lowerBound, interval.upperBound)) between "
        + "\(between.count) processes"
    }
    return Self.spread(time, of: " within this process")
  }

  /// How many processes measured the record; nil for passes of one.
  private var processes: Int? { record.options.processes.flatMap { $0 > 1 ? $0 : nil } }

  /// How samples spread, like `95 % interval 49.8 … 50.4 ms, p90 50.9 ms, 20 samples`.
  static func spread(_ time: TimeSummary, of whom: String = "") -> String {
    var facts: [String] = []
    if let interval = time.interval {
      facts.append(
        "95 % interval \(TimeUnit.range(interval.lowerBound, interval.upperBound))\(whom)")
    }
    if time.carries(percentile: 0.9) { facts.append("p90 \(TimeUnit.text(time.p90))") }
    if time.carries(percentile: 0.99) { facts.append("p99 \(TimeUnit.text(time.p99))") }
    let count = time.count == 1 ? "1 sample" : "\(time.count) samples"
    facts.append(
      time.interval == nil ? "\(count): no interval below \(MedianInterval.fewestSamples)" : count)
    return facts.joined(separator: ", ")
  }

  /// By how much another process may differ; nil where only a default stands for it, or the record
  /// has several processes itself.
  var known: String? {
    guard let spread = record.endToEnd?.processSpread, spread.source == .measured,
      processes == nil
    else { return nil }
    return "processes of this network differ by up to ±\(DiffText.reach(spread)) % here "
      + "(\(spread.processes) were measured)"
  }

  /// How implementations were chosen, `6 of 21 searched for, 9 remembered, 6 guessed (12 % of the
  /// time)`; nil where the record does not say it.
  var tuning: String? {
    guard let summary = TuningSummary(record), !summary.counts.isEmpty else { return nil }
    let words: [(TuningSource, String)] = [
      (.searched, "searched for"), (.remembered, "remembered"), (.guessed, "guessed"),
    ]
    let parts = words.compactMap { source, verb -> String? in
      guard let count = summary.counts[source] else { return nil }
      let share =
        source == .guessed
        ? summary.guessedShare.map { " (\(Figures.percent($0)) % of the time)" } ?? "" : ""
      return "\(count) \(verb)\(share)"
    }
    let total = summary.counts.values.reduce(0, +)
    let noun = total == 1 ? "implementation" : "implementations"
    return "tuning \(record.options.tuning): of \(total) \(noun) \(parts.joined(separator: ", "))"
  }

  /// That layers round otherwise than the direct algorithm, and by how much; nil where none does.
  var rounding: String? {
    guard let winograd = TuningSummary(record)?.winograd else { return nil }
    let layers = winograd.layers == 1 ? "1 layer" : "\(winograd.layers) layers"
    return "Winograd's algorithm runs in \(layers): results differ by up to "
      + "\(Figures.scientific(winograd.error)) of the largest one; `--exact` refuses it"
  }

  /// What measuring itself costs; nil when it was not measured.
  var overhead: String? {
    guard let overhead = record.overhead else { return nil }
    var facts: [String] = []
    if let dropped = record.endToEnd?.droppedPairs, dropped > 0 {
      facts.append("\(dropped) disturbed \(dropped == 1 ? "pair" : "pairs") of passes dropped")
    }
    if let timed = clockReads { facts.append(timed) }
    if let counted = overhead.inflation.counted {
      facts.append("counter reads by \(Figures.signedPercent(counted * 100))")
    }
    if let clock = overhead.clockNs { facts.append("one clock read \(TimeUnit.text(clock))") }
    if let counters = overhead.countersNs {
      facts.append("one counter read \(TimeUnit.text(counters))")
    }
    return facts.isEmpty ? nil : facts.joined(separator: ", ")
  }

  /// What reading the clock costs, as far as the passes tell.
  private var clockReads: String? {
    guard record.overhead?.inflation.timed != nil, let bare = record.endToEnd?.time,
      let timed = record.timedPass?.time
    else { return nil }
    // The timed pass of several processes is a sum of medians: the ratio of each process is known.
    guard processes == nil else {
      return record.overhead?.inflation.timed.flatMap {
        $0 > 0 ? "clock reads change the pass by \(Figures.signedPercent($0 * 100))" : nil
      }
    }
    var estimator = DifferenceEstimator()
    guard
      let difference = estimator.paired(baseline: bare.samples, candidate: timed.samples)
        ?? estimator.unpaired(baseline: bare.samples, candidate: timed.samples),
      let interval = difference.interval
    else {
      return
        "\(bare.count == 1 ? "one pair" : "\(bare.count) pairs") of passes cannot tell what clock "
        + "reads cost (\(MedianInterval.fewestSamples) can)"
    }
    let percent = (timed.median / bare.median - 1) * 100
    if interval.contains(0) || percent <= 0 {
      let most = Swift.max(interval.upperBound, 0.1)
      return "clock reads change the pass by no more than \(Figures.fixed(most, 1)) %"
    }
    return "clock reads change the pass by \(Figures.signedPercent(percent))"
  }

  /// What another engine's nodes have of its pass; nil of ntprof's own.
  var nodes: String? { record.unattributed?.nodes.map { EngineText.nodes($0) } }

  /// The times of the passes that make up the record, for readers who compare them.
  var throughput: String? {
    record.endToEnd.map { "\(Figures.rate($0.throughputPerSecond)) inferences/s" }
  }

  /// Warnings of the record but for ``aside``.
  var warnings: [Warning] { record.warnings.filter { !Self.isAside($0) } }

  /// One line for the end of a report: that there are no hardware counters; nil where there are, or
  /// where nobody wanted any.
  ///
  /// The common case in the cloud, and no fault of the run: `ntprof machine` tells the whole story.
  var aside: String? {
    guard record.options.counters == "auto", record.endToEnd != nil,
      record.warnings.contains(where: Self.isAside) || record.machine.papi?.hardwareCounters == 0,
      record.layers.contains(where: { $0.counters?.source == .estimated })
    else { return nil }
    return "no hardware counters here, so cycles are estimated: `ntprof machine` says why"
  }

  private static func isAside(_ warning: Warning) -> Bool {
    ["no-hardware-counters", "no-papi-counters", "no-perf-counters"].contains(warning.code)
  }
}
