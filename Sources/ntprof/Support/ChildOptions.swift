import ArgumentParser
import Machine
import Profiling
import Session

/// What a process that works for another ntprof is told besides what to measure.
struct ChildOptions: ParsableArguments {
  /// Who started it.
  @Option var parent: Int32
  /// What the topology's file was when its parent read it, SHA-256 in hex.
  @Option var sha256: String?

  /// Has the process end with its parent.
  func follow() throws(Failure) {
    guard ChildProcess.endWithParent(parent) else {
      throw Failure(.software, "the process that this one works for has ended")
    }
  }

  /// Reads a topology, which must be the one that the parent read.
  func load(_ topology: String, _ options: TopologyOptions) throws(Failure) -> LoadedTopology {
    let loaded = try LoadedTopology(
      topology, batch: options.batch, assignments: options.assignments,
      weights: options.weights, model: options.model)
    guard let sha256, loaded.info.sha256 != sha256 else { return loaded }
    throw LoadedTopology.changed(loaded.source)
  }
}
