import TestSupport

/// A reader that takes what anybody may have written, and all that is done with what it reads.
///
/// It may refuse; it must not crash, hang or take memory without bound.
public struct FuzzTarget: Sendable {
  /// What its documents are made of, which says how they are changed.
  public enum Content: Sendable {
    /// Words, numbers and brackets.
    case text
    /// Bytes: numbers of fixed and of variable width, and lengths.
    case bytes
  }

  /// Its name, also that of its folder of documents that once crashed it.
  public let name: String
  /// What its documents are made of.
  public let content: Content
  /// Whole documents to begin from.
  public let seeds: @Sendable () -> [[UInt8]]
  /// Reads a document and uses what it says; false where it was refused.
  public let run: @Sendable ([UInt8]) -> Bool

  /// Names a reader.
  init(
    name: String, content: Content = .text, seeds: @escaping @Sendable () -> [[UInt8]],
    run: @escaping @Sendable ([UInt8]) -> Bool
  ) {
    self.name = name
    self.content = content
    self.seeds = seeds
    self.run = run
  }

  /// All of them; a new reader of files adds a line.
  public static let all: [FuzzTarget] = [
    // Networks and their weights.
    topology, onnx, tensor, openVINO, safetensors, numPy, problems,
    // What other programs measured.
    verbose, benchmarkApp, trace,
    // Documents of ours.
    record, diff, comparison, sweep, part, machine, prediction, advice, hardware, bricks, brick,
    node, document,
    // Caches.
    roofs, tunings,
    // What processes say.
    journal, task, child, callgrind, simulation, worker, collector, http,
  ]

  /// Documents of this folder's `Crashes/NAME` that once crashed it.
  public var crashes: [[UInt8]] {
    let folder = "Tests/FuzzTests/Crashes/\(name)"
    let names = (try? RepositoryFiles.names(in: folder)) ?? []
    return names.compactMap { try? RepositoryFiles.bytes(of: "\(folder)/\($0)") }
  }

  /// A changed copy of a document: the same seed gives the same one.
  public func changed(_ document: [UInt8], seed: UInt64) -> [UInt8] {
    switch content {
    case .text:
      var mutator = TextMutator(seed: seed)
      return mutator.mutate(document)
    case .bytes:
      var mutator = ByteMutator(seed: seed)
      return mutator.mutate(document)
    }
  }
}
