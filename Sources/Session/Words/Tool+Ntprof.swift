public import Profiling

extension Tool {
  /// This program, as documents name what made them.
  public static let ntprof = Tool(name: "ntprof", version: "0.1.0")
}

/// What a record says it was made by.
package enum CommandWords {
  /// The command that this process was started as.
  package static var current: [String] { ["ntprof"] + CommandLine.arguments.dropFirst() }
}
