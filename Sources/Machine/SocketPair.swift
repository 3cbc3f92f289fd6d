import CMachine
public import Files
import Glibc

/// Two ends of a line to a child: one of this process, one that the child gets.
///
/// They are sockets, which unlike pipes can refuse what is sent without a signal.
public final class SocketPair {
  /// What came from the other end.
  public enum Arrival {
    /// Some bytes.
    case bytes([UInt8])
    /// Nothing in the time given.
    case nothing
    /// The other end is closed.
    case end
  }

  private let own: Int32
  /// The child's end, which it gets when it is started; negative once it is closed here.
  public private(set) var theirs: Int32

  /// Opens both.
  ///
  /// A child does not inherit them, and they lie above the numbers that it gets. The corresponding C
  /// functions are `socketpair` and `fcntl`.
  ///
  /// - Throws: ``SystemCallError`` of what failed.
  public init() throws(SystemCallError) {
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
    own = first
    theirs = second
  }

  deinit {
    closeTheirs()
    close(own)
  }

  /// Closes the child's end here, so that its end is seen.
  public func closeTheirs() {
    if theirs >= 0 { close(theirs) }
    theirs = -1
  }

  /// Sends all of some bytes; false when the child has ended.
  ///
  /// The corresponding C function is `send`.
  public func send(_ bytes: [UInt8]) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let sent = bytes.withUnsafeBytes { all in
        Glibc.send(
          own, all.baseAddress?.advanced(by: offset), all.count - offset, Int32(MSG_NOSIGNAL))
      }
      if sent < 0, errno == EINTR { continue }
      if sent < 0 { return false }
      offset += sent
    }
    return true
  }

  /// Waits for the next bytes, up to `milliseconds`.
  ///
  /// The corresponding C functions are `poll` and `read`.
  public func receive(milliseconds: Int32) -> Arrival {
    while true {
      var waiting = pollfd(fd: own, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, milliseconds) <= 0 { return .nothing }
      var part = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(own, &part, part.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return .end }
      return .bytes(Array(part[..<count]))
    }
  }
}
