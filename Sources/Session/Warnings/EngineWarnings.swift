package import Engines
import Machine
package import Profiling

/// What the reader of an engine's record should know.
package struct EngineWarnings {
  package let record: RunRecord
  package let engine: EngineName
  /// Nodes that belong to no layer.
  package let strangers: [String]
  /// Share of the nodes' time that belongs to layers.
  package let attributed: Double?

  /// Outputs further than that from ntprof's own are another function.
  package static let outputTolerance = 1e-3
  /// Shares of the nodes' time below that leave too much to no layer.
  package static let attributedShare = 0.99

  package var list: [Warning] {
    var list: [Warning] = []
    if let error = record.endToEnd?.outputError {
      if error.relative > Self.outputTolerance, record.options.precision == .f32 {
        list.append(
          Warning(
            code: "outputs-differ",
            message: "\(engine.title)'s outputs differ from ntprof's own by \(error.relative) of "
              + "the largest value",
            remedy: "do not compare their times before the reason is known"))
      }
    } else if record.endToEnd != nil {
      list.append(
        Warning(
          code: "outputs-differ",
          message:
            "\(engine.title)'s outputs have other sizes than ntprof's own, or are no numbers",
          remedy: "do not compare their times before the reason is known"))
    }
    if let attributed, attributed < Self.attributedShare, let first = strangers.first {
      list.append(
        Warning(
          code: "unattributed-nodes",
          message:
            "\(percent(1 - attributed)) of the time is in nodes that belong to no layer, like "
            + "'\(first)'",
          remedy: "see 'unattributed'; the end-to-end time is not affected"))
    }
    if let time = record.endToEnd?.time, time.count >= 10, time.p90 > 1.25 * time.median {
      list.append(
        Warning(
          code: "noisy-machine",
          message: "the 90th percentile is \(percent(time.p90 / time.median - 1)) above the median",
          remedy: "stop other programs, or compare medians of longer runs (--time 10)"))
    }
    if let inflation = record.overhead?.inflation.timed, inflation > 0.1 {
      list.append(
        Warning(
          code: "timing-overhead",
          message: "\(engine.title)'s own profiling lengthened the pass by \(percent(inflation))",
          remedy: "take layers' times as shares of the pass, and the end-to-end time from the bare "
            + "one"))
    }
    return list
  }

  private func percent(_ fraction: Double) -> String { "\((fraction * 1000).rounded() / 10) %" }
}

/// What an engine's own description of its build tells.
package enum EngineBuild {
  /// The version behind `MKL-DNN v` or `oneDNN v`; nil where it does not say.
  package static func oneDNN(in build: String) -> String? {
    for mark in ["MKL-DNN v", "oneDNN v", "OneDNN v"] {
      guard let start = build.firstRange(of: mark)?.upperBound else { continue }
      let version = build[start...].prefix { $0.isNumber || $0 == "." }
      if !version.isEmpty { return String(version) }
    }
    return nil
  }
}
