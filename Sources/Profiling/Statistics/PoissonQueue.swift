internal import RealModule

/// Queries that arrive at random at one server that answers them in turn.
public enum PoissonQueue {
  /// Arrival times in seconds from 0, of a Poisson process of `rate` a second, up to `seconds`.
  ///
  /// Gaps are exponential; equal seeds give equal arrivals.
  public static func arrivals(rate: Double, seconds: Double, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    var times: [Double] = []
    var time = 0.0
    while true {
      time -= Double.log(random.uniform()) / rate
      guard time < seconds else { return times }
      times.append(time)
    }
  }

  /// The rate at which the 99th percentile of a queue with these service times just meets a bound.
  ///
  /// By Lindley's recursion ("The Theory of Queues with a Single Server", 1952): a query waits for
  /// the one before it, `W' = max(0, W + S − A)`. Where a search of real trials begins.
  ///
  /// - Parameters:
  ///   - service: Service times, seconds, drawn from at random.
  ///   - bound: The latency that 99 % must meet, seconds.
  ///   - seed: Decides arrivals and draws.
  /// - Returns: Arrivals a second; 0 when the bound cannot be met at any rate.
  public static func rate(service: [Double], bound: Double, seed: UInt64) -> Double {
    let mean = service.reduce(0, +) / Double(Swift.max(service.count, 1))
    guard mean > 0, !service.isEmpty else { return 0 }
    var (low, high) = (0.0, 1 / mean)
    for _ in 0..<20 {
      let middle = (low + high) / 2
      if meets(service, rate: middle, bound: bound, seed: seed) {
        low = middle
      } else {
        high = middle
      }
    }
    return low
  }

  private static func meets(
    _ service: [Double], rate: Double, bound: Double, seed: UInt64
  ) -> Bool {
    let queries = 4000
    var random = SplitMix64(seed: seed)
    var wait = 0.0
    var over = 0
    for _ in 0..<queries {
      let time = service[Int(random.uniform() * Double(service.count))]
      if wait + time > bound { over += 1 }
      wait = Swift.max(0, wait + time + Double.log(random.uniform()) / rate)
    }
    return Double(over) <= 0.01 * Double(queries)
  }
}
