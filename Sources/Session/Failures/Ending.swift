package import Profiling

/// How a finished run ends.
package enum Ending {
  /// Ends with the status of an interrupted run, or of a doubtful one under `--strict`.
  package static func settle(_ record: RunRecord, strict: Bool) throws(Failure) {
    if record.interrupted {
      throw Failure(.interrupted, "interrupted; what was measured until then is saved")
    }
    let doubts = record.warnings.filter { !$0.code.hasPrefix("no-") }
    if strict, let first = doubts.first {
      throw Failure(.doubtful, "--strict: \(first.message)", remedy: first.remedy)
    }
  }
}
