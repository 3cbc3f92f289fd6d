/// Weights that do not fit a network: everything that is wrong, all at once.
public struct WeightsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What holds the weights, such as the file's name.
  public let source: String
  /// What is wrong, a clause each that names the key.
  public let problems: [String]

  /// Makes an error.
  public init(source: String, problems: [String]) {
    self.source = source
    self.problems = problems
  }

  /// A line for each problem, all beginning with the source.
  public var description: String {
    problems.map { "\(source): \($0)" }.joined(separator: "\n")
  }
}
