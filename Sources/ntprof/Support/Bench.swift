import Counters
import DNNL
import Execution
import Machine
import Profiling

/// The machine made ready to measure on: threads, floating-point mode, counters, roofs.
///
/// Order matters: the ISA cap comes before oneDNN's first use, counters before the first thread
/// of the team exists (an inherited counter does not see threads that were there before it).
final class Bench {
  let threads: Int
  let machine: MachineInfo
  let counters: SelectedSource
  let choice: String

  init(_ options: MeasurementOptions, quiet: Bool) throws(Failure) {
    let host = Host.read()
    threads = options.threads ?? host.defaultThreads
    choice = options.counters
    do throws(DNNLError) {
      if let isa = options.isa { try Library.capISA(isa) }
    } catch {
      throw Failure(.usage, "--isa \(options.isa ?? ""): \(error)")
    }
    do throws(ThreadTeamError) { try ThreadTeam.setCount(threads) } catch {
      throw Failure(.software, "\(error)")
    }
    do throws(CounterError) {
      counters = try CounterSources.select(
        options.counters, events: options.eventList, threads: threads)
    } catch {
      throw Failure(.unavailable, "--counters \(options.counters): \(error.reason)", remedy: error.remedy)
    }
    do throws(ThreadTeamError) {
      try FloatingPointMode.setFlushToZero(true, threads: threads)
    } catch {
      throw Failure(.software, "\(error)")
    }
    var machine = CounterSources.machineInfo()
    machine.onednn = Library.info
    machine.papi = CounterSources.papiInfo()
    if options.counters != "none" {
      machine.rooflines = try Calibration.rooflines(
        for: machine, threads: threads, isa: options.isa, quiet: quiet)
    }
    self.machine = machine
  }
}
