import ArgumentParser
import Counters
import Execution
import Machine
import Measuring
import Profiling
import Session

/// `ntprof machine`: what this machine is and what it can do.
struct MachineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine",
    abstract: "Print CPU, caches, counter sources and why one is missing, and measured rooflines.",
    discussion: """
      Examples:
        ntprof machine
        ntprof machine --threads 1 --format json
        ntprof machine --isa avx2
        ntprof machine --bricks --format json
      """)

  @Option(help: "OpenMP threads (default: physical cores).") var threads: Int?
  @Option(
    help: "Cap oneDNN's instruction set, whose roofs are lower then: \(Choices.isaNames).",
    completion: Choices.isa)
  var isa: String?
  @Flag(help: "With --format json: also the bricks that the store has of this machine.")
  var bricks = false
  @Option(help: "table or json.", completion: .list(["table", "json"]))
  var format: String = "table"
  @Flag(help: "Measure the rooflines again instead of taking the cached ones.")
  var recalibrate = false

  func validate() throws {
    guard ["table", "json"].contains(format) else {
      throw ValidationError("--format '\(format)' is none of table, json")
    }
    if bricks, format != "json" {
      throw ValidationError("--bricks is for programs: add --format json")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…1024")
    }
  }

  func run() throws {
    if let isa, let fault = OneDNNEngine.capISA(isa) {
      throw Failure(.usage, "--isa \(isa): \(fault)", remedy: "use one of \(Choices.isaNames)")
    }
    let observer = ConsoleObserver(quiet: false)
    let sources = CounterSources.availability()
    let machine = try ThisMachine.read(
      threads: threads, isa: isa, fresh: recalibrate, observer: observer)
    var file = MachineFile(knownOf: machine, cap: isa, sources: sources)
    if bricks { file.bricks = BrickStore.all(of: machine) }
    let report = MachineReport(file)
    try Console.write(format == "json" ? report.json : report.table)
  }
}
