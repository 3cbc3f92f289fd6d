import ArgumentParser
import Counters
import Execution
import Measuring
import Reports
import Session

/// What a shell offers for options whose values are known beforehand.
enum Choices {
  static let precision = CompletionKind.list(Precision.allCases.map(\.rawValue))
  static let precisions = Completions.list(Precision.allCases.map(\.rawValue))
  static let formats = CompletionKind.list(ReportFormats.all.map { $0.name })
  static let textFormats = CompletionKind.list(
    ReportFormats.all.filter { $0.isText }.map { $0.name })
  static let counters = CompletionKind.list(CounterSources.choices)
  static let isa = CompletionKind.list(OneDNNEngine.isaNames)
  static let isaNames = OneDNNEngine.isaNames.joined(separator: ", ")
  static let tuning = CompletionKind.list(PlanOptions.Tuning.allCases.map(\.rawValue))
  static let tunings = PlanOptions.Tuning.allCases.map(\.rawValue).joined(separator: ", ")
  static let cache = CompletionKind.list(["warm", "cold"])
}
