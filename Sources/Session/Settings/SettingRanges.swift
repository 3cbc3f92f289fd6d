/// Numbers that no option takes are refused wherever settings come from: a task's file, another process.
extension RunSettings {
  /// The longest time that is measured or waited for, seconds: as nanoseconds it fits 64 bits.
  package static let longestTime = 1e9

  /// Looks at every number that something is computed of.
  ///
  /// - Throws: ``SettingFault`` that names the first that is out of range.
  package func checkRanges() throws(SettingFault) {
    let extents = 1...Int(Int32.max)
    let times = 0...Self.longestTime
    try Self.check("batch", network.batch, extents)
    for shape in network.model.shapes {
      for extent in shape.dims { try Self.check("shapes", extent, extents) }
    }
    try Self.check("threads", measurement.threads, 1...1024)
    try Self.check("iterations", measurement.iterations, 1...1_000_000)
    try Self.check("warmup", measurement.warmup, 0...1_000_000)
    try Self.check("time", measurement.time, times)
    try Self.check("until", measurement.until, times)
    try Self.check("tuningBudget", measurement.planning.tuningBudget, times)
    try Self.check("layerTimeout", measurement.planning.layerTimeout, times)
    try Self.check("memoryLimit", measurement.planning.memoryLimit, 1...Int.max)
  }

  private static func check<Number: Comparable>(
    _ name: String, _ value: Number?, _ range: ClosedRange<Number>
  ) throws(SettingFault) {
    guard let value, !range.contains(value) else { return }
    throw SettingFault("'\(name)' is \(value), outside \(range.lowerBound)…\(range.upperBound)")
  }
}
