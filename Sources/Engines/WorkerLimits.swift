/// For how long nothing may come from a worker, seconds.
public struct WorkerLimits: Hashable, Sendable {
  /// Until it has said what it is: the package is imported meanwhile.
  public var hello: Double
  /// Between two signs of life while it loads a network.
  public var load: Double
  /// Between two groups of samples; ten expected passes where that is longer.
  public var run: Double
  /// Until it has ended after it was told to.
  public var quit: Double

  /// The limits that are used unless a test has others.
  public static let standard = WorkerLimits(hello: 60, load: 600, run: 60, quit: 2)

  /// Sets limits.
  public init(hello: Double, load: Double, run: Double, quit: Double) {
    self.hello = hello
    self.load = load
    self.run = run
    self.quit = quit
  }
}
