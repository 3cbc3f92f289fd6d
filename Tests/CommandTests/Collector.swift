import Foundation
import Synchronization

/// A tiny HTTP server on 127.0.0.1 that keeps what it is sent and gives answers.
final class Collector: Sendable {
  /// What came in: heads and bodies.
  struct Request {
    var head: String
    var body: Data
  }

  let port: UInt16
  private let listener: Int32
  private let answer: @Sendable (Int) -> [UInt8]?
  private let pieces: Int
  private let requests = Mutex<[Request]>([])

  /// Everything received so far.
  var received: [Request] { requests.withLock { $0 } }

  /// The place to post to.
  var url: String { "http://127.0.0.1:\(port)/v1/traces" }

  /// Listens on a free port; `answer` is sent as it is.
  convenience init(answering answer: String) throws {
    try self.init { _ in Array(answer.utf8) }
  }

  /// Listens on a free port.
  ///
  /// - Parameters:
  ///   - pieces: The most bytes that are sent at once.
  ///   - answer: What the request with this number gets, from 0 on; nil for no answer, ever.
  /// - Throws: `POSIXError` where no port is free.
  init(pieces: Int = .max, answering answer: @escaping @Sendable (Int) -> [UInt8]?) throws {
    self.answer = answer
    self.pieces = pieces
    (listener, port) = try Collector.bind()
    guard listen(listener, 8) == 0 else { throw POSIXError(.EADDRINUSE) }
    let thread = Thread { [self] in
      // Closed by this thread alone: another collector could have the descriptor's number before it sees that.
      defer { close(listener) }
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        serve(client)
        close(client)
      }
    }
    thread.start()
  }

  /// Stops listening.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// A port that nobody listens on.
  static func deadPort() throws -> UInt16 {
    let (socket, port) = try bind()
    close(socket)
    return port
  }

  private static func bind() throws -> (Int32, UInt16) {
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        Foundation.bind(socket, generic, size) | getsockname(socket, generic, &size)
      }
    }
    guard status == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  private func serve(_ client: Int32) {
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      if let end = data.firstRange(of: Data("\r\n\r\n".utf8)) {
        let head = String(decoding: data[..<end.lowerBound], as: UTF8.self)
        let line = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        let length = line.flatMap { Int($0.dropFirst("Content-Length: ".count)) } ?? 0
        if data.count - end.upperBound >= length {
          let body = Data(data[end.upperBound...])
          requests.withLock { $0.append(Request(head: head, body: body)) }
          break
        }
      }
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      data.append(contentsOf: buffer.prefix(count))
    }
    guard let bytes = answer(received.count - 1) else {
      // Until the other side has had enough.
      while recv(client, &buffer, buffer.count, 0) > 0 {}
      return
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = Array(rest.prefix(pieces))
      guard send(client, part, part.count, Int32(MSG_NOSIGNAL)) == part.count else { return }
      rest = rest.dropFirst(part.count)
    }
  }
}
