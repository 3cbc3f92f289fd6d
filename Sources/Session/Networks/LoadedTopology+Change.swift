package import Profiling

extension LoadedTopology {
  /// Whether a topology's file is what it was.
  package static func isUnchanged(_ topology: TopologyInfo) -> Bool {
    let bytes = try? SavedRecord.bytes(topology.source)
    return bytes.map { SHA256.hexDigest(of: $0) == topology.sha256 } ?? false
  }

  /// What the failure of a file says that is not what it was.
  package static let changedWords = "has changed since the run began"

  /// That failure.
  package static func changed(_ path: String) -> Failure {
    Failure(
      .data, "\(path) \(changedWords)",
      remedy: "let nothing edit it while it is measured, or measure a copy")
  }
}
