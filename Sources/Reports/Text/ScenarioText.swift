internal import Profiling

/// A scenario in words.
struct ScenarioText {
  let scenario: ScenarioRecord

  init?(_ record: RunRecord) {
    guard let scenario = record.scenario else { return nil }
    self.scenario = scenario
  }

  /// One line, like `single-stream: p90 at most 51.3 ms (99 % sure, 212 queries)`.
  var line: String { "\(scenario.name.rawValue): \(result)" }

  /// What the scenario is judged by.
  var result: String {
    switch scenario.name {
    case .offline:
      return "\(Figures.rate(scenario.throughputPerSecond)) samples/s in batches of "
        + "\(scenario.samplesPerQuery)"
    case .server: return server
    case .singleStream, .multiStream: return tail ?? "no answers"
    }
  }

  /// The tail with MLPerf's confidence, or how many queries it would take.
  private var tail: String? {
    guard let tail = scenario.tail, let latency = scenario.latency else { return nil }
    let name = "p\(Figures.fixed(tail.percentile * 100, 0))"
    if let estimate = tail.estimateNs {
      return
        "\(name) at most \(TimeUnit.precise(estimate)) (99 % sure, \(scenario.queries) queries)"
    }
    let plain = Percentiles.value(tail.percentile, ofSorted: latency.samples.sorted())
    return "\(name) \(TimeUnit.precise(plain)) of \(scenario.queries) queries "
      + "(\(tail.queriesNeeded) are needed to be 99 % sure)"
  }

  /// Queries of which one lies beyond p99.
  private static let fewestForTail = 100

  private var server: String {
    let bound = scenario.latencyBoundNs.map { "99 % within \(TimeUnit.text($0))" }
    guard let rate = scenario.qps, let trial = scenario.trials?.first(where: { $0.qps == rate })
    else { return "no rate that was tried keeps \(bound ?? "up")" }
    var text = "\(Figures.rate(rate)) queries/s"
    if let served = trial.servedQps, trial.overloaded == true {
      text += " asked, \(Figures.rate(served)) served: overloaded"
      if trial.givenUp == true, let offered = trial.offered {
        text += ", given up after \(trial.queries) of \(offered) queries"
      }
    }
    if let bound, let meets = trial.meets {
      text +=
        meets ? " with \(bound)" : trial.overloaded == true ? "; misses \(bound)" : " miss \(bound)"
      if meets { text += trial.sure == true ? " (99 % sure)" : " (of too few queries to be sure)" }
    }
    let tail =
      trial.queries >= Self.fewestForTail
      ? "p99 \(TimeUnit.precise(trial.p99Ns)) of \(trial.queries) queries"
      : "\(trial.queries) queries, p99 takes \(Self.fewestForTail)"
    return "\(text); \(tail)"
  }

  /// Terms and values of the page.
  var facts: [(String, String?)] {
    [
      ("Result", result),
      (
        "Queries",
        "\(scenario.queries), of \(scenario.samplesPerQuery) "
          + "\(scenario.samplesPerQuery == 1 ? "sample" : "samples") each"
      ),
      ("Throughput", "\(Figures.rate(scenario.throughputPerSecond)) samples/s"),
      (
        "Latency",
        scenario.latency.map {
          "median \(TimeUnit.precise($0.median)), "
            + Headline.spread($0)
        }
      ),
      ("Tail", scenario.name == .server ? tail : nil),
      (
        "Rates tried",
        scenario.trials.map { trials in
          trials.map { trial in
            "\(Figures.rate(trial.qps))/s p99 \(TimeUnit.text(trial.p99Ns))"
              + (trial.overloaded == true ? " overloaded" : "")
              + (trial.meets.map { $0 ? " meets" : " misses" } ?? "")
          }.joined(separator: ", ")
        }
      ),
    ]
  }
}
