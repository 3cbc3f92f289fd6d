import Profiling
import Reports
import Session

/// The closing line of a run: what to do with what was saved.
enum NextStep {
  /// After a run; `record` and `page` are the paths of what was saved.
  static func after(_ run: RunRecord, record: String?, page: String?) -> String? {
    var steps: [String] = []
    if run.interrupted {
      steps.append("run again for the samples that are missing")
    }
    if let page { steps.append("open \(ShellWord.quoted(page))") }
    if let record {
      steps.append(
        "ntprof diff \(ShellWord.quoted(record)) VARIANT.xml compares a variant with this run")
    }
    return steps.isEmpty ? nil : "next: \(steps.joined(separator: "; "))"
  }
}
