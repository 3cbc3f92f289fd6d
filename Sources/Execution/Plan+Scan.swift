import DNNL
public import Measuring

extension Plan {
  /// Runs one pass and looks at what every step makes, whatever the floating-point mode.
  ///
  /// A step that fails ends the scan; an ordinary pass reports the failure.
  public func scanActivations() -> ActivationScan {
    var scan = ActivationScan()
    for step in 0..<stepCount {
      do throws(ExecutionError) { try run(step: step) } catch { break }
      let tensor = results[step]
      let data = UnsafeRawBufferPointer(
        start: placement.data(tensor), count: tensor.descriptor.size)
      let before = scan
      switch tensor.type {
      case .f32: scan.add(data.bindMemory(to: UInt32.self), infinity: 0x7F80_0000)
      case .bf16: scan.add(data.bindMemory(to: UInt16.self), infinity: 0x7F80)
      case .s32, .s8, .u8: continue
      }
      if scan != before, scan.firstLayer == nil { scan.firstLayer = steps[step].layer }
    }
    return scan
  }
}

extension ActivationScan {
  /// Counts by bit pattern, because comparisons treat denormals as zeros in flushing mode.
  ///
  /// `infinity` is all ones in the exponent and zeros elsewhere.
  fileprivate mutating func add<Word: FixedWidthInteger & UnsignedInteger>(
    _ words: UnsafeBufferPointer<Word>, infinity: Word
  ) {
    // The lowest bit of the exponent is the smallest normal magnitude.
    let smallest = (infinity & (~infinity &+ 1)) &- 1
    var nan = 0
    var inf = 0
    var denormal = 0
    for word in words {
      let magnitude = word & (Word.max >> 1)
      nan += magnitude > infinity ? 1 : 0
      inf += magnitude == infinity ? 1 : 0
      denormal += magnitude &- 1 < smallest ? 1 : 0
    }
    self.nan += nan
    self.inf += inf
    self.denormal += denormal
  }
}
