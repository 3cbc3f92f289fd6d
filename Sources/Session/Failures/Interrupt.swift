import Machine
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
    Signals.listenToWishesToEnd { number in
      if Interrupt.asked.exchange(true, ordering: .relaxed) { Signals.endBy(number) }
    }
  }
}
