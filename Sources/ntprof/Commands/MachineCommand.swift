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
    let host = Host.read()
    let asked = threads ?? host.defaultThreads
    let sources = CounterSources.availability()
    let count: Int
    do throws(ThreadTeamError) { count = try ThreadTeam.start(asked) } catch {
      throw Failure(.software, "\(error)", remedy: error.remedy)
    }
    if let warning = ThreadWarnings.granted(count, of: asked, RuntimeEnvironment.read()) {
      Console.note("\(warning.message); \(warning.remedy)")
    }
    // As a run does: the roofs are those of its threads.
    let (pin, _) = try Placing.place(count, asked: .auto, on: host)
    defer { withExtendedLifetime(pin) {} }
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    machine.papi = CounterSources.papiInfo()
    machine.rooflines = try Calibration.rooflines(
      for: machine, threads: count, isa: isa, quiet: false, fresh: recalibrate)
    if let doubt = machine.rooflines.flatMap({ Calibration.doubt(of: $0, machine: machine) }) {
      Console.note("\(doubt.message); \(doubt.remedy)")
    }
    var file = MachineFile(knownOf: machine, cap: isa, sources: sources)
    if bricks { file.bricks = BrickStore.all(of: machine) }
    let report = MachineReport(file)
    try Console.write(format == "json" ? report.json : report.table)
  }
}
