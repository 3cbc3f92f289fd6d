/// How the network did under one of MLPerf Inference's load patterns.
///
/// A query is one pass; it holds as many samples as the batch size. `docs/scenarios.md` says how
/// each pattern is made.
public struct ScenarioRecord: Codable, Hashable, Sendable {
  /// The load patterns of Reddi et al., "MLPerf Inference Benchmark", ISCA 2020, §IV.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// One query after the other, one sample each; judged by the 90th percentile.
    case singleStream = "single-stream"
    /// One query after the other, eight samples each; judged by the 99th percentile.
    case multiStream = "multi-stream"
    /// Queries arrive at random; judged by the rate at which the 99th percentile meets a bound.
    case server
    /// All samples are there at once; judged by throughput.
    case offline

    /// The percentile that it is judged by; nil for `offline`.
    public var percentile: Double? {
      switch self {
      case .singleStream: 0.9
      case .multiStream, .server: 0.99
      case .offline: nil
      }
    }

    /// Batch size where none is asked for; nil: the topology's.
    public var defaultBatch: Int? {
      switch self {
      case .multiStream: 8
      case .offline: 32
      default: nil
      }
    }
  }

  /// MLPerf's early-stopping estimate.
  public struct Tail: Codable, Hashable, Sendable {
    /// The percentile, 0 to 1.
    public var percentile: Double
    /// The latency that bounds it with 99 % confidence; absent with too few queries.
    public var estimateNs: Double?
    /// Queries slower than the estimate.
    public var discarded: Int
    /// Fewest queries for an estimate.
    public var queriesNeeded: Int

    /// Estimates from latencies in any order.
    public init(_ latencies: [Double], percentile: Double) {
      let estimate = EarlyStopping(latencies, percentile: percentile)
      self.percentile = percentile
      estimateNs = estimate.estimate
      discarded = estimate.discarded
      queriesNeeded = estimate.needed
    }
  }

  /// A rate that the server scenario tried.
  public struct Trial: Codable, Hashable, Sendable {
    /// Arrivals a second that were asked for, on average.
    public var qps: Double
    /// Queries answered.
    public var queries: Int
    /// Queries that were to arrive, more than were answered when the load was given up; absent in
    /// records of older versions.
    public var offered: Int?
    /// Answers a second; absent in records of older versions.
    public var servedQps: Double?
    /// Whether the load was given up because queries waited longer and longer; absent where not.
    public var givenUp: Bool?
    /// Their 99th percentile latency, from arrival to answer.
    public var p99Ns: Double
    /// Queries over the bound; absent without one.
    public var over: Int?
    /// Whether at most 1 % were; absent without a bound.
    public var meets: Bool?
    /// Whether MLPerf's early-stopping test holds: 99 % sure of it.
    public var sure: Bool?

    /// Whether the network could not keep up; absent where it could.
    ///
    /// It could not where the load was given up, or the last of many queries waited for a tenth of the
    /// whole time.
    public var overloaded: Bool?

    /// Describes a trial by its latencies, and by the seconds from the first arrival to the last
    /// answer.
    public init(
      qps: Double, latencies: [Double], seconds: Double = 0, offered: Int? = nil,
      givenUp: Bool = false, boundNs: Double?
    ) {
      self.qps = qps
      self.offered = offered
      self.givenUp = givenUp ? true : nil
      queries = latencies.count
      servedQps = seconds > 0 ? Double(latencies.count) / seconds : nil
      let isLate = latencies.count >= 100 && (latencies.last ?? 0) * 1e-9 > 0.1 * seconds
      overloaded = givenUp || (seconds > 0 && isLate) ? true : nil
      p99Ns = latencies.isEmpty ? 0 : Percentiles.value(0.99, ofSorted: latencies.sorted())
      guard let boundNs else { return }
      let over = latencies.count { $0 > boundNs }
      self.over = over
      meets = !givenUp && !latencies.isEmpty && Double(over) <= 0.01 * Double(latencies.count)
      sure = !givenUp && EarlyStopping.holds(over: over, queries: latencies.count, percentile: 0.99)
    }
  }

  /// The pattern.
  public var name: Kind
  /// Queries answered.
  public var queries: Int
  /// Samples a query: the batch size.
  public var samplesPerQuery: Int
  /// From the first query to the last answer.
  public var seconds: Double
  /// Samples a second over that time.
  public var throughputPerSecond: Double
  /// Latencies of the queries, in order; absent for `offline`.
  ///
  /// Those of `server` count from the arrival.
  public var latency: TimeSummary?
  /// The tail that the scenario is judged by; absent for `offline`.
  public var tail: Tail?
  /// Arrivals a second that `server` was asked for, or the highest of a search that met the bound;
  /// absent when none did.
  public var qps: Double?
  /// Answers a second of `server` in the trial shown; absent in records of older versions.
  public var servedQps: Double?
  /// The latency bound, if one was given.
  public var latencyBoundNs: Double?
  /// Rates tried, in order; `server` only.
  public var trials: [Trial]?

  /// Describes queries that came one after the other.
  public init(name: Kind, samplesPerQuery: Int, latencies: [Double], seconds: Double) {
    self.name = name
    queries = latencies.count
    self.samplesPerQuery = samplesPerQuery
    self.seconds = seconds
    throughputPerSecond =
      seconds > 0 ? Double(latencies.count * samplesPerQuery) / seconds : 0
    guard let percentile = name.percentile, !latencies.isEmpty else { return }
    latency = TimeSummary(samples: latencies)
    tail = Tail(latencies, percentile: percentile)
  }
}
