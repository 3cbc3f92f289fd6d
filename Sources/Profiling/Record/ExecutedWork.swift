extension LayerRecord {
  /// Executed operations over counted ones, those of layers fused into it included: below 1 where taps
  /// lie in the padding or Winograd's algorithm ran, 1 where nothing says otherwise.
  ///
  /// - Parameter record: The record it stands in.
  /// - Returns: The ratio.
  func executedShare(in record: RunRecord) -> Double {
    guard let executed = metrics[.executedFlops] else { return 1 }
    let counted = countedFlops(in: record)
    return counted > 0 ? executed / counted : 1
  }

  /// The analytic operations of what its primitives compute: its own and those of fused layers.
  private func countedFlops(in record: RunRecord) -> Double {
    record.layers.reduce(Double(flops)) { $0 + ($1.fusedInto == name ? Double($1.flops) : 0) }
  }

  /// FLOP over the bytes that its rates use; nil without a time.
  ///
  /// ``arithmeticIntensity`` is over the least bytes, each weight, input and output once.
  public var trafficIntensity: Double? {
    guard let rate = metrics[.gflopsPerSecond], let bytes = metrics[.gigabytesPerSecond],
      bytes > 0
    else { return nil }
    return rate / bytes
  }
}

extension RunRecord {
  /// Operations that one pass executed: the analytic sum, less taps in the padding and what
  /// Winograd's algorithm saves.
  public var executedFlops: Double {
    var counted: [String: Double] = [:]
    for layer in layers {
      counted[layer.fusedInto ?? layer.name, default: 0] += Double(layer.flops)
    }
    return layers.reduce(Double(totals.flops)) { sum, layer in
      layer.metrics[.executedFlops].map { sum - (counted[layer.name] ?? 0) + $0 } ?? sum
    }
  }
}
