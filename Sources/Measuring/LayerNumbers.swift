public import Topology

/// What the numbers of a layer are, for its row in a record.
public struct LayerNumbers: Hashable, Sendable {
  /// The narrowest numbers that its primitives read.
  public var precision: Precision
  /// Bytes of one element of each input.
  public var inputBytes: [Int]
  /// Bytes of one element of its output.
  public var outputBytes: Int
  /// What computes in f32 where another precision was asked for, and why.
  public var keptInF32: String?

  /// Describes the numbers of a layer.
  public init(
    precision: Precision, inputBytes: [Int], outputBytes: Int, keptInF32: String? = nil
  ) {
    self.precision = precision
    self.inputBytes = inputBytes
    self.outputBytes = outputBytes
    self.keptInF32 = keptInF32
  }
}

extension LayerNumbers {
  /// What every layer would have if all of it ran in a precision; the network's inputs are f32.
  public static func uniform(_ graph: Graph, _ precision: Precision) -> [LayerNumbers] {
    graph.layers.map { layer in
      LayerNumbers(
        precision: precision,
        inputBytes: layer.inputs.map { source in
          if case .input = source { Precision.f32.bytes } else { precision.bytes }
        }, outputBytes: precision.bytes)
    }
  }
}
