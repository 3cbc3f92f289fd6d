/// What came back so far, and what it says.
package struct HTTPAnswer {
  /// How much of an answer is kept.
  private static let limit = 64 << 10

  /// How many answers on the way (1xx) are let pass.
  private static let mostInterim = 16

  /// Nothing came yet.
  package init() {}

  private var bytes: [UInt8] = []
  /// Where the body begins, once the head is whole.
  private var bodyStart: Int?
  private var interim = 0

  /// Whether nothing came.
  package var isEmpty: Bool { bytes.isEmpty }

  /// Adds what was received; drops answers on the way (1xx).
  package mutating func append(_ more: [UInt8]) {
    bytes += more
    bodyStart = findBody()
    while let start = bodyStart, let status, (100..<200).contains(status),
      interim < Self.mostInterim
    {
      interim += 1
      bytes.removeFirst(start)
      bodyStart = findBody()
    }
  }

  /// Whether no more is needed, or no more is wanted.
  package var isComplete: Bool {
    guard bodyStart != nil else { return bytes.count > Self.limit }
    if interim >= Self.mostInterim || status == 204 || status == 304 { return true }
    if content.count > Self.limit { return true }
    if isChunked { return ChunkedBody(content).isOver }
    return field("content-length").flatMap { Int($0) }.map { content.count >= $0 } ?? false
  }

  /// Whether it ends before it says that it does; one that says nothing ends with the connection.
  package var isCut: Bool { (isChunked || field("content-length") != nil) && !isComplete }

  /// The status of a whole head that is HTTP/1.
  package var status: Int? {
    guard bodyStart != nil, let line = lines.first, line.hasPrefix("HTTP/1.") else { return nil }
    let words = line.split(separator: " ")
    guard words.count > 1, words[1].utf8.count == 3 else { return nil }
    return Int(words[1])
  }

  /// A header field by its name in lower case.
  package func field(_ name: String) -> String? {
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else {
        continue
      }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      return HTTPAnswer.clean(value, limit: 200)
    }
    return nil
  }

  /// The body as far as it came.
  package var body: [UInt8] { isChunked ? ChunkedBody(content).bytes : content }

  private var isChunked: Bool {
    field("transfer-encoding")?.lowercased().split(separator: ",").last?.contains("chunked")
      ?? false
  }

  /// What stands behind the head.
  private var content: [UInt8] { bodyStart.map { Array(bytes[$0...]) } ?? [] }

  /// The beginning of the body on one line, fit to print.
  package var excerpt: String {
    HTTPAnswer.clean(Substring(String(decoding: body.prefix(2000), as: UTF8.self)), limit: 200)
  }

  /// Lines of the head; Swift reads CR LF as one character.
  private var lines: [Substring] {
    String(decoding: bytes[..<(bodyStart ?? 0)], as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: true)
  }

  private func findBody() -> Int? {
    let end = Array("\r\n\r\n".utf8)
    guard bytes.count >= end.count else { return nil }
    for place in 0...(min(bytes.count, Self.limit + end.count) - end.count)
    where bytes[place..<(place + end.count)].elementsEqual(end) {
      return place + end.count
    }
    return nil
  }

  /// Printable ASCII alone: what a server says must not steer a terminal.
  private static func clean(_ text: Substring, limit: Int) -> String {
    let printable = text.unicodeScalars.prefix(2000).map { scalar in
      scalar.value >= 0x20 && scalar.value < 0x7f ? Character(scalar) : " "
    }
    return String(String(printable).split(separator: " ").joined(separator: " ").prefix(limit))
  }
}

/// A body in parts, each with its size before it (RFC 9112, section 7.1).
package struct ChunkedBody {
  /// What the parts hold, as far as they came.
  package private(set) var bytes: [UInt8] = []
  /// Whether the last part came, or what came is no part.
  package private(set) var isOver = false

  /// Takes the parts of a body apart.
  package init(_ content: [UInt8]) {
    var rest = content[...]
    while let end = rest.firstIndex(of: 10) {
      let line = rest[..<end].prefix { $0 != UInt8(ascii: ";") && $0 != 13 && $0 != 32 }
      guard let size = Int(String(decoding: line, as: UTF8.self), radix: 16), size >= 0 else {
        isOver = true
        return
      }
      if size == 0 {
        isOver = true
        return
      }
      rest = rest[(end + 1)...]
      bytes += rest.prefix(size)
      // The part's own end of line.
      guard rest.count >= size, rest.count - size >= 2 else { return }
      rest = rest.dropFirst(size + 2)
    }
  }
}
