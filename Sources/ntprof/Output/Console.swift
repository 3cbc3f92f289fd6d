import Glibc
import Machine
import Reports
import Session
import Synchronization

/// Standard output and standard error of the process.
enum Console {
  private static let lastProgress = Atomic<UInt64>(0)
  private static let outlivesReaders = Atomic<Bool>(false)

  /// Sees that the standard descriptors are open: a file that took the number of a closed one would
  /// get what is meant for the user.
  static func holdDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is the one. What is written to standard output fails as it should.
      _ = open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// From now on there is more to do than to write to standard output.
  ///
  /// A reader that goes away is then a failure to report at the end. Else it ends the process, as it
  /// ends any filter.
  static func outliveReaders() { outlivesReaders.store(true, ordering: .relaxed) }

  /// Whether a descriptor is a terminal.
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Whether standard output may carry colour: a terminal that knows it, and `NO_COLOR` unset or
  /// empty.
  static var hasColor: Bool {
    let refused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    return isTerminal(STDOUT_FILENO) && !isDumb && !refused
  }

  /// Whether the terminal knows no escape sequences.
  private static var isDumb: Bool {
    getenv("TERM").map { ["", "dumb"].contains(String(cString: $0)) } ?? false
  }

  /// Whether a line of standard error can be written over.
  private static let hasLiveLine = isTerminal(STDERR_FILENO) && !isDumb

  /// Columns of the terminal, `COLUMNS`, or 160 where nothing says how much room there is.
  static var width: Int {
    var size = winsize()
    if isTerminal(STDOUT_FILENO), ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0,
      size.ws_col > 0
    {
      return Int(size.ws_col)
    }
    if let text = getenv("COLUMNS"), let columns = Int(String(cString: text)), columns > 0 {
      return columns
    }
    return 160
  }

  /// Writes all of `bytes` to standard output.
  static func write(_ bytes: some Sequence<UInt8>) throws(Failure) {
    let error = writeAll(Array(bytes), to: STDOUT_FILENO)
    if error == EPIPE, !outlivesReaders.load(ordering: .relaxed) {
      StatusGuard.release()
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    guard error == 0 else {
      throw Failure(.inputOutput, "standard output: \(String(cString: strerror(error)))")
    }
  }

  /// Writes a text to standard output.
  static func write(_ text: String) throws(Failure) { try write(text.utf8) }

  /// Writes a line to standard error; nothing can be done if that fails.
  ///
  /// What names of files, layers and params may hold does not steer a terminal.
  static func note(_ text: String) {
    let line = DisplayText.clean(text, keeping: ["\n"]) + "\n"
    _ = writeAll(Array(line.utf8), to: STDERR_FILENO)
  }

  /// Writes a question to standard error, without a line's end.
  static func ask(_ text: String) { _ = writeAll(Array(text.utf8), to: STDERR_FILENO) }

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
      _ = writeAll(Array("\r\u{1B}[K\(DisplayText.clean(text()))".utf8), to: STDERR_FILENO)
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
    guard let text = getenv("NTPROF_PROGRESS").map({ String(cString: $0) }) else { return 60 }
    guard let seconds = Double(text), seconds >= 0, seconds.isFinite else { return 60 }
    return seconds > 0 ? seconds : nil
  }()

  /// Removes the progress line.
  static func clearProgress() {
    guard hasLiveLine else { return }
    _ = writeAll(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO)
  }

  /// Ends the process.
  static func exit(_ status: Int32) -> Never {
    StatusGuard.release()
    Glibc.exit(status)
  }

  /// Reads everything.
  static func readAll(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return bytes }
      bytes += buffer[0..<count]
    }
  }

  /// Writes everything; returns 0 or errno.
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset < buffer.count {
        let count = Glibc.write(
          descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
        if count < 0 {
          if errno == EINTR { continue }
          return errno
        }
        offset += count
      }
      return 0
    }
  }
}
