package import Profiling

extension Sweep {
  /// What a process is told that measures a point.
  package func arguments(of point: SweepPoint, seconds: Double) -> [String] {
    var list = plan.arguments
    if let iterations = plan.iterations {
      list += ["--iterations", "\(iterations)"]
    } else {
      list += ["--time", "\(seconds)"]
    }
    for (axis, value) in zip(plan.axes, point.settings) {
      switch axis.kind {
      case .param: list += ["--set", "\(axis.name)=\(value)"]
      case .batch, .threads, .precision: list += ["--\(axis.kind.rawValue)", value]
      case .machine: break
      }
    }
    return list + ["--sha256", topology.sha256, "--", topology.source]
  }
}
