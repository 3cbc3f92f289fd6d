package import Counters
import Execution
package import Machine
import Measuring
package import Profiling
package import Topology

/// The machine made ready to measure on: threads, floating-point mode, counters, roofs.
///
/// Order matters: the ISA cap comes before oneDNN's first use, and the size of the team before the
/// counters, which belong to its threads.
package final class Bench {
  /// Threads asked for, or by default.
  package let askedThreads: Int
  /// Threads that the OpenMP runtime gives, which may be fewer; all that is measured is theirs.
  package let threads: Int
  package let machine: MachineInfo
  package let counters: SelectedSource
  package let choice: String
  /// Threads on each logical CPU up to which roofs are measured.
  private static let mostThreadsACPU = 4
  /// What holds the threads at their places.
  private let pin: ThreadPinning?
  /// Where the threads run, for the record.
  package let pinning: Pinning
  /// What to count, as `--events` or the markers say; empty for the standard events.
  package let events: [String]
  /// Who is told how runs here get on.
  package let observer: any SessionObserver

  package init(
    _ options: MeasurementSettings, for graphs: [Graph], observer: any SessionObserver
  ) throws(Failure) {
    self.observer = observer
    let host = Host.read()
    askedThreads = options.threads ?? host.defaultThreads
    choice = try options.counterChoice(for: graphs)
    let team = try Self.team(options, on: host, observer)
    (threads, pin, pinning) = (team.threads, team.pin, team.pinning)
    events = options.eventList(for: graphs)
    do throws(CounterError) {
      counters = try CounterSources.select(
        choice, events: events, threads: threads)
    } catch {
      throw Failure(
        .unavailable, "--counters \(choice): \(error.reason)", remedy: error.remedy)
    }
    if options.events != nil, let refusal = CounterSources.refusal(of: events, by: counters) {
      throw Failure(.unavailable, "--events: \(refusal.reason)", remedy: refusal.remedy)
    }
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    machine.papi = CounterSources.papiInfo()
    // Many threads on each core measure nothing but how they take turns.
    if options.measuresRoofs,
      Self.measuresRoofs(threads: threads, cpus: machine.threads ?? 1)
    {
      machine.rooflines = try Calibration.rooflines(
        for: machine, threads: threads, isa: options.isa, observer: observer)
    }
    Bandwidth.release()
    _ = Usage.resetPeak()
    self.machine = machine
  }

  /// Caps the instruction set and starts the team: its size, its places, its floating-point mode.
  ///
  /// Comes before oneDNN's first use.
  package static func team(
    _ options: MeasurementSettings, on host: Host, _ observer: any SessionObserver
  ) throws(Failure) -> (threads: Int, pin: ThreadPinning?, pinning: Pinning) {
    try options.planning.capISA()
    let threads: Int
    do throws(ThreadTeamError) {
      threads = try ThreadTeam.start(options.threads ?? host.defaultThreads)
    } catch {
      throw Failure(.software, "\(error)", remedy: error.remedy)
    }
    let (pin, pinning) = try Placing.place(threads, asked: options.pin, on: host, observer)
    do throws(ThreadTeamError) {
      try FloatingPointMode.setFlushToZero(true, threads: threads)
    } catch {
      throw Failure(.software, "\(error)", remedy: error.remedy)
    }
    return (threads, pin, pinning)
  }

  /// Whether bandwidths and peaks of a team are measured.
  package static func measuresRoofs(threads: Int, cpus: Int) -> Bool {
    threads <= mostThreadsACPU * max(1, cpus)
  }

  /// Whether threads that were pinned still are.
  package var isPinHeld: Bool { pin?.holds ?? true }
}
