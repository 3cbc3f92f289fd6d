import Machine
import Session
import Synchronization

/// Keeps a library that calls `exit` from choosing this program's status.
///
/// libgomp ends the process with status 1 where it fails, which of `diff --gate` would mean a
/// regression.
enum StatusGuard {
  private static let isArmed = Atomic<Bool>(false)

  /// From now on, an end that this program did not ask for has the status of an internal failure.
  static func install() {
    isArmed.store(true, ordering: .relaxed)
    OwnProcess.atEnd {
      guard StatusGuard.isArmed.load(ordering: .relaxed) else { return }
      Console.complain(
        Failure(
          .software, "a library ended the program",
          remedy: "its own words, if any, stand above; most often it lacks open files, threads or "
            + "memory: ulimit -n, -u and -v limit them"))
      OwnProcess.exitAtOnce(Failure.Status.software.rawValue)
    }
  }

  /// The program is about to end by itself.
  static func release() { isArmed.store(false, ordering: .relaxed) }
}
