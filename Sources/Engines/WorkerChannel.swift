import Files
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

  private let requests: SocketPair
  private let answers: SocketPair
  private var buffer: [UInt8] = []
  /// Bytes of ``buffer`` in which no end of a line was found.
  private var searched = 0

  /// The worker's ends, which it gets when it is started.
  var theirs: (requests: Int32, answers: Int32) { (requests.theirs, answers.theirs) }

  /// Opens them.
  init() throws(SystemCallError) {
    requests = try SocketPair()
    answers = try SocketPair()
  }

  /// Closes the worker's ends here, so that its end is seen.
  func closeTheirs() {
    requests.closeTheirs()
    answers.closeTheirs()
  }

  /// Sends a line; false when the worker has ended.
  func send(_ line: [UInt8]) -> Bool { requests.send(line + [UInt8(ascii: "\n")]) }

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
      switch answers.receive(milliseconds: milliseconds) {
      case .nothing: return .nothing
      case .end: return .end(partial: buffer)
      case .bytes(let part): buffer += part
      }
    }
  }
}
