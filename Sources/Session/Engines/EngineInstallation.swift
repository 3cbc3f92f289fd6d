package import Engines
import Files
import FoundationEssentials
import Machine

/// Makes an environment that has an engine's package.
package struct EngineInstallation {
  package let engine: EngineName
  /// A folder with the packages; nil for PyPI.
  package let offline: String?
  /// Who is told what is done.
  package let observer: any SessionObserver

  /// Nothing is made yet.
  package init(engine: EngineName, offline: String?, observer: any SessionObserver) {
    self.engine = engine
    self.offline = offline
    self.observer = observer
  }

  /// Makes it, and returns its folder.
  package func make() throws(Failure) -> String {
    guard let home = EngineFinder.home else {
      throw Failure(
        .cannotCreate, "there is no home folder for an environment", remedy: "set XDG_DATA_HOME")
    }
    if let offline {
      do throws(SystemCallError) { try FilePlace(offline).checkFolder() } catch {
        throw Failure(.noInput, "--offline \(offline): \(error.reason)")
      }
    }
    do {
      try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        .cannotCreate, "\(home): the folder cannot be made",
        remedy: "name a folder that can be written with XDG_DATA_HOME")
    }
    let folder = "\(home)/\(engine.rawValue)"
    let source = offline.map { ["--no-index", "--find-links", $0] } ?? []
    if let uv = SearchPath.program("uv") {
      try run([uv, "venv", "--quiet", "--clear", folder])
      try run(
        [uv, "pip", "install", "--quiet", "--python", "\(folder)/bin/python"] + source
          + engine.requirements)
      return folder
    }
    guard let python = SearchPath.program("python3") else {
      throw Failure(
        .unavailable, "there is neither uv nor python3 on the PATH",
        remedy: "install Debian's python3-venv")
    }
    do throws(Failure) { try run([python, "-m", "venv", "--clear", folder]) } catch {
      throw Failure(
        .unavailable, "\(error.message)",
        remedy: "Debian's python3 makes environments with its package python3-venv")
    }
    try run(
      ["\(folder)/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        + source + engine.requirements)
    return folder
  }

  /// Runs a program to its end; what it says goes to standard error.
  private func run(_ words: [String]) throws(Failure) {
    let errors: MemoryFile
    let process: ChildProcess
    do throws(SystemCallError) {
      errors = try MemoryFile("errors")
      process = try ChildProcess(
        words[0], arguments: Array(words.dropFirst()),
        environment: Environment.all, descriptors: [(2, errors.descriptor)])
    } catch {
      throw Failure(cannotStart: words[0], error)
    }
    observer.progress(words.dropFirst().prefix(3).joined(separator: " "))
    while process.poll() == nil {
      if Interrupt.isRequested {
        process.kill()
        throw Failure(.interrupted, "interrupted; the environment is not whole")
      }
      Pause.milliseconds(50)
    }
    observer.progressEnded()
    guard process.ending == .exited(0) else {
      let text = String(decoding: errors.contents(), as: UTF8.self)
      let last = text.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
      throw Failure(
        .unavailable,
        "\(words.prefix(4).joined(separator: " ")): "
          + "\(process.ending.map { "\($0)" } ?? "no status")\(last.isEmpty ? "" : ": \(last)")",
        remedy: offline == nil
          ? "see that PyPI can be reached, or take the packages from a folder: --offline FOLDER"
          : "see that the folder has \(engine.requirements.joined(separator: ", ")) and what they need"
      )
    }
  }
}
