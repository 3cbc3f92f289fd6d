import Glibc

/// What this process has used so far.
public enum Usage {
  /// Largest resident set since the start or ``resetPeak()``, bytes; 0 when unknown.
  ///
  /// It contains whatever was resident at the same time, a calibration's buffers too: release those
  /// and reset the peak first. The corresponding field is `VmHWM` of `/proc/self/status`.
  public static func peakResidentBytes() -> Int {
    StatusFields(TextFile.read("/proc/self/status") ?? "").bytes("VmHWM") ?? 0
  }

  /// The resident set as it is now, bytes; 0 when unknown.
  ///
  /// The corresponding field is `VmRSS` of `/proc/self/status`.
  public static func residentBytes() -> Int {
    StatusFields(TextFile.read("/proc/self/status") ?? "").bytes("VmRSS") ?? 0
  }

  /// Sets the peak to what is resident now; false where the kernel does not allow it.
  ///
  /// The corresponding file is `/proc/self/clear_refs`.
  @discardableResult
  public static func resetPeak() -> Bool {
    let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return write(file, "5", 1) == 1
  }

  /// How often the process's threads had to leave a CPU for others so far.
  ///
  /// A sample during which this number grew was disturbed. The corresponding C function is
  /// `getrusage(RUSAGE_SELF)`, field `ru_nivcsw`.
  public static func involuntarySwitches() -> Int {
    counters().ru_nivcsw
  }

  /// Pages of memory that the process's threads touched for the first time so far.
  ///
  /// The corresponding C function is `getrusage(RUSAGE_SELF)`, field `ru_minflt`.
  public static func minorFaults() -> Int {
    counters().ru_minflt
  }

  private static func counters() -> rusage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage
  }
}
