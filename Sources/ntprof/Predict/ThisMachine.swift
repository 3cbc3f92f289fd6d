import Counters
import Execution
import Machine
import Measuring
import Profiling
import Session

/// This machine as the target of a prediction: with the roofs of a team and a capped instruction set, measured now or
/// kept from earlier.
struct ThisMachine {
  let file: MachineFile

  /// Measures what is not known.
  ///
  /// Comes before oneDNN's first use, which the cap is for.
  init(
    threads asked: Int?, _ planning: PlanningOptions, pin: PinningDecision.Mode
  ) throws(Failure) {
    try planning.capISA()
    let host = Host.read()
    let threads: Int
    do throws(ThreadTeamError) {
      threads = try ThreadTeam.start(asked ?? host.defaultThreads)
    } catch {
      throw Failure(.software, "\(error)", remedy: error.remedy)
    }
    let (hold, _) = try Placing.place(threads, asked: pin, on: host)
    defer { withExtendedLifetime(hold) {} }
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    machine.rooflines = try Calibration.rooflines(
      for: machine, threads: threads, isa: planning.isa, quiet: true)
    file = MachineFile(machine: machine)
  }
}

extension MachineFile {
  /// The machine with whatever else earlier runs found of it: roofs of other teams and instruction sets.
  ///
  /// - Parameters:
  ///   - machine: As it is, with the roofs that were measured last.
  ///   - cap: What the instruction set is capped at in this process; other roofs are known without one only.
  ///   - sources: Counter sources.
  init(knownOf machine: MachineInfo, cap: String?, sources: [SourceAvailability]) {
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
