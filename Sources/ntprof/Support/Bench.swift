import Counters
import Execution
import Machine
import Profiling
import Topology

/// The machine made ready to measure on: threads, floating-point mode, counters, roofs.
///
/// Order matters: the ISA cap comes before oneDNN's first use, and the size of the team before the
/// counters, which belong to its threads.
final class Bench {
  let threads: Int
  let machine: MachineInfo
  let counters: SelectedSource
  let choice: String
  /// What holds the threads at their places.
  private let pin: ThreadPinning?
  /// Where the threads run, for the record.
  let pinning: Pinning
  /// What to count, as `--events` or the markers say; empty for the standard events.
  let events: [String]

  init(
    _ options: MeasurementOptions, for graphs: [Graph], quiet: Bool
  ) throws(Failure) {
    let host = Host.read()
    threads = options.threads ?? host.defaultThreads
    choice = try options.counterChoice(for: graphs)
    if let isa = options.isa, let fault = OneDNN.capISA(isa) {
      throw Failure(.usage, "--isa \(isa): \(fault)", remedy: "use one of \(OneDNN.isaNames)")
    }
    do throws(ThreadTeamError) { try ThreadTeam.setCount(threads) } catch {
      throw Failure(.software, "\(error)")
    }
    (pin, pinning) = try Placing.place(threads, asked: options.pin, on: host)
    events = options.eventList(for: graphs)
    do throws(CounterError) {
      counters = try CounterSources.select(
        choice, events: events, threads: threads)
    } catch {
      throw Failure(
        .unavailable, "--counters \(choice): \(error.reason)", remedy: error.remedy)
    }
    do throws(ThreadTeamError) {
      try FloatingPointMode.setFlushToZero(true, threads: threads)
    } catch {
      throw Failure(.software, "\(error)")
    }
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    machine.papi = CounterSources.papiInfo()
    machine.rooflines = try Calibration.rooflines(
      for: machine, threads: threads, isa: options.isa, quiet: quiet)
    Bandwidth.release()
    _ = Usage.resetPeak()
    self.machine = machine
  }

  /// Whether threads that were pinned still are.
  var isPinHeld: Bool { pin?.holds ?? true }
}
