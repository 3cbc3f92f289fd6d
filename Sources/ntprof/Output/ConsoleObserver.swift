import Session

/// Tells the user of a terminal, or a log.
struct ConsoleObserver: SessionObserver {
  /// Whether nothing is told.
  let quiet: Bool

  func progress(_ text: @autoclosure () -> String) {
    if !quiet { Console.progress(text()) }
  }

  func progressEnded() { Console.clearProgress() }

  func note(_ text: String) {
    if !quiet { Console.note(text) }
  }
}
