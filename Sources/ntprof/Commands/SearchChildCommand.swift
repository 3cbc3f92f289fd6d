import ArgumentParser
import Execution
import Glibc
import Machine
import Measuring
import Profiling
import Session

/// `ntprof search-child`: what `--tuning auto` and `search` run their trials in; not for users.
///
/// Reads what is known from standard input, tries the rest, and writes to standard output what it is
/// about to do and what it found, so that its parent knows what crashed it.
struct SearchChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search-child", abstract: "Try implementations for another ntprof.",
    shouldDisplay: false)

  @Argument var topology: String
  @OptionGroup var topologyOptions: TopologyOptions
  @OptionGroup var measurement: MeasurementOptions
  @OptionGroup var child: ChildOptions

  func run() throws {
    try child.follow()
    // A crash is expected here, and no reason for a file.
    var none = rlimit()
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    let memory = SearchJournal.memory(Console.readAll(STDIN_FILENO))
    let loaded = try child.load(topology, topologyOptions)
    let program = try loaded.program(
      fitting: Host.read().memoryAvailableBytes, limit: measurement.memoryLimit?.bytes)
    let (threads, pin, _) = try Bench.team(measurement, on: Host.read())
    defer { withExtendedLifetime(pin) {} }
    let weights = try loaded.chosenWeights().provider
    memory.journal = { event in
      _ = Console.writeAll(SearchJournal.line(event), to: STDOUT_FILENO)
    }
    do throws(ExecutionError) {
      try Plan.search(
        program, options: measurement.planOptions(threads: threads), weights: weights,
        tunings: memory)
    } catch {
      throw Failure(.software, "\(loaded.source): \(loaded.describe(error))")
    }
  }
}
