import DNNL

/// Counts of values that distort times.
public struct ActivationScan: Hashable, Sendable {
  /// Values that are no number.
  public var nan = 0
  /// Infinite values.
  public var inf = 0
  /// Values too small for full precision, other than zero.
  public var denormal = 0
  /// The first layer that made any of them.
  public var firstLayer: Int?

  /// Whether there are none.
  public var isClean: Bool { nan + inf + denormal == 0 }
}

extension Plan {
  /// Runs one pass and looks at what every step makes, whatever the floating-point mode.
  ///
  /// A step that fails ends the scan; an ordinary pass reports the failure.
  public func scanActivations() -> ActivationScan {
    var scan = ActivationScan()
    for step in 0..<stepCount {
      do throws(ExecutionError) { try run(step: step) } catch { break }
      let tensor = results[step]
      let words = placement.data(tensor).assumingMemoryBound(to: UInt32.self)
      let before = scan
      scan.add(UnsafeBufferPointer(start: words, count: tensor.descriptor.size / 4))
      if scan != before, scan.firstLayer == nil { scan.firstLayer = steps[step].layer }
    }
    return scan
  }
}

extension ActivationScan {
  /// Counts by bit pattern, because comparisons treat denormals as zeros in flushing mode.
  fileprivate mutating func add(_ words: UnsafeBufferPointer<UInt32>) {
    var nan = 0
    var inf = 0
    var denormal = 0
    for word in words {
      let magnitude = word & 0x7FFF_FFFF
      nan += magnitude > 0x7F80_0000 ? 1 : 0
      inf += magnitude == 0x7F80_0000 ? 1 : 0
      denormal += magnitude &- 1 < 0x007F_FFFF ? 1 : 0
    }
    self.nan += nan
    self.inf += inf
    self.denormal += denormal
  }
}
