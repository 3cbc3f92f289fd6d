import SystemPackage

extension SystemCallError {
  /// What to do about it where the call failed for want of something that is limited: open files,
  /// processes or memory; nil where it failed for another reason.
  public var shortageRemedy: String? {
    switch code {
    case .tooManyOpenFiles:
      "more files must be open than the limit allows; raise it: ulimit -n 1024"
    case .tooManyOpenFilesInSystem:
      "the whole machine has too many files open: end what holds them, or as root raise "
        + "sysctl fs.file-max; ulimit -n bounds each program's part"
    case .resourceTemporarilyUnavailable:
      "no further process may be started: raise ulimit -u, or pids.max of the control group, or "
        + "end other programs"
    case .noMemory:
      "memory is used up: end other programs, or raise ulimit -v or memory.max of the control group"
    default: nil
    }
  }
}
