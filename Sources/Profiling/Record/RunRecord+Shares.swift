extension RunRecord {
  /// The least time that the machine's roofs allow the layers one after the other; nil without
  /// predictions.
  public var predictedNs: Double? {
    let times = layers.compactMap { $0.predicted?.leastNs }
    return times.isEmpty ? nil : times.reduce(0, +)
  }

  /// The sum of the medians of all timed layers and of what is unattributed, ns; nil where nothing
  /// was timed.
  ///
  /// Means add up to the timed pass exactly, but one pass in which a layer lost its core moves its
  /// mean by any amount. Medians are what rates and bounds are of, so shares are, too.
  public var sumOfMedians: Double? {
    let layers = layers.compactMap { $0.time?.median }.reduce(0, +)
    let sum = layers + Swift.max(unattributed?.time.median ?? 0, 0)
    return timedPass != nil && sum > 0 ? sum : nil
  }

  /// Gives every timed layer and segment, and the rest, its share of ``sumOfMedians``.
  public mutating func shareOut() {
    guard let whole = sumOfMedians else { return }
    let rest = Swift.max(unattributed?.time.median ?? 0, 0)
    unattributed?.share = rest / whole
    for index in layers.indices {
      layers[index].share = layers[index].time.map { $0.median / whole }
    }
    for index in segments.indices {
      segments[index].share = segments[index].time.map { $0.median / whole }
    }
  }

  /// Makes estimated cycles those of the median times that are shown, where several processes'
  /// medians became one and only one of them estimated.
  public mutating func estimateCyclesAnew() {
    guard let clock = machine.rooflines?.clockHz else { return }
    for index in layers.indices where layers[index].counters?.source == .estimated {
      guard let time = layers[index].time else { continue }
      layers[index].counters?.events["cycles"]?.value = (time.median * 1e-9 * clock).rounded()
    }
  }

  /// By how much ``sumOfMedians`` differs from the median of the timed pass, as a share of that:
  /// passes of several kinds, when it is much.
  public var unevenness: Double? {
    guard let sum = sumOfMedians, let pass = timedPass?.time.median, pass > 0 else { return nil }
    return sum / pass - 1
  }
}
