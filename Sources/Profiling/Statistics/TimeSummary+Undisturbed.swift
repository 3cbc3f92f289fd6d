extension TimeSummary {
  /// What a pass takes that nothing disturbed: the 10th percentile of the samples.
  ///
  /// Interrupts, other programs and a host's neighbours only ever add time, and roofs are the best
  /// of several tries: so it is this time that is held against them, where the median moves with
  /// the load of the machine. Not the minimum, which rests on a single sample.
  public var undisturbed: Double {
    samples.isEmpty ? min : Percentiles.value(0.1, ofSorted: samples.sorted())
  }
}
