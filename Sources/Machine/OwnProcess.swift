import CMachine
import Glibc

/// This process: its number, its limits and its end.
public enum OwnProcess {
  /// Its number.
  ///
  /// The corresponding C function is `getpid`.
  public static var id: Int32 { getpid() }

  /// The bytes of stack that its first thread may use; nil where the kernel does not say.
  ///
  /// The corresponding C function is `getrlimit`, as `setrlimit` of the next ones.
  public static var stackLimit: UInt64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0 else { return nil }
    return UInt64(limit.rlim_cur)
  }

  /// Has a crash leave no file of its memory.
  public static func leaveNoCore() { limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), to: 0) }

  /// Has it get no more addresses than so many bytes.
  public static func limitMemory(to bytes: UInt64) {
    limit(__rlimit_resource_t(RLIMIT_AS.rawValue), to: bytes)
  }

  private static func limit(_ resource: __rlimit_resource_t, to value: UInt64) {
    var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
    setrlimit(resource, &limit)
  }

  /// Ends it.
  ///
  /// The corresponding C function is `exit`.
  public static func exit(_ status: Int32) -> Never { Glibc.exit(status) }

  /// Has something done when it ends by ``exit(_:)``, whoever calls that.
  ///
  /// The corresponding C function is `atexit`.
  public static func atEnd(_ body: @escaping @convention(c) () -> Void) { atexit(body) }

  /// Ends it without doing what was to be done at the end, but for writing what C's streams hold.
  ///
  /// The corresponding C functions are `fflush` and `_exit`.
  public static func exitAtOnce(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }
}
