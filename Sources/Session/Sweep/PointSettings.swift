package import Profiling

/// What processes are told that measure the points of a sweep.
package struct PointSettings {
  /// What all points have in common.
  package let base: RunSettings
  private let plan: SweepPlan

  /// Reads what a plan says.
  ///
  /// - Throws: ``Failure`` where it says what no measurement knows.
  package init(_ sweep: Sweep) throws(Failure) {
    try self.init(sweep.plan, of: sweep.topology.source, sha256: sweep.topology.sha256)
  }

  /// Reads what a plan says of a network's file, which must be the one with that digest.
  package init(_ plan: SweepPlan, of source: String, sha256: String? = nil) throws(Failure) {
    self.plan = plan
    do throws(SettingFault) {
      var base = try OptionWords.settings(of: source, plan.arguments)
      base.network.sha256 = sha256
      self.base = base
    } catch {
      throw Failure(.data, "the plan of the sweep: \(error)", remedy: "begin a new sweep")
    }
  }

  /// Whether anything is decided before processes that run alike.
  package var decides: Bool { base.measurement.tuning != "fast" }

  /// What a process is told that measures a point for so many seconds.
  package func settings(of point: SweepPoint, seconds: Double) -> RunSettings {
    var settings = base
    settings.measurement.iterations = plan.iterations
    settings.measurement.time = plan.iterations == nil ? seconds : nil
    for (axis, value) in zip(plan.axes, point.settings) {
      switch axis.kind {
      case .param:
        settings.network.assignments +=
          Int(value).map { [Assignment(name: axis.name, value: $0)] } ?? []
      case .batch: settings.network.batch = Int(value)
      case .threads: settings.measurement.threads = Int(value)
      case .precision: settings.measurement.askedPrecision = value
      case .machine: break
      }
    }
    return settings
  }
}
