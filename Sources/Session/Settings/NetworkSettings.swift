/// Which network: its file, and what is said of it besides.
public struct NetworkSettings: Codable, Hashable, Sendable {
  /// A topology's or a model's file, or the name of a bundled network.
  public var source: String
  /// The batch size that replaces the file's.
  public var batch: Int?
  /// The params that replace the file's.
  public var assignments: [Assignment]
  /// A safetensors file, `random`, or `model`; nil for the model's own weights where it has them, else random ones.
  public var weights: String?
  /// What a model's file leaves open.
  public var model: ModelArguments
  /// What the file must be, SHA-256 in hex; nil where it may be anything.
  public var sha256: String?

  /// Names a network.
  ///
  /// - Parameters:
  ///   - source: Its file, or the name of a bundled network.
  ///   - batch: The batch size that replaces the file's.
  ///   - assignments: The params that replace the file's.
  ///   - weights: A safetensors file, `random`, or `model`.
  ///   - model: What a model's file leaves open.
  public init(
    _ source: String, batch: Int? = nil, assignments: [Assignment] = [], weights: String? = nil,
    model: ModelArguments = ModelArguments()
  ) {
    self.source = source
    self.batch = batch
    self.assignments = assignments
    self.weights = weights
    self.model = model
  }
}
