import Execution
import Measuring
package import Profiling

/// Measures a network under a load pattern.
package struct ScenarioRun {
  package let run: NetworkRun
  package let options: ScenarioSettings
  package let measurement: MeasurementSettings

  /// Seconds that a scenario takes at least where nothing else is asked for.
  private static let least = 3.0
  /// Seconds after which it ends although the queries do not suffice for an estimate.
  private static let most = 60.0
  /// Trials of a search for the highest rate.
  private static let trials = 7
  /// Queries that are plenty: every latency goes into the record.
  private static let plenty = 20_000
  /// Queries after which a scenario ends also before its `--time` is over.
  private static let mostQueries = 500_000

  private var kind: ScenarioRecord.Kind { options.kind }
  private var observer: any SessionObserver { run.bench.observer }
  private var load: QueryLoad { QueryLoad(run.runner, isCancelled: { Interrupt.isRequested }) }

  /// Measures; nil when Ctrl-C came before the first answer.
  package func record(batch: Int) throws(Failure) -> ScenarioRecord? {
    defer { observer.progressEnded() }
    if kind == .server { return try server(batch: batch) }
    let answers = try attempt { () throws(ExecutionError) in
      try load.oneAfterTheOther { count, seconds in
        note("\(count) queries", share: progress(count, seconds))
        return isEnough(count, seconds)
      }
    }
    guard !answers.latencies.isEmpty else { return nil }
    return ScenarioRecord(
      name: kind, samplesPerQuery: batch, latencies: answers.latencies, seconds: answers.seconds)
  }

  private var needed: Int {
    kind.percentile.map { EarlyStopping.queries(overAllowed: 1, percentile: $0) } ?? 1
  }

  private func isEnough(_ count: Int, _ seconds: Double) -> Bool {
    if let iterations = measurement.iterations { return count >= iterations }
    if let time = measurement.time { return seconds >= time || count >= Self.mostQueries }
    return seconds >= Self.most || count >= Self.plenty
      || (seconds >= Self.least && count >= needed)
  }

  private func progress(_ count: Int, _ seconds: Double) -> Double {
    if let iterations = measurement.iterations { return Double(count) / Double(iterations) }
    if let time = measurement.time { return seconds / time }
    return min(seconds / Self.least, Double(count) / Double(needed))
  }

  private func server(batch: Int) throws(Failure) -> ScenarioRecord? {
    let bound = options.latencyBound.map { $0 * 1e-3 }
    let service = run.sampler.bare.map { $0 * 1e-9 }
    guard !service.isEmpty else { return nil }
    if let rate = options.targetQPS {
      guard
        let (trial, answers) = try attempt(rate: rate, bound: bound, service: service, number: 1)
      else { return nil }
      return record([(trial, answers)], chosen: 0, batch: batch)
    }
    return try search(bound ?? 0, service, batch)
  }

  /// Bisection by real trials, from the rate that a model of the queue expects.
  private func search(
    _ bound: Double, _ service: [Double], _ batch: Int
  ) throws(Failure) -> ScenarioRecord? {
    var rate = PoissonQueue.rate(service: service, bound: bound, seed: measurement.seed)
    var (low, high) = (0.0, Double(service.count) / service.reduce(0, +))
    // Nothing meets the bound: one trial at a tenth of the capacity shows it.
    if rate <= 0 { rate = high / 10 }
    var tried: [(ScenarioRecord.Trial, QueryLoad.Answers)] = []
    var best: Int?
    for number in 1...Self.trials {
      guard
        let (trial, answers) = try attempt(
          rate: rate, bound: bound, service: service, number: number)
      else { break }
      tried.append((trial, answers))
      if trial.meets == true {
        if rate > low { best = tried.count - 1 }
        low = max(low, rate)
      } else {
        high = min(high, rate)
      }
      if high - low < 0.02 * high { break }
      rate =
        number == 1 && trial.meets == true ? min(rate * 1.1, (low + high) / 2) : (low + high) / 2
    }
    guard !tried.isEmpty else { return nil }
    return record(tried, chosen: best, batch: batch)
  }

  private func attempt(
    rate: Double, bound: Double?, service: [Double], number: Int
  ) throws(Failure) -> (ScenarioRecord.Trial, QueryLoad.Answers)? {
    let seconds = trialSeconds(rate: rate)
    let arrivals = PoissonQueue.arrivals(
      rate: rate, seconds: seconds, seed: measurement.seed &+ UInt64(number))
    let wanted = measurement.iterations.map { Array(arrivals.prefix($0)) } ?? arrivals
    guard !wanted.isEmpty else {
      throw Failure(
        .usage,
        "no query arrives in \(Self.figure(seconds)) s at \(Self.figure(rate)) a second",
        remedy: "give a longer --time or a higher --target-qps")
    }
    let mean = service.reduce(0, +) / Double(service.count)
    let patience = max(20 * (bound ?? mean), 100 * mean)
    let answers = try attempt { () throws(ExecutionError) in
      try load.arriving(at: wanted, patience: patience) { count in
        note(
          "trial \(number), \(Int(rounding: rate)) queries/s",
          share: Double(count) / Double(wanted.count))
      }
    }
    if Interrupt.isRequested || answers.latencies.isEmpty { return nil }
    let trial = ScenarioRecord.Trial(
      qps: rate, latencies: answers.latencies, seconds: answers.seconds,
      offered: answers.offered, givenUp: answers.isGivenUp, boundNs: bound.map { $0 * 1e9 })
    return (trial, answers)
  }

  /// A number with three significant digits.
  private static func figure(_ value: Double) -> String {
    var (scale, digits) = (1.0, 0)
    while value.magnitude * scale < 100, value != 0, digits < 6 {
      scale *= 10
      digits += 1
    }
    return "\((value * scale).rounded() / scale)"
  }

  /// `--time` is shared by the trials of a search.
  private func trialSeconds(rate: Double) -> Double {
    if let iterations = measurement.iterations { return 2 * Double(iterations + 10) / rate }
    let search = options.targetQPS == nil
    if let time = measurement.time {
      return search ? min(time / Double(Self.trials), Double(Self.plenty) / rate) : time
    }
    let enough = Double(needed) * 1.2 / rate
    let longest = min(search ? 10 : Self.most, Double(Self.plenty) / rate)
    return min(max(search ? 1 : Self.least, enough), longest)
  }

  private func record(
    _ tried: [(ScenarioRecord.Trial, QueryLoad.Answers)], chosen: Int?, batch: Int
  ) -> ScenarioRecord {
    let shown = tried[chosen ?? tried.count - 1].1
    let trial = tried[chosen ?? tried.count - 1].0
    var record = ScenarioRecord(
      name: kind, samplesPerQuery: batch, latencies: shown.latencies, seconds: shown.seconds)
    record.trials = tried.map(\.0)
    record.latencyBoundNs = options.latencyBound.map { $0 * 1e6 }
    record.qps = chosen.map { tried[$0].0.qps }
    record.servedQps = trial.servedQps
    return record
  }

  private func note(_ text: String, share: Double) {
    observer.progress("\(kind.rawValue): \(text), \(Int(min(share, 1) * 100)) %")
  }

  private func attempt<Value>(
    _ body: () throws(ExecutionError) -> Value
  ) throws(Failure) -> Value {
    do throws(ExecutionError) { return try body() } catch {
      throw run.topology.failure(error)
    }
  }
}
