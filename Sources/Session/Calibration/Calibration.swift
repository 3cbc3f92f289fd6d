import Execution
package import Machine
import Measuring
package import Profiling

/// The measured roofs, cached per machine, team, ISA and library version, and by the hand-off between
/// the team's threads.
///
/// The cache is only a cache: a file that cannot be read or written means measuring again, and so
/// does a core clock that is no longer the one the roofs were measured at. Roofs measured while
/// other programs took the cores are far too low: they are measured once more, and not kept if that
/// does not help. What may replace what stands in ``Profiling/RoofMemory``.
package enum Calibration {
  package static func rooflines(
    for machine: MachineInfo, threads asked: Int, isa: String?, observer: any SessionObserver,
    fresh: Bool = false
  ) throws(Failure) -> Rooflines {
    let threads = try team(of: asked)
    let name = name(for: machine, threads: threads, isa: isa)
    let handOff = try handOff(threads: threads, machine)
    var memory = CacheFolder.load(RoofMemory.self, name) ?? RoofMemory()
    let cached = memory.roofs(handOff: handOff).flatMap { isSound($0, threads: threads) ? $0 : nil }
    // Threads that share a core say nothing about its clock.
    if !fresh, var cached, threads > machine.threads ?? 1 || clockHolds(cached) {
      cached.handOffNs = handOff.map { [$0] }
      return cached
    }
    observer.progress("calibrating peak rate and bandwidth (\(threads) threads)…")
    defer { observer.progressEnded() }
    let others = others(for: machine, than: threads, isa: isa)
    // Whoever asks for it gets lower ones, too, when two measurements agree.
    for _ in 0..<(fresh ? 2 : 1) {
      var (measured, load) = try TeamLoad.calmest(threads: threads) { () throws(Failure) in
        try measure(threads: threads, others: others)
      }
      measured.disturbance = load.share
      measured.handOffNs = handOff.map { [$0] }
      let isTeamTheSame = try team(of: asked) == threads
      guard load.isCalm || threads > machine.threads ?? 1, isTeamTheSame else {
        // What looked like another clock was the others' doing, too.
        return cached ?? measured
      }
      let used = memory.admit(
        measured, isDoubtful: !contradictions(in: measured, others).isEmpty)
      CacheFolder.store(memory, as: name)
      if used == measured || !fresh { return used }
    }
    if let kept = memory.roofs(handOff: handOff) ?? cached { return kept }
    return try measure(threads: threads, others: others)
  }

  /// Roofs that earlier runs kept, of any placement of the threads; nothing is measured.
  package static func kept(for machine: MachineInfo, threads: Int, isa: String?) -> Rooflines? {
    CacheFolder.load(RoofMemory.self, name(for: machine, threads: threads, isa: isa))?
      .roofs(handOff: nil).flatMap { isSound($0, threads: threads) ? $0 : nil }
  }

  /// How many threads run when so many are asked for: an environment variable may allow fewer.
  private static func team(of threads: Int) throws(Failure) -> Int {
    do throws(ThreadTeamError) { return try ThreadTeam.run(threads) { _ in } } catch {
      throw Failure(.software, "\(error)")
    }
  }

  /// The hand-off between the team's threads; nil where they cannot run at the same time.
  package static func handOff(threads: Int, _ machine: MachineInfo) throws(Failure) -> Double? {
    guard threads > 1, threads <= machine.threads ?? 1 else { return nil }
    do throws(ThreadTeamError) { return try HandOff.measure(threads: threads) } catch {
      throw Failure(.software, "\(error)")
    }
  }

  private static func name(for machine: MachineInfo, threads: Int, isa: String?) -> String {
    CacheFolder.name("roofs-4", for: machine, threads: threads, isa: isa)
  }

  /// Sound roofs of other teams, as far as there are any.
  private static func others(
    for machine: MachineInfo, than threads: Int, isa: String?
  ) -> [Rooflines] {
    Set([1, 2, machine.cores ?? 1]).subtracting([threads]).sorted().flatMap { other in
      CacheFolder.load(RoofMemory.self, name(for: machine, threads: other, isa: isa))?.entries
        .compactMap(\.roofs) ?? []
    }
  }

  /// Measures the roofs now.
  ///
  /// Peaks that contradict something known are measured twice more, and the best of each counts.
  private static func measure(threads: Int, others: [Rooflines]) throws(Failure) -> Rooflines {
    do {
      let clock = try CoreClock.measure(threads: threads)
      let curve = try Bandwidth.curve(threads: threads)
      var roofs = Rooflines(
        peakFlops: try peaks(threads: threads), bandwidth: curve.map(\.recorded), clockHz: clock,
        threads: threads)
      let isa =
        OneDNNEngine().instructionSet.flatMap { VectorISA(rawValue: $0.description) } ?? .best
      roofs.registerFlops = try RegisterRate.measure(threads: threads, isa: isa)
      for _ in 0..<2 where !contradictions(in: roofs, others).isEmpty {
        roofs.peakFlops = roofs.peakFlops.raised(to: try peaks(threads: threads))
      }
      return roofs
    } catch {
      throw Failure(.software, "calibration failed: \(error)")
    }
  }

  private static func peaks(threads: Int) throws(ExecutionError) -> Rooflines.PeakFlops {
    let engine = OneDNNEngine()
    return .init(
      f32: try engine.peakRate(.f32, threads: threads) ?? 0,
      bf16: try engine.peakRate(.bf16, threads: threads),
      int8: try engine.peakRate(.int8, threads: threads))
  }

  private static func contradictions(in roofs: Rooflines, _ others: [Rooflines]) -> [String] {
    RoofChecks.contradictions(
      in: roofs, others: others,
      hasTiles: OneDNNEngine().instructionSet?.features.contains(.tiles) == true)
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

  /// Raises the kept peaks to what layers of a run reached, for the runs to come.
  package static func raise(to roofs: Rooflines, for machine: MachineInfo, isa: String?) {
    let name = name(for: machine, threads: roofs.threads, isa: isa)
    guard var memory = CacheFolder.load(RoofMemory.self, name) else { return }
    memory.raise(to: roofs.peakFlops, handOff: roofs.handOff)
    CacheFolder.store(memory, as: name)
  }

  /// What to say of roofs that were measured while others took the cores, or that contradict
  /// themselves; nil of sound ones.
  package static func doubt(of roofs: Rooflines, machine: MachineInfo) -> Warning? {
    guard roofs.threads <= machine.threads ?? 1 else { return nil }
    if let share = roofs.disturbance, !TeamLoad(share: share).isCalm {
      return Warning(
        code: "suspect-calibration",
        message: "other programs took \(Int(rounding: share * 100)) % of the threads' time while "
          + "the roofs were measured, twice: they may be far too low, and are not kept",
        remedy: "stop other programs; the next run measures the roofs again")
    }
    let wrong = contradictions(in: roofs, [])
    guard !wrong.isEmpty else { return nil }
    return Warning(
      code: "suspect-calibration",
      message: "the peak may be too low: \(wrong.joined(separator: "; "))",
      remedy: "nothing: the next run measures it again, and layers that are faster raise it")
  }
}

extension Bandwidth.Point {
  /// The point as records have it.
  package var recorded: Rooflines.Bandwidth {
    .init(
      bytes: bytes, gbs: bytesPerSecond / 1e9, copyGbs: copiedPerSecond.map { $0 / 1e9 })
  }
}
