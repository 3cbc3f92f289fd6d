import Machine
import Profiling
import SystemPackage

/// Says what a refusal of `perf_event_open` means; the same words for every source that uses it.
enum PerfFailure {
  /// The reason and the remedy for an error number.
  static func explain(_ error: PerfError, paranoid: Int?) -> (reason: String, remedy: String) {
    let level = paranoid.map { "perf_event_paranoid is \($0)" } ?? "perf_event_paranoid is absent"
    switch error.code {
    case .noSuchFileOrDirectory, .operationNotSupportedByDevice, .notSupportedOnSocket,
      .noSuchAddressOrDevice:
      return (
        "\(error): the kernel has no such counter; a virtual machine often has none at all",
        "run on bare metal or give the virtual machine a PMU; estimated counters need none"
      )
    case .permissionDenied:
      return (
        "\(error): \(level)",
        "as root: sysctl kernel.perf_event_paranoid=2, or give the program CAP_PERFMON"
      )
    case .notPermitted where (paranoid ?? 0) > 2:
      return (
        "\(error): \(level)",
        "as root: sysctl kernel.perf_event_paranoid=2, or give the program CAP_PERFMON"
      )
    case .notPermitted:
      return (
        "\(error): \(level), so most likely the container's seccomp filter forbids the call",
        "run the container with --cap-add PERFMON and a seccomp profile that allows it"
      )
    case .noFunction:
      return (
        "\(error): a kernel without CONFIG_PERF_EVENTS, or a sandbox that hides it",
        "use a kernel with performance events, or run outside the sandbox"
      )
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
      return (
        "\(error): one file is open for each event and thread", "raise the limit: ulimit -n 4096"
      )
    case .resourceBusy:
      return ("\(error): another profiler holds the counters", "stop the other profiler")
    case .invalidArgument:
      return (
        "\(error): the kernel does not know this event", "ask for other events with --events"
      )
    default: return ("\(error)", "see 'man perf_event_open' for this error")
    }
  }

  /// The same as an error of a source.
  static func counterError(
    _ error: PerfError, source: CounterSourceName, paranoid: Int? = Host.perfEventParanoid
  ) -> CounterError {
    let (reason, remedy) = explain(error, paranoid: paranoid)
    return CounterError(source: source, reason: reason, remedy: remedy)
  }
}
