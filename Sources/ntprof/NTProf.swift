import ArgumentParser
import CBuild
import Execution
import Machine
import Measuring
import Profiling
import Session
import TopologyXML

/// The command: what it is, and its subcommands.
struct NTProf: ParsableCommand {
  /// The same with what it was built from and runs on: `ntprof 0.1.0 (commit 78dac77, oneDNN 2.6.3)`.
  private static var versionText: String {
    let commit = String(cString: cbuild_commit())
    let parts = (commit.isEmpty ? [] : ["commit \(commit)"]) + ["oneDNN \(OneDNN.version)"]
    return "ntprof \(Tool.ntprof.version) (\(parts.joined(separator: ", ")))"
  }

  static let configuration = CommandConfiguration(
    commandName: "ntprof",
    abstract: "Profile neural-network topologies on this CPU, layer by layer.",
    discussion: """
      A topology is an XML file, the name of a bundled network (ntprof list), or an ONNX model. ntprof fills it with seeded random weights, or takes the model's own, \
      runs it on oneDNN and says for every layer how long it takes, which implementation ran, \
      and whether memory or the core holds it back.

      Exit status: 0 done; 1 a diff beyond --gate; 2 a diff that cannot tell whether it is within \
      --gate; 64 wrong usage; 65 invalid input; 66 no such file; 69 a demanded counter source is \
      unavailable; 70 internal failure; 73 output cannot be created; 74 reading or writing failed; \
      75 a doubtful run under --strict; 130 interrupted.

      Examples:
        ntprof list
        ntprof profile deepspeech
        ntprof help profile
      """,
    version: versionText,
    subcommands: [
      ProfileCommand.self, DiffCommand.self, ShowCommand.self, CheckCommand.self,
      MachineCommand.self, ListCommand.self, ReportCommand.self, SweepCommand.self,
      AdviseCommand.self, BricksCommand.self, PredictCommand.self, RunCommand.self,
      ImportCommand.self, ExportCommand.self,
      EnginesCommand.self,
      SimulateChildCommand.self, MeasureChildCommand.self, SearchChildCommand.self,
      WatchChildCommand.self, LaunchedTaskCommand.self,
    ])
}

/// The process's entry: parse, run, and turn an error into one message and a documented status.
@main
enum Main {
  static func main() {
    Terminal.holdStandardDescriptors()
    Signals.prepare()
    StatusGuard.install()
    TopologyReader.endWithoutMemory(
      saying:
        "ntprof: error: no memory is left to read XML\n  hint: raise what limits it (ulimit -v)\n",
      status: Failure.Status.software.rawValue)
    if !RuntimeEnvironment.verboseSettings(RuntimeEnvironment.read()).isEmpty { OneDNN.silence() }
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      try StackLimit.check()
      // Swift reads them from /proc; without any, help would be printed, and success claimed.
      if CommandLine.arguments.isEmpty {
        throw Failure(
          .software, "the command line cannot be read: /proc is not there", remedy: "mount /proc")
      }
      if let failure = UsageFault.notUnicode() ?? UsageFault.unknownCommand(words) { throw failure }
      var command = try NTProf.parseAsRoot(UsageFault.tyingNegatives(words))
      try command.run()
      StatusGuard.release()
    } catch let failure as Failure {
      end(failure)
    } catch {
      StatusGuard.release()
      if let failure = UsageFault.failure(error) { end(failure) }
      NTProf.exit(withError: error)
    }
  }

  private static func end(_ failure: Failure) -> Never {
    Console.complain(failure)
    Console.exit(failure.status)
  }
}
