internal import Machine

/// Sends queries to a network: each is one pass, answered in turn on all threads.
public struct QueryLoad {
  private let runner: any PassRunner
  private let isCancelled: () -> Bool

  /// What queries took.
  public struct Answers: Sendable {
    /// Latencies in the order of arrival, ns.
    public var latencies: [Double] = []
    /// From the first query to the last answer.
    public var seconds = 0.0
    /// Queries that were to arrive; those answered, where nobody planned them.
    public var offered = 0
    /// Whether the load was ended because queries waited longer and longer.
    public var isGivenUp = false
  }

  /// Prepares to send queries to a network.
  public init(_ runner: any PassRunner, isCancelled: @escaping () -> Bool) {
    self.runner = runner
    self.isCancelled = isCancelled
  }

  /// Sends a query as soon as the one before is answered, until `isEnough` of their number and of
  /// the seconds gone by.
  ///
  /// - Throws: ``ExecutionError`` from a pass.
  public func oneAfterTheOther(
    until isEnough: (Int, Double) -> Bool
  ) throws(ExecutionError) -> Answers {
    var answers = Answers()
    let begin = Clock.now()
    while !isCancelled() {
      let start = Clock.now()
      try runner.run()
      let end = Clock.now()
      answers.latencies.append(Double(end - start))
      answers.seconds = Double(end - begin) * 1e-9
      answers.offered += 1
      if isEnough(answers.latencies.count, answers.seconds) { break }
    }
    return answers
  }

  /// Sends queries at given times, whether or not those before are answered; they wait in line.
  ///
  /// A latency counts from the arrival, not from when the network got to it: an overloaded server
  /// is not spared. Ends early when queries wait longer than `patience` and longer and longer: after
  /// one hiccup a load that can be served drains.
  ///
  /// - Parameters:
  ///   - arrivals: Seconds from now, ascending.
  ///   - patience: Seconds after which the load is hopeless.
  ///   - tick: Called after every answer with the number of answers.
  /// - Returns: The latencies.
  /// - Throws: ``ExecutionError`` from a pass.
  public func arriving(
    at arrivals: [Double], patience: Double, tick: (Int) -> Void
  ) throws(ExecutionError) -> Answers {
    var answers = Answers()
    answers.offered = arrivals.count
    let begin = Clock.now()
    var firstLate: Int?
    for arrival in arrivals {
      if isCancelled() { break }
      let due = begin + UInt64(arrival * 1e9)
      wait(until: due)
      try runner.run()
      let end = Clock.now()
      let latency = Double(end - due)
      answers.latencies.append(latency)
      answers.seconds = Double(end - begin) * 1e-9
      tick(answers.latencies.count)
      guard latency * 1e-9 > patience else {
        firstLate = nil
        continue
      }
      let first = firstLate ?? answers.latencies.count - 1
      firstLate = first
      if Self.grows(answers.latencies[first...]) {
        answers.isGivenUp = answers.latencies.count < arrivals.count
        break
      }
    }
    return answers
  }

  /// Whether the last of many late queries waited clearly longer than the one in their middle: a queue
  /// that is fed faster than it is served grows steadily, one that was held up once shrinks.
  private static func grows(_ late: ArraySlice<Double>) -> Bool {
    guard late.count >= 32, let last = late.last else { return false }
    return last > 1.1 * late[late.startIndex + late.count / 2]
  }

  /// Sleeps until shortly before, then spins: a sleep ends tens of microseconds late.
  private func wait(until due: UInt64) {
    let spin: UInt64 = 200_000
    while !isCancelled() {
      let now = Clock.now()
      if now >= due { return }
      if due - now > spin {
        // In slices, so that Ctrl-C is heard.
        let left = Swift.min(due - now - spin, 50_000_000)
        Pause.microseconds(Int(left / 1000))
      }
    }
  }
}
