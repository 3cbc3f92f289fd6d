import Machine
public import Profiling

extension Tool {
  /// This program, as documents name what made them.
  public static let ntprof = Tool(name: "ntprof", version: "0.1.0")
}

/// What a record says it was made by.
package enum CommandWords {
  /// The command that this process was started as, with its program's name alone: a path tells nobody
  /// else anything.
  package static var current: [String] { [program] + CommandLine.arguments.dropFirst() }

  /// The program that this process runs: `ntprof`, or one that uses the library.
  ///
  /// Its file's name, for children are started by another.
  private static let program: String = {
    let file = ChildProcess.ownProgram.split(separator: "/").last.map(String.init) ?? ""
    let gone = " (deleted)"
    let name = file.hasSuffix(gone) ? String(file.dropLast(gone.count)) : file
    return name.isEmpty ? Tool.ntprof.name : name
  }()
}
