import DNNL
import Measuring

/// How errors travel that are no answer of oneDNN's.
///
/// The planner's functions throw oneDNN's errors, and take some of them for "oneDNN has no such
/// primitive", to try the next best. A ``PlanError`` passes through all of these: it has a status of its
/// own, which oneDNN never returns.
extension PlanError {
  /// The error that came up through functions that throw oneDNN's; `nil` for one of oneDNN's own.
  init?(_ error: DNNLError) {
    guard error.status == .contradiction else { return nil }
    self.init(error.call)
  }

  /// The error as functions throw it that throw oneDNN's.
  var thrown: DNNLError { DNNLError(call: message, status: .contradiction) }
}

extension ExecutionError {
  /// An error that came up through functions that throw oneDNN's.
  init(layer: Int?, _ error: DNNLError) {
    if let fault = PlanError(error) {
      self.init(layer: layer, .plan(fault))
    } else {
      self.init(
        layer: layer,
        .library(
          LibraryFault(
            call: error.call, code: error.status.rawValue, status: error.status.description)))
    }
  }
}

extension DNNLError {
  /// The error that a plan within a plan ended with.
  init(_ fault: LibraryFault) {
    self.init(call: fault.call, status: Status(rawValue: fault.code))
  }
}
