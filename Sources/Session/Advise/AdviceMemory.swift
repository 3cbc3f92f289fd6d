package import Profiling

/// Advice that was measured on this machine, kept beside what searches found.
package enum AdviceMemory {
  /// Keeps what a document says, for the runs that its baseline was one of.
  package static func keep(_ advice: Advice) {
    guard let measured = MeasuredAdvice(advice),
      let name = name(advice.topology, advice.options, advice.machine)
    else { return }
    var kept = CacheFolder.load([MeasuredAdvice].self, name) ?? []
    kept.removeAll { $0.objective == measured.objective }
    CacheFolder.store(kept + [measured], as: name)
  }

  /// What was measured of runs like a record's; nil where nothing was.
  package static func advice(for record: RunRecord) -> [MeasuredAdvice]? {
    name(record.topology, record.options, record.machine).flatMap {
      CacheFolder.load([MeasuredAdvice].self, $0)
    }
  }

  /// The file of runs alike: of one network, with one set of options, by as many threads that are placed alike.
  ///
  /// Nil where it is not known how many threads ran: what they were advised to holds for no others.
  package static func name(
    _ topology: TopologyInfo, _ options: RunOptions, _ machine: MachineInfo
  ) -> String? {
    guard let team = options.teamSize else { return nil }
    let parameters = topology.parameters.sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value)" }
    let key =
      [
        topology.sha256, options.precision.rawValue, "\(options.batch)", options.tuning,
        options.cache,
        "\(options.fusion)", "\(options.exact ?? false)", options.pinning?.by.rawValue ?? "",
      ] + parameters
    let digest = SHA256.hexDigest(of: Array(key.joined(separator: "|").utf8)).prefix(16)
    return CacheFolder.name(
      "advice-2-\(digest)", for: machine, threads: team, isa: options.isa)
  }
}
