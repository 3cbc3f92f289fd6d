import Glibc
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the run to stop after the current pass and save what it
/// has; a second one ends the process at once.
enum Interrupt {
  private static let asked = Atomic<Bool>(false)

  /// Whether the user asked to stop.
  static var isRequested: Bool { asked.load(ordering: .relaxed) }

  /// Starts listening.
  static func install() {
    // A parent may have blocked them, and a mask is inherited.
    var numbers = sigset_t()
    sigemptyset(&numbers)
    sigaddset(&numbers, SIGINT)
    sigaddset(&numbers, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { received in
        if Interrupt.asked.exchange(true, ordering: .relaxed) {
          signal(received, SIG_DFL)
          raise(received)
        }
      }
    }
  }
}
