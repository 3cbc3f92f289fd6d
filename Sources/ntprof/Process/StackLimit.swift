import Glibc
import Session

/// The stack that the shell allows.
enum StackLimit {
  /// Bytes below which a run would end in the middle by a fault of memory.
  private static let least: rlim_t = 1 << 20

  /// Sees that there is enough of it, while there is still enough to say so.
  static func check() throws(Failure) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0,
      limit.rlim_cur < least
    else { return }
    throw Failure(
      .software, "the stack is limited to \(limit.rlim_cur >> 10) KiB, and 1024 are needed",
      remedy: "ulimit -s 8192")
  }
}
