import Machine
package import Profiling

/// Measures memory, caches and the hand-off between a run's samples.
///
/// Twice a second at most: the hand-off (1 ms) and memory (20 ms), and at the first and every third time
/// the whole curve (60 ms). A curve that others disturbed is far too low, and is not kept: it is measured
/// again the next time.
package struct RoofsMeter {
  /// Nanoseconds between two measurements.
  private static let interval: UInt64 = 500_000_000

  package let threads: Int
  package let machine: MachineInfo
  package let isCold: Bool
  /// What was found.
  package private(set) var found = RoofsBesideRun()
  private var last: UInt64 = 0
  private var visits = 0

  package init(threads: Int, machine: MachineInfo, isCold: Bool) {
    self.threads = threads
    self.machine = machine
    self.isCold = isCold
  }

  /// Measures if it is time; whether it did, so that the caches hold its own data.
  package mutating func visit() -> Bool {
    guard Clock.now() - last > Self.interval else { return false }
    if let handOff = try? Calibration.handOff(threads: threads, machine) {
      found.handOffs.append(handOff)
    }
    if let rate = try? Bandwidth.memory(threads: threads) { found.memory.append(rate / 1e9) }
    if visits % 3 == 0 || found.curves.isEmpty { measureCurve() }
    if isCold, let cold = try? Bandwidth.firstTouch(threads: threads) {
      found.cold.append(.init(gbs: cold.read / 1e9, copyGbs: cold.copy / 1e9))
    }
    visits += 1
    last = Clock.now()
    return true
  }

  private mutating func measureCurve() {
    let cpus = Host.read().processors
    let begin = LoadReading.now()
    guard let points = try? Bandwidth.curve(threads: threads, effort: .quick) else { return }
    let load = TeamLoad(from: begin, to: LoadReading.now(), threads: threads, cpus: cpus)
    if load.isCalm { found.curves.append(points.map(\.recorded)) }
  }

  /// Measures the curve once more, thoroughly.
  package mutating func repeatCurve() {
    found.repeated = try? Bandwidth.curve(threads: threads).map(\.recorded)
  }
}
