import Files

/// The environment variables that change how fast a network runs: those of the OpenMP runtimes, of
/// oneDNN and of the allocator.
public enum RuntimeEnvironment {
  private static let prefixes = ["OMP_", "GOMP_", "KMP_", "DNNL_", "ONEDNN_", "MALLOC_"]
  private static let names: Set<String> = ["LD_PRELOAD", "GLIBC_TUNABLES"]

  /// Those that are set in this process, by name.
  public static func read() -> [String: String] {
    Environment.all.filter { matters($0.key) }
  }

  /// Whether a variable is one of them.
  public static func matters(_ name: String) -> Bool {
    names.contains(name) || prefixes.contains { name.hasPrefix($0) }
  }

  /// Those that keep a team below the size it is asked for, as `NAME=value`, by name.
  ///
  /// `environment` is what ``read()`` found.
  public static func teamLimits(_ environment: [String: String]) -> [String] {
    let known = [
      "OMP_THREAD_LIMIT", "KMP_DEVICE_THREAD_LIMIT", "KMP_ALL_THREADS", "KMP_MAX_THREADS",
      "OMP_MAX_ACTIVE_LEVELS",
    ]
    return known.compactMap { name in
      guard let value = environment[name], !value.isEmpty else { return nil }
      if name == "OMP_MAX_ACTIVE_LEVELS", Int(value.trimmingSpace()) != 0 { return nil }
      return "\(name)=\(value)"
    }
  }

  /// Those that have oneDNN write what it does to standard output, as `NAME=value`.
  public static func verboseSettings(_ environment: [String: String]) -> [String] {
    ["ONEDNN_VERBOSE", "DNNL_VERBOSE", "MKLDNN_VERBOSE"].compactMap { name in
      guard let value = environment[name]?.trimmingSpace(), !value.isEmpty, value != "0",
        value != "none"
      else { return nil }
      return "\(name)=\(value)"
    }
  }

  /// Whether `OMP_DYNAMIC` lets teams shrink with the machine's load.
  public static func isDynamic(_ environment: [String: String]) -> Bool {
    ["true", "1", "yes"].contains(environment["OMP_DYNAMIC"]?.trimmingSpace().lowercased() ?? "")
  }
}
