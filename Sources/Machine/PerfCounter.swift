import CMachine
import Glibc

/// One event, counted by the kernel on one thread and, if asked, on the threads it creates later.
public final class PerfCounter {
  /// What is counted.
  public let event: PerfEvent

  private let descriptor: Int32

  /// Opens a counter that does not count yet.
  ///
  /// The corresponding C function is `perf_event_open`. Only user-mode counting is allowed
  /// to everybody where `perf_event_paranoid` is 2.
  ///
  /// - Parameters:
  ///   - event: What to count.
  ///   - task: The thread to count on; 0 is the calling one.
  ///   - inherit: Whether threads that it creates from now on count too.
  ///   - userOnly: Whether to leave out what the kernel does for the thread.
  /// - Throws: ``PerfError``.
  public init(
    _ event: PerfEvent, task: Int32 = 0, inherit: Bool, userOnly: Bool
  ) throws(PerfError) {
    self.event = event
    descriptor = cmachine_perf_open(
      event.type, event.config, task, inherit ? 1 : 0, userOnly ? 1 : 0)
    if descriptor < 0 { throw PerfError(event: event.name, errno: -descriptor) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Sets the value to zero and lets it count.
  ///
  /// The corresponding C functions are `ioctl` with `PERF_EVENT_IOC_RESET` and `…_ENABLE`.
  ///
  /// - Throws: ``PerfError``.
  public func start() throws(PerfError) { try check(cmachine_perf_start(descriptor)) }

  /// Lets it count no more.
  ///
  /// The corresponding C function is `ioctl` with `PERF_EVENT_IOC_DISABLE`.
  ///
  /// - Throws: ``PerfError``.
  public func stop() throws(PerfError) { try check(cmachine_perf_stop(descriptor)) }

  /// The value, and the nanoseconds the event was wanted and was really counted.
  ///
  /// Where the two times differ, the kernel shared the hardware with others and the value is too
  /// small. Allocates nothing; a system call of 0.3 to 0.5 µs. The corresponding C function is
  /// `read`.
  ///
  /// - Returns: The value and both times.
  /// - Throws: ``PerfError``.
  public func read() throws(PerfError) -> (value: Int64, enabled: UInt64, running: UInt64) {
    var reading = cmachine_perf_reading()
    try check(cmachine_perf_read(descriptor, &reading))
    return (Int64(clamping: reading.value), reading.enabled, reading.running)
  }

  private func check(_ code: Int32) throws(PerfError) {
    if code < 0 { throw PerfError(event: event.name, errno: -code) }
  }
}
