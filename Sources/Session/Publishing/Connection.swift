import Glibc

/// A TCP connection on which every operation ends by one deadline.
package struct Connection: ~Copyable {
  /// Why it did not work.
  package enum Fault: Error, Hashable {
    /// No connection came about: it may be tried again, nothing was sent.
    case connect(String)
    /// It broke later.
    case broken(String)
    /// The deadline passed.
    case timeout
  }

  private let socket: Int32
  private let deadline: ContinuousClock.Instant

  private init(socket: Int32, deadline: ContinuousClock.Instant) {
    self.socket = socket
    self.deadline = deadline
  }

  /// Connects to the first address of the host that answers.
  package static func open(
    host: String, port: UInt16, deadline: ContinuousClock.Instant
  ) throws(Fault) -> Connection {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else { throw .connect(String(cString: gai_strerror(status))) }
    defer { freeaddrinfo(list) }
    var last = Fault.connect("the host has no address")
    var next = list
    while let address = next?.pointee {
      do throws(Fault) {
        return Connection(socket: try connected(address, deadline), deadline: deadline)
      } catch {
        last = error
      }
      next = address.ai_next
    }
    throw last
  }

  deinit { close(socket) }

  private static func connected(
    _ address: addrinfo, _ deadline: ContinuousClock.Instant
  ) throws(Fault) -> Int32 {
    let type = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let socket = Glibc.socket(address.ai_family, type, address.ai_protocol)
    guard socket >= 0 else { throw .connect(String(cString: strerror(errno))) }
    var error: Int32 = 0
    if connect(socket, address.ai_addr, address.ai_addrlen) != 0 { error = errno }
    if error == EINPROGRESS {
      do throws(Fault) { try wait(socket, for: POLLOUT, until: deadline) } catch {
        close(socket)
        throw .connect("no answer in time")
      }
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size)
    }
    guard error == 0 else {
      close(socket)
      throw .connect(String(cString: strerror(error)))
    }
    return socket
  }

  private static func wait(
    _ socket: Int32, for events: Int32, until deadline: ContinuousClock.Instant
  ) throws(Fault) {
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { throw .timeout }
      var request = pollfd(fd: socket, events: Int16(events), revents: 0)
      let milliseconds = Int32(min(60_000, left / .milliseconds(1)) + 1)
      let count = poll(&request, 1, milliseconds)
      if count > 0 { return }
      guard count == 0 || errno == EINTR else { throw .broken(String(cString: strerror(errno))) }
    }
  }

  /// That there is time left, also when the other side never lets this one wait.
  private func checkDeadline() throws(Fault) {
    if ContinuousClock.now >= deadline { throw .timeout }
  }

  /// Sends everything.
  package func send(_ bytes: [UInt8]) throws(Fault) {
    var offset = 0
    while offset < bytes.count {
      try checkDeadline()
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.send(
          socket, buffer.baseAddress?.advanced(by: offset), bytes.count - offset,
          Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        offset += count
      } else if errno == EAGAIN {
        try Connection.wait(socket, for: POLLOUT, until: deadline)
      } else if errno != EINTR {
        throw .broken(String(cString: strerror(errno)))
      }
    }
  }

  /// Receives what is there, at least a byte; empty at the end.
  package func receive() throws(Fault) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      try checkDeadline()
      let count = recv(socket, &buffer, buffer.count, 0)
      if count >= 0 { return Array(buffer.prefix(count)) }
      if errno == EAGAIN {
        try Connection.wait(socket, for: POLLIN, until: deadline)
      } else if errno != EINTR {
        throw .broken(String(cString: strerror(errno)))
      }
    }
  }
}
