import Files
import Machine
import Reports
import Session
import Synchronization
import SystemPackage

/// Standard output and standard error of the process.
enum Console {
  private static let lastProgress = Atomic<UInt64>(0)
  private static let outlivesReaders = Atomic<Bool>(false)

  /// From now on there is more to do than to write to standard output.
  ///
  /// A reader that goes away is then a failure to report at the end. Else it ends the process, as it
  /// ends any filter.
  static func outliveReaders() { outlivesReaders.store(true, ordering: .relaxed) }

  /// Whether standard output may carry colour: a terminal that knows it, and `NO_COLOR` unset or
  /// empty.
  static var hasColor: Bool {
    Terminal.isThere(.standardOutput) && !isDumb && Environment.filled("NO_COLOR") == nil
  }

  /// Whether the terminal knows no escape sequences.
  private static var isDumb: Bool {
    Environment.variable("TERM").map { ["", "dumb"].contains($0) } ?? false
  }

  /// Whether a line of standard error can be written over.
  private static let hasLiveLine = Terminal.isThere(.standardError) && !isDumb

  /// Columns of the terminal, `COLUMNS`, or 160 where nothing says how much room there is.
  static var width: Int {
    if let columns = Terminal.columns(.standardOutput) { return columns }
    if let columns = Environment.variable("COLUMNS").flatMap({ Int($0) }), columns > 0 {
      return columns
    }
    return 160
  }

  /// Writes all of `bytes` to standard output.
  static func write(_ bytes: some Sequence<UInt8>) throws(Failure) {
    do throws(SystemCallError) {
      try FileDescriptor.standardOutput.writeWhole(Array(bytes))
    } catch {
      if error.code == .brokenPipe, !outlivesReaders.load(ordering: .relaxed) {
        StatusGuard.release()
        Signals.endByBrokenPipe()
      }
      throw Failure(.inputOutput, "standard output: \(error.reason)")
    }
  }

  /// Writes a text to standard output.
  static func write(_ text: String) throws(Failure) { try write(text.utf8) }

  /// Writes a line to standard error; nothing can be done if that fails.
  ///
  /// What names of files, layers and params may hold does not steer a terminal.
  static func note(_ text: String) {
    let line = DisplayText.clean(text, keeping: ["\n"]) + "\n"
    writeError(line)
  }

  /// Writes a question to standard error, without a line's end.
  static func ask(_ text: String) { writeError(text) }

  /// Reports a failure on standard error.
  static func complain(_ failure: Failure) {
    clearProgress()
    if !failure.message.isEmpty { note("\(failure)") }
  }

  /// Shows how far a long run is; `text` is made only when it is due.
  ///
  /// A terminal has one line that is replaced, at most ten times a second, so that it does not disturb
  /// what it reports on. Elsewhere (a pipe, a log of CI) a line is added every minute, or every
  /// `NTPROF_PROGRESS` seconds; 0 means none.
  static func progress(_ text: @autoclosure () -> String) {
    let now = Clock.now()
    let last = lastProgress.load(ordering: .relaxed)
    if hasLiveLine {
      guard now - last > 100_000_000 else { return }
      lastProgress.store(now, ordering: .relaxed)
      writeError("\r\u{1B}[K\(DisplayText.clean(text()))")
    } else {
      guard let pace else { return }
      // The first line is due when a run has taken that long, not when it begins.
      guard last != 0 else { return lastProgress.store(now, ordering: .relaxed) }
      guard Double(now - last) * 1e-9 >= pace else { return }
      lastProgress.store(now, ordering: .relaxed)
      note(text())
    }
  }

  /// Seconds between lines of progress where they cannot be replaced; nil for none.
  private static let pace: Double? = {
    guard let text = Environment.variable("NTPROF_PROGRESS") else { return 60 }
    guard let seconds = Double(text), seconds >= 0, seconds.isFinite else { return 60 }
    return seconds > 0 ? seconds : nil
  }()

  /// Removes the progress line.
  static func clearProgress() {
    guard hasLiveLine else { return }
    writeError("\r\u{1B}[K")
  }

  /// Ends the process.
  static func exit(_ status: Int32) -> Never {
    StatusGuard.release()
    OwnProcess.exit(status)
  }

  /// Reads all of standard input; what came of it where it breaks off.
  static func readInput() -> [UInt8] {
    (try? FileDescriptor.standardInput.readWhole()) ?? []
  }

  /// Writes to standard error; nothing can be done if that fails.
  private static func writeError(_ text: String) {
    try? FileDescriptor.standardError.writeWhole(Array(text.utf8))
  }
}
