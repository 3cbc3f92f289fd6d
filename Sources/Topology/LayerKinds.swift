/// The layer kinds that the topology language knows.
public enum LayerKinds {
  /// Every kind, one line a file in `Layers/`.
  public static let all: [any LayerKind.Type] = [
  ]

  /// The kind that reads each element.
  public static let byElement: [String: any LayerKind.Type] = {
    var table: [String: any LayerKind.Type] = [:]
    for kind in all {
      for element in kind.elements { table[element.name] = kind }
    }
    return table
  }()
}
