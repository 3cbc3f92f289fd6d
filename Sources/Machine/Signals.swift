import CMachine
import Glibc

/// The signals of this process.
public enum Signals {
  /// What is called when one comes; it may do only what a signal handler may.
  public typealias Handler = @convention(c) (Int32) -> Void

  /// By which processes are ended from outside: `SIGKILL`.
  public static let kill = SIGKILL

  /// By which the kernel ends a process that took longer than it allowed itself: `SIGALRM`.
  public static let alarm = SIGALRM

  /// Those that a program gets that does what it must not: bad addresses and instructions, `abort`.
  public static let faults = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS]

  /// Listens to those by which a user or a scheduler asks a program to end: `SIGINT`, `SIGTERM`, `SIGQUIT`
  /// and `SIGHUP`.
  ///
  /// The corresponding C functions are `pthread_sigmask` and `signal`.
  public static func listenToWishesToEnd(_ handler: @escaping Handler) {
    // A parent may have blocked them, and a mask is inherited.
    let listened = [SIGINT, SIGTERM, SIGQUIT, SIGHUP]
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in listened { sigaddset(&numbers, number) }
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    for number in listened {
      let before = signal(number, handler)
      // `nohup` wants the run to outlive the terminal.
      if number == SIGHUP, isIgnoring(before) { signal(number, SIG_IGN) }
    }
  }

  /// How a process begins.
  ///
  /// Writing into a pipe that nobody reads, or beyond the size that files may have, is an error and not
  /// its end, and Ctrl-\ ends it as it ends others, without the runtime's backtrace. How its children end
  /// is told, whatever it was started with.
  public static func prepare() {
    signal(SIGCHLD, SIG_DFL)
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    if isIgnoring(signal(SIGQUIT, SIG_DFL)) { signal(SIGQUIT, SIG_IGN) }
  }

  /// Has a signal do to this process what it does to one that does not listen.
  ///
  /// May be called by a ``Handler``.
  public static func endBy(_ number: Int32) {
    signal(number, SIG_DFL)
    raise(number)
  }

  /// Has this process end as one does that writes into a pipe which nobody reads: by `SIGPIPE`.
  public static func endByBrokenPipe() { endBy(SIGPIPE) }

  private static func isIgnoring(_ handler: __sighandler_t?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
