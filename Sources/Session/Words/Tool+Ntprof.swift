public import Profiling

extension Tool {
  /// This program, as documents name what made them.
  public static let ntprof = Tool(name: "ntprof", version: "0.1.0")
}
