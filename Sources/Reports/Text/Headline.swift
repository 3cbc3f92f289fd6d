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
    var facts = ["batch \(options.batch)", threads(options), options.precision]
    if options.cache != "warm" { facts.append("\(options.cache) caches") }
    if !options.fusion { facts.append("no fusion") }
    if options.tuning != "fast" { facts.append("tuning \(options.tuning)") }
    if options.layers != "all" { facts.append("layers \(options.layers)") }
    if let isa = options.isa { facts.append("ISA capped at \(isa)") }
    return facts.joined(separator: " · ")
  }

  /// `2 threads`, and how many ran where the environment did not give as many.
  static func threads(_ options: RunOptions) -> String {
    let asked = options.threads == 1 ? "1 thread" : "\(options.threads) threads"
    return options.teamSize == options.threads ? asked : "\(asked) asked, \(options.teamSize) ran"
  }

  /// CPU and library, like `AMD EPYC, 2 cores · oneDNN 2.6.3 (avx512_core_bf16)`.
  var machine: String {
    let machine = record.machine
    var facts = ["\(machine.cpu), \(machine.cores) \(machine.cores == 1 ? "core" : "cores")"]
    if machine.virtualized { facts.append("virtual") }
    if let onednn = machine.onednn { facts.append("oneDNN \(onednn.version) (\(onednn.isa))") }
    return facts.joined(separator: " · ")
  }

  /// `width 2048, hidden 1024`; nil without parameters.
  var parameters: String? {
    let parameters = record.topology.parameters.sorted { $0.key < $1.key }
    guard !parameters.isEmpty else { return nil }
    return parameters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// How samples spread, like `95 % interval 49.8 … 50.4 ms, p90 50.9 ms, 20 samples`.
  static func spread(_ time: TimeSummary) -> String {
    var facts: [String] = []
    if let interval = time.interval {
      facts.append("95 % interval \(TimeUnit.range(interval.lowerBound, interval.upperBound))")
    }
    facts.append("p90 \(TimeUnit.text(time.p90))")
    facts.append("p99 \(TimeUnit.text(time.p99))")
    facts.append(time.count == 1 ? "1 sample" : "\(time.count) samples")
    return facts.joined(separator: ", ")
  }

  /// What measuring itself costs; nil when it was not measured.
  var overhead: String? {
    guard let overhead = record.overhead else { return nil }
    var facts: [String] = []
    if let dropped = record.endToEnd?.droppedPairs, dropped > 0 {
      facts.append("\(dropped) disturbed \(dropped == 1 ? "pair" : "pairs") of passes dropped")
    }
    if let timed = overhead.inflation.timed {
      facts.append("clock reads change the pass by \(Figures.signedPercent(timed * 100))")
    }
    if let counted = overhead.inflation.counted {
      facts.append("counter reads by \(Figures.signedPercent(counted * 100))")
    }
    if let clock = overhead.clockNs { facts.append("one clock read \(TimeUnit.text(clock))") }
    if let counters = overhead.countersNs {
      facts.append("one counter read \(TimeUnit.text(counters))")
    }
    return facts.isEmpty ? nil : facts.joined(separator: ", ")
  }

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
      record.layers.contains(where: { $0.counters?.source == "estimated" })
    else { return nil }
    return "no hardware counters here, so cycles are estimated: `ntprof machine` says why"
  }

  private static func isAside(_ warning: Warning) -> Bool {
    ["no-hardware-counters", "no-papi-counters", "no-perf-counters"].contains(warning.code)
  }
}
