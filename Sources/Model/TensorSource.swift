/// Where tensors are found by their keys' texts: a file of weights, or a model's own.
///
/// Dims and order are PyTorch's, as ``WeightTable`` lists them.
public protocol TensorSource: Sendable {
  /// What messages call it, such as the file's name.
  var name: String { get }
  /// All keys, in the order of the source.
  var keys: [String] { get }
  /// A tensor; `nil` where the source has none of that key.
  func tensor(_ key: String) -> KeyedTensor?
}

extension TensorSource {
  /// A tensor; `nil` where the source has none of that key.
  public func tensor(_ key: WeightKey) -> KeyedTensor? { tensor(key.description) }
}

/// Tensors that an importer has put together.
public struct TensorCollection: TensorSource {
  /// What messages call it.
  public let name: String
  /// All keys, in the order in which they were added.
  public private(set) var keys: [String] = []
  private var tensors: [String: KeyedTensor] = [:]

  /// An empty collection.
  public init(name: String) { self.name = name }

  /// Adds a tensor, or puts it in the place of another of its key.
  public mutating func add(_ key: String, _ tensor: KeyedTensor) {
    if tensors.updateValue(tensor, forKey: key) == nil { keys.append(key) }
  }

  /// Adds a tensor, or puts it in the place of another of its key.
  public mutating func add(_ key: WeightKey, _ tensor: KeyedTensor) {
    add(key.description, tensor)
  }

  /// A tensor; `nil` where there is none of that key.
  public func tensor(_ key: String) -> KeyedTensor? { tensors[key] }
}
