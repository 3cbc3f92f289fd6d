/// An answer as it comes, of bounded size.
package final class IncomingAnswer {
  /// How many answers on the way (1xx) are let pass.
  private static let mostInterim = 16

  private let limit: Int
  private var headBytes = 0
  private var interim = 0

  /// The body so far.
  package private(set) var body: [UInt8] = []
  /// The status of the last answer on the way.
  package private(set) var interimStatus = 0
  /// Whether answers on the way do not end.
  package private(set) var isEndless = false
  /// Whether head or body are longer than they may be.
  package private(set) var isTooLarge = false

  /// Whether the head came to its end, which libcurl does not ask for.
  package private(set) var hasWholeHead = false

  /// Whether a line of the head came.
  package var hasBegun: Bool { headBytes > 0 }

  /// Nothing came yet; `limit` is what the head may have, and what the body may.
  package init(limit: Int) { self.limit = limit }

  /// Takes a line of the head; false to end the exchange.
  package func takeHead(_ line: UnsafeRawBufferPointer) -> Bool {
    headBytes += line.count
    if let status = Self.status(line) {
      // One that follows an answer on the way has a head of its own.
      hasWholeHead = false
      if (100..<200).contains(status) {
        interim += 1
        interimStatus = status
        isEndless = interim >= Self.mostInterim
      }
    } else if line.allSatisfy({ $0 == 13 || $0 == 10 }) {
      hasWholeHead = true
    }
    isTooLarge = headBytes > limit
    return !isEndless && !isTooLarge
  }

  /// Takes a part of the body; false to end the exchange.
  package func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    isTooLarge = body.count + bytes.count > limit
    if !isTooLarge { body += bytes }
    return !isTooLarge
  }

  /// The status of a line that begins an answer: `HTTP/1.1 100 Continue`.
  private static func status(_ line: UnsafeRawBufferPointer) -> Int? {
    guard line.starts(with: "HTTP/".utf8) else { return nil }
    let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    return words.count > 1 ? Int(words[1]) : nil
  }
}
