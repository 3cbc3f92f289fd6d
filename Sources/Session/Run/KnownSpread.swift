package import Profiling

/// By how much processes of one network, with some options, were seen to differ on this machine:
/// kept with the calibration, so that a run of one process can say what the next may show.
package struct KnownSpread {
  private struct Saved: Codable {
    /// End-to-end medians of each run's processes, the latest run last.
    var runs: [[Double]]
    /// By layer: the sum of squares of the logarithms within runs, and its degrees of freedom.
    var layers: [String: Moments]
  }

  private struct Moments: Codable {
    var squares: Double
    var degrees: Double
    var processes: Int
  }

  /// Runs that are remembered: what a machine was like long ago says little.
  private static let limit = 16
  /// Degrees of freedom beyond which a layer's older runs weigh less.
  private static let forgetAbove = 200.0

  /// What tells runs alike from others; of two records with one name the same is known.
  package let name: String
  private let saved: Saved?

  /// What is known of what a record is about.
  package init(of record: RunRecord, sha256: String) {
    let options = record.options
    let parameters = record.topology.parameters.sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value)" }
    let key =
      [
        sha256, options.precision.rawValue, "\(options.batch)", options.tuning, options.cache,
        "\(options.fusion)", options.pinning?.by.rawValue ?? "",
      ] + (options.engine.map { ["engine=\($0)"] } ?? []) + parameters
    let digest = SHA256.hexDigest(of: Array(key.joined(separator: "|").utf8)).prefix(16)
    name = CacheFolder.name(
      "spread-1-\(digest)", for: record.machine, threads: options.teamSize ?? 1, isa: options.isa)
    saved = CacheFolder.load(Saved.self, name)
  }

  /// Puts what is known into the record, or says that a default stands for it.
  package func state(in record: inout RunRecord) {
    record.endToEnd?.processSpread =
      saved.flatMap { SpreadEstimate(runs: $0.runs).spread } ?? .standard
    for index in record.layers.indices where record.layers[index].time != nil {
      record.layers[index].processSpread = saved?.layers[record.layers[index].name]
        .flatMap { moments in
          moments.degrees > 0
            ? ProcessSpread(
              percent: (moments.squares / moments.degrees).squareRoot() * 100,
              degrees: moments.degrees, processes: moments.processes, source: .measured) : nil
        }
    }
  }

  /// By how much processes that took turns differed, end to end or in one layer; of segments nothing is kept.
  package func inTurn(_ subject: GateSubject) -> PooledSpread {
    switch subject {
    case .network: PooledSpread(runs: saved?.runs ?? [])
    case .layer(let name):
      saved?.layers[name].map { PooledSpread(squares: $0.squares, degrees: $0.degrees) }
        ?? PooledSpread()
    case .segment: PooledSpread()
    }
  }

  /// Keeps what a record of several processes adds.
  package func learn(from record: RunRecord) {
    guard record.options.processes ?? 1 > 1, let time = record.endToEnd?.time,
      time.samples.count > 1
    else { return }
    var known = saved ?? Saved(runs: [], layers: [:])
    known.runs = (known.runs + [time.samples]).suffix(Self.limit)
    for layer in record.layers {
      guard let own = layer.time.map({ SpreadEstimate(runs: [$0.samples]) })?.spread else {
        continue
      }
      var moments = known.layers[layer.name] ?? Moments(squares: 0, degrees: 0, processes: 0)
      if moments.degrees > Self.forgetAbove {
        moments.squares /= 2
        moments.degrees /= 2
      }
      moments.squares += own.percent / 100 * (own.percent / 100) * own.degrees
      moments.degrees += own.degrees
      moments.processes += own.processes
      known.layers[layer.name] = moments
    }
    CacheFolder.store(known, as: name)
  }
}
