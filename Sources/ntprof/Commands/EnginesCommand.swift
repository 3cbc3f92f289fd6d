import ArgumentParser
import Engines
import Execution
import FoundationEssentials
import Machine
import Profiling
import Session

/// `ntprof engines`: which engines are here, and where.
struct EnginesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines",
    abstract: "List the engines that can run a network, and install one.",
    discussion: """
      Examples:
        ntprof engines
        ntprof engines install onnxruntime
        ntprof diff mobilenet-v2 --engines onednn,onnxruntime,openvino
      """, subcommands: [List.self, Install.self], defaultSubcommand: List.self)

  /// `ntprof engines list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the engines, their versions and their Pythons.")

    @Option(
      name: .customLong("engine-python"),
      help: ArgumentHelp("Look in this Python alone.", valueName: "path"), completion: .file())
    var python: String?

    func run() throws {
      Interrupt.install()
      var lines = ["onednn       \(OneDNN.version)  ntprof's own"]
      for engine in EngineName.others where !Interrupt.isRequested {
        let name = engine.rawValue.padding(to: 13)
        let finder = EngineFinder(engine: engine, asked: python)
        do throws(Failure) {
          let worker = try finder.start()
          lines.append(
            "\(name)\(worker.facts.version)  \(worker.python) (Python \(worker.facts.python))")
          worker.quit()
        } catch {
          guard error.exit == .unavailable else { throw error }
          lines.append("\(name)not found  → ntprof engines install \(engine.rawValue)")
        }
      }
      try Console.write(Array((lines.joined(separator: "\n") + "\n").utf8))
    }
  }

  /// `ntprof engines install NAME`.
  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "install",
      abstract: "Make an environment of ntprof's own that has an engine.",
      discussion: """
        The environment lies under XDG_DATA_HOME, else ~/.local/share, in ntprof/engines/NAME, and \
        nothing else is touched. With uv on the PATH it is made by uv, else by python3 -m venv. No \
        other command installs anything.
        """)

    @Argument(
      help: "The engine: \(EngineName.others.map(\.rawValue).joined(separator: ", ")).")
    var engine: EngineName

    @Option(
      help: ArgumentHelp(
        "Take the packages from this folder, without a network.", valueName: "folder"),
      completion: .directory)
    var offline: String?

    func validate() throws {
      if engine == .onednn { throw ValidationError("onednn is ntprof's own: nothing to install") }
    }

    func run() throws {
      Interrupt.install()
      let folder = try EngineInstallation(
        engine: engine, offline: offline, observer: ConsoleObserver(quiet: false)
      ).make()
      let python = "\(folder)/bin/python"
      let worker: EngineWorker
      do throws(EngineError) {
        worker = try EngineFinder(engine: engine, asked: nil).worker(python)
      } catch {
        throw Failure(error, engine: engine)
      }
      Console.note("\(engine.rawValue) \(worker.facts.version): \(folder)")
    }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
