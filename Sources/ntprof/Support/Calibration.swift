import Execution
import Machine
import Profiling

/// The measured roofs, cached per machine, thread count, ISA and library version.
///
/// The cache is only a cache: a file that cannot be read or written means measuring again, and so
/// does a core clock that is no longer the one the roofs were measured at. Roofs measured while
/// other programs took the cores are far too low: they are measured once more, and not kept if that
/// does not help.
enum Calibration {
  static func rooflines(
    for machine: MachineInfo, threads: Int, isa: String?, quiet: Bool, fresh: Bool = false
  ) throws(Failure) -> Rooflines {
    let name = CacheFolder.name("roofs-3", for: machine, threads: threads, isa: isa)
    let cached =
      fresh
      ? nil
      : CacheFolder.load(Rooflines.self, name)
        .flatMap { isSound($0, threads: threads) ? $0 : nil }
    // Threads that share a core say nothing about its clock.
    if let cached, threads > machine.threads || clockHolds(cached) { return cached }
    if !quiet { Console.progress("calibrating peak rate and bandwidth (\(threads) threads)…") }
    defer { Console.clearProgress() }
    var (measured, load) = try TeamLoad.calmest(threads: threads) { () throws(Failure) in
      try measure(threads: threads)
    }
    measured.disturbance = load.share
    if load.isCalm || threads > machine.threads {
      CacheFolder.store(measured, as: name)
      return measured
    }
    // What looked like another clock was the others' doing, too.
    return cached ?? measured
  }

  /// Measures the roofs now.
  static func measure(threads: Int) throws(Failure) -> Rooflines {
    do {
      let peak = try PeakRate.f32(threads: threads)
      let bf16 = try PeakRate.narrow(.bf16, threads: threads)
      let int8 = try PeakRate.narrow(.int8, threads: threads)
      let curve = try Bandwidth.curve(threads: threads)
      let clock = try CoreClock.measure(threads: threads)
      return Rooflines(
        peakFlops: .init(f32: peak, bf16: bf16, int8: int8),
        bandwidth: curve.map { .init(bytes: $0.bytes, gbs: $0.bytesPerSecond / 1e9) },
        clockHz: clock, threads: threads)
    } catch {
      throw Failure(.software, "calibration failed: \(error)")
    }
  }

  /// Whether cached roofs can be used: for these threads, and every rate a positive number.
  private static func isSound(_ roofs: Rooflines, threads: Int) -> Bool {
    let peaks = [roofs.peakFlops.bf16, roofs.peakFlops.int8].compactMap(\.self)
    let rates = [roofs.peakFlops.f32, roofs.clockHz] + peaks + roofs.bandwidth.map(\.gbs)
    return roofs.threads == threads && !roofs.bandwidth.isEmpty
      && rates.allSatisfy { $0.isFinite && $0 > 0 }
  }

  /// Whether the cores run at the clock of the calibration still, within 10 %.
  ///
  /// Asked twice before the answer is no: a busy moment looks like a slow clock.
  private static func clockHolds(_ roofs: Rooflines) -> Bool {
    for _ in 0..<2 {
      guard let clock = try? CoreClock.measure(threads: roofs.threads) else { return true }
      if abs(clock / roofs.clockHz - 1) <= 0.1 { return true }
    }
    return false
  }

  /// What to say of roofs that were measured while others took the cores; nil of sound ones.
  static func doubt(of roofs: Rooflines, machine: MachineInfo) -> Warning? {
    guard let share = roofs.disturbance, !TeamLoad(share: share).isCalm,
      roofs.threads <= machine.threads
    else { return nil }
    return Warning(
      code: "suspect-calibration",
      message: "other programs took \(Int((share * 100).rounded())) % of the threads' time while "
        + "the roofs were measured, twice: they may be far too low, and are not kept",
      remedy: "stop other programs; the next run measures the roofs again")
  }
}
