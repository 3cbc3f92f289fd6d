import Counters
import Execution
package import Machine
import Measuring
package import Profiling

/// This machine as the target of a prediction: with the roofs of a team and a capped instruction set, measured now or
/// kept from earlier.
package struct ThisMachine {
  package let file: MachineFile

  /// Measures what is not known.
  ///
  /// Comes before oneDNN's first use, which the cap is for.
  package init(
    threads asked: Int?, _ planning: PlanningSettings, pin: PinningDecision.Mode,
    observer: any SessionObserver
  ) throws(Failure) {
    try planning.capISA()
    let host = Host.read()
    let threads: Int
    do throws(ThreadTeamError) {
      threads = try ThreadTeam.start(asked ?? host.defaultThreads)
    } catch {
      throw Failure(.software, "\(error)", remedy: error.remedy)
    }
    let (hold, _) = try Placing.place(threads, asked: pin, on: host, observer)
    defer { withExtendedLifetime(hold) {} }
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    machine.rooflines = try Calibration.rooflines(
      for: machine, threads: threads, isa: planning.isa, observer: SilentObserver())
    file = MachineFile(machine: machine)
  }
}

extension ThisMachine {
  /// What this machine is, with the roofs of a team, measured or kept from earlier; what is to be said of them, is noted.
  ///
  /// - Parameters:
  ///   - asked: Threads; nil for one on each physical core.
  ///   - isa: What the instruction set was capped at.
  ///   - fresh: Whether roofs are measured that are known.
  ///   - observer: Who is told.
  /// - Returns: The machine, with the roofs of those threads.
  /// - Throws: ``Failure`` where no team can be made, or nothing can be measured.
  package static func read(
    threads asked: Int?, isa: String?, fresh: Bool, observer: any SessionObserver
  ) throws(Failure) -> MachineInfo {
    let host = Host.read()
    let asked = asked ?? host.defaultThreads
    let count: Int
    do throws(ThreadTeamError) { count = try ThreadTeam.start(asked) } catch {
      throw Failure(.software, "\(error)", remedy: error.remedy)
    }
    if let warning = ThreadWarnings.granted(count, of: asked, RuntimeEnvironment.read()) {
      observer.note("\(warning.message); \(warning.remedy)")
    }
    // As a run does: the roofs are those of its threads.
    let (pin, _) = try Placing.place(count, asked: .auto, on: host, observer)
    defer { withExtendedLifetime(pin) {} }
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    machine.papi = CounterSources.papiInfo()
    machine.rooflines = try Calibration.rooflines(
      for: machine, threads: count, isa: isa, observer: observer, fresh: fresh)
    if let doubt = machine.rooflines.flatMap({ Calibration.doubt(of: $0, machine: machine) }) {
      observer.note("\(doubt.message); \(doubt.remedy)")
    }
    return machine
  }
}

extension MachineFile {
  /// The machine with whatever else earlier runs found of it: roofs of other teams and instruction sets.
  ///
  /// - Parameters:
  ///   - machine: As it is, with the roofs that were measured last.
  ///   - cap: What the instruction set is capped at in this process; other roofs are known without one only.
  ///   - sources: Counter sources.
  package init(knownOf machine: MachineInfo, cap: String?, sources: [SourceAvailability]) {
    self.init(machine: machine, sources: sources)
    guard cap == nil, let own = machine.onednn?.isa else { return }
    let most = InstructionSet(own).lanes ?? 0
    for threads in 1...max(machine.threads ?? 1, 1) {
      if threads != machine.rooflines?.threads,
        let found = Calibration.kept(for: machine, threads: threads, isa: nil)
      {
        roofs.append(.init(isa: nil, rooflines: found))
      }
      for name in OneDNNEngine.isaNames {
        guard let lanes = InstructionSet(name).lanes, lanes <= most, name != own else { continue }
        var capped = machine
        capped.onednn?.isa = name == "avx512" ? "avx512_core" : name
        if let found = Calibration.kept(for: capped, threads: threads, isa: name) {
          roofs.append(.init(isa: name, rooflines: found))
        }
      }
    }
  }
}
