import Machine
package import Profiling

/// What is to be said of a team of threads.
package enum ThreadWarnings {
  /// That fewer threads ran than were wanted; nil where all did.
  package static func granted(
    _ granted: Int, of asked: Int, _ environment: [String: String]
  ) -> Warning? {
    guard granted < asked else { return nil }
    let causes = RuntimeEnvironment.teamLimits(environment)
    let names = causes.compactMap { $0.split(separator: "=").first }.joined(separator: " and ")
    return Warning(
      code: "threads-not-granted",
      message: "\(asked) threads were asked for and \(granted) ran: "
        + (causes.isEmpty ? "the OpenMP runtime gives no more" : causes.joined(separator: ", ")),
      remedy: causes.isEmpty
        ? "use --threads \(granted)" : "unset \(names), or use --threads \(granted)")
  }

  /// What of the environment was set aside for the run.
  package static func setAside(_ environment: [String: String]) -> [Warning] {
    var list: [Warning] = []
    if RuntimeEnvironment.isDynamic(environment) {
      list.append(
        Warning(
          code: "no-dynamic-threads",
          message:
            "OMP_DYNAMIC=\(environment["OMP_DYNAMIC"] ?? "") was set aside: a team whose size "
            + "follows the machine's load cannot be measured",
          remedy: "choose the number of threads with --threads"))
    }
    let verbose = RuntimeEnvironment.verboseSettings(environment)
    if !verbose.isEmpty {
      list.append(
        Warning(
          code: "no-onednn-verbose",
          message:
            "\(verbose.joined(separator: ", ")) was set aside: oneDNN would write lines into "
            + "the results, and take time for it",
          remedy: "--verbose shows each layer's primitives and implementations"))
    }
    return list
  }
}

extension NetworkRun {
  /// What keeps the threads of the team from running as if they were alone.
  package func threadWarnings(_ environment: [String: String]) -> [Warning] {
    var list: [Warning] = []
    let host = Host.read()
    if let warning = ThreadWarnings.granted(bench.threads, of: bench.askedThreads, environment) {
      list.append(warning)
    }
    list += ThreadWarnings.setAside(environment)
    if let overload = host.overload(of: bench.threads) {
      list.append(
        Warning(
          code: "oversubscribed",
          message: overload
            + (bench.machine.rooflines == nil ? ", and no roofs are measured of such a team" : ""),
          remedy: "use --threads \(host.defaultThreads)"))
    }
    let runtimes = OpenMPRuntimes.loaded()
    if runtimes.count > 1 {
      list.append(
        Warning(
          code: "two-openmp-runtimes",
          message: "\(runtimes.count) OpenMP runtimes are loaded, each with threads of its own: "
            + runtimes.joined(separator: ", "),
          remedy: "run without LD_PRELOAD and the library that brings the second one"))
    }
    if !bench.isPinHeld {
      list.append(
        Warning(
          code: "threads-moved",
          message: "a thread no longer ran on the CPU that it was bound to when the run ended",
          remedy: "let nothing else set this process's CPUs meanwhile, or use --pin off"))
    }
    return list
  }
}
