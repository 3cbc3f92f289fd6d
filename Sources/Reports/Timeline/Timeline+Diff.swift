internal import Profiling

extension Timeline {
  /// Both sides of a comparison, their layers end to end at the medians.
  ///
  /// A diff holds no samples: these are no passes that ran, and no rest closes the sum.
  static func sides(of diff: Diff) -> [Timeline] {
    [
      Timeline(
        "baseline", diff.baseline,
        diff.layers.map { ($0.baseline, $0.difference.baselineNs, $0.difference) }),
      Timeline(
        "candidate", diff.candidate,
        diff.layers.map { ($0.candidate, $0.difference.candidateNs, $0.difference) }),
    ]
  }

  private init(
    _ role: String, _ side: Diff.Side, _ rows: [(name: String?, time: Double?, Difference)]
  ) {
    name = "\(role): \(side.topology.name) on \(side.cpu)"
    facts.add("role", role)
    facts.add("created", side.created)
    facts.add("topology", side.topology.name)
    facts.add("source", side.topology.source)
    facts.add("sha256", side.topology.sha256)
    facts.add("parameters", side.topology.parameters)
    facts.add("batch", side.options.batch)
    facts.add("threads", side.options.threads)
    facts.add("precision", side.options.precision.rawValue)
    facts.add("cpu", side.cpu)
    facts.add("onednn", side.onednn.map { "\($0.version) \($0.isa) \($0.runtime)" })
    facts.add("note", "layers end to end at their medians; no pass that ran")
    var clock = SliceClock()
    var layers: [Slice] = []
    for (name, time, difference) in rows {
      guard let name, let time else { continue }
      let start = clock.now
      var details = JSONFields()
      details.add("median_ns", time)
      details.add("percent", difference.percent)
      details.add("p_adjusted", difference.pAdjusted)
      details.add("verdict", difference.verdict.rawValue)
      let end = clock.advance(time)
      layers.append(
        Slice(level: .layer, name: name, start: start, end: end, details: details))
    }
    guard !layers.isEmpty else { return }
    root = Slice(
      level: .network, name: "\(side.topology.name) (\(role))", start: 0, end: clock.now,
      children: layers)
  }
}
