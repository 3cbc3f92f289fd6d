import Machine
import Profiling

extension NetworkRun {
  /// What keeps the threads of the team from running as if they were alone.
  func threadWarnings() -> [Warning] {
    var list: [Warning] = []
    let host = Host.read()
    if let overload = host.overload(of: bench.threads) {
      list.append(
        Warning(
          code: "oversubscribed", message: overload,
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
