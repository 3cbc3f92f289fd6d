import Glibc
import Machine

/// The two descriptors over which a worker is spoken to, and the lines that come back.
final class WorkerChannel {
  /// The longest line that is accepted, bytes.
  static let longestLine = 16 << 20

  /// What came from the worker.
  enum Event {
    /// A whole line, without its end.
    case line([UInt8])
    /// Nothing in the time given.
    case nothing
    /// The worker has closed its end; what had come of a line by then.
    case end(partial: [UInt8])
    /// A line longer than any answer.
    case tooLong
  }

  private let requests: Int32
  private let answers: Int32
  /// The worker's ends, which it gets when it is started.
  private(set) var theirs: (requests: Int32, answers: Int32)
  private var buffer: [UInt8] = []
  /// Bytes of ``buffer`` in which no end of a line was found.
  private var searched = 0

  /// Opens them: sockets, which unlike pipes can refuse what is sent without a signal.
  init() throws(SystemCallError) {
    let first = try Self.pair()
    let second: (Int32, Int32)
    do throws(SystemCallError) { second = try Self.pair() } catch {
      close(first.0)
      close(first.1)
      throw error
    }
    requests = first.0
    answers = second.0
    theirs = (first.1, second.1)
  }

  deinit {
    closeTheirs()
    close(requests)
    close(answers)
  }

  /// Two ends that a child does not inherit, above those that it gets.
  private static func pair() throws(SystemCallError) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
      throw SystemCallError("socketpair", errno: errno)
    }
    defer { for end in ends { close(end) } }
    let first = fcntl(ends[0], F_DUPFD_CLOEXEC, 64)
    let second = fcntl(ends[1], F_DUPFD_CLOEXEC, 64)
    guard first >= 0, second >= 0 else {
      let error = errno
      if first >= 0 { close(first) }
      throw SystemCallError("fcntl", errno: error)
    }
    return (first, second)
  }

  /// Closes the worker's ends here, so that its end is seen.
  func closeTheirs() {
    if theirs.requests >= 0 { close(theirs.requests) }
    if theirs.answers >= 0 { close(theirs.answers) }
    theirs = (-1, -1)
  }

  /// Sends a line; false when the worker has ended.
  func send(_ line: [UInt8]) -> Bool {
    let bytes = line + [UInt8(ascii: "\n")]
    var offset = 0
    while offset < bytes.count {
      let sent = bytes.withUnsafeBytes { all in
        Glibc.send(
          requests, all.baseAddress?.advanced(by: offset), all.count - offset, Int32(MSG_NOSIGNAL))
      }
      if sent < 0, errno == EINTR { continue }
      if sent < 0 { return false }
      offset += sent
    }
    return true
  }

  /// Waits for the next line, up to `milliseconds`.
  func receive(milliseconds: Int32) -> Event {
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(buffer[..<end])
        buffer.removeSubrange(...end)
        searched = 0
        return .line(line)
      }
      searched = buffer.count
      guard buffer.count <= Self.longestLine else { return .tooLong }
      var waiting = pollfd(fd: answers, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, milliseconds)
      if ready <= 0 { return .nothing }
      var part = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(answers, &part, part.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return .end(partial: buffer) }
      buffer += part[..<count]
    }
  }
}
