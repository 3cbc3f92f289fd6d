import Glibc
import Synchronization

/// Ctrl-C, Ctrl-\, SIGTERM and a terminal that goes away: the first asks the run to stop after the
/// current pass and save what it has; a second one ends the process at once.
public enum Interrupt {
  private static let asked = Atomic<Bool>(false)

  /// Whether the user asked to stop.
  public static var isRequested: Bool { asked.load(ordering: .relaxed) }

  /// Asks the session under way to stop after its pass.
  public static func request() { asked.store(true, ordering: .relaxed) }

  /// Lets sessions run again that were asked to stop.
  public static func withdraw() { asked.store(false, ordering: .relaxed) }

  /// Starts listening.
  public static func install() {
    // A parent may have blocked them, and a mask is inherited.
    let listened = [SIGINT, SIGTERM, SIGQUIT, SIGHUP]
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in listened { sigaddset(&numbers, number) }
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    for number in listened {
      let before = signal(number) { received in
        if Interrupt.asked.exchange(true, ordering: .relaxed) {
          signal(received, SIG_DFL)
          raise(received)
        }
      }
      // `nohup` wants the run to outlive the terminal.
      if number == SIGHUP, isIgnoring(before) { signal(number, SIG_IGN) }
    }
  }

  /// How the process begins.
  ///
  /// Writing into a pipe that nobody reads, or beyond the size that files may have, is an error and not
  /// its end, and Ctrl-\ ends it as it ends others, without the runtime's backtrace. How its children end
  /// is told, whatever it was started with.
  package static func prepare() {
    signal(SIGCHLD, SIG_DFL)
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    if isIgnoring(signal(SIGQUIT, SIG_DFL)) { signal(SIGQUIT, SIG_IGN) }
  }

  private static func isIgnoring(_ handler: __sighandler_t?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
