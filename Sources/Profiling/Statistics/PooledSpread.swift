internal import RealModule

/// By how much processes that take turns differ, pooled over runs.
///
/// Sides of a comparison that take turns see the same moments of the machine: what runs lie apart by is no part of it. Summed
/// are the squares of the logarithms' distances from the mean of their own run, with the degrees of freedom that these leave.
public struct PooledSpread: Hashable, Sendable {
  /// Sum of squares of the logarithms within runs.
  public private(set) var squares: Double
  /// Its degrees of freedom; 0 where nothing is known.
  public private(set) var degrees: Double

  /// Makes a spread of given sums.
  public init(squares: Double = 0, degrees: Double = 0) {
    self.squares = squares
    self.degrees = degrees
  }

  /// Pools the medians of each run's processes; those that are not positive are no times.
  public init(runs: [[Double]]) {
    self.init()
    for run in runs { add(logarithms: run.filter { $0 > 0 }.map { Double.log($0) }) }
  }

  /// Adds a run by the logarithms of its processes' medians.
  mutating func add(logarithms run: [Double]) {
    guard run.count > 1 else { return }
    let mean = run.reduce(0, +) / Double(run.count)
    squares += run.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    degrees += Double(run.count - 1)
  }

  /// Adds what is known from elsewhere.
  public mutating func add(_ other: PooledSpread) {
    squares += other.squares
    degrees += other.degrees
  }

  /// Standard deviation, percent (of the logarithms); nil where nothing is known.
  public var percent: Double? { degrees > 0 ? (squares / degrees).squareRoot() * 100 : nil }
}
