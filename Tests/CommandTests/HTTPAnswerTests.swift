import FuzzTargets
import Session
import Testing

/// What a collector answers is taken apart, whatever it is.
@Suite("Answers of a collector") struct HTTPAnswerTests {
  private static let chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;name=value\r\nfirs\r\n7\r\nt, then\r\n0\r\n\r\n"
  private static let plain = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nlate"
  private static let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"

  /// An answer that came in pieces of so many bytes.
  private static func answer(_ text: some Sequence<UInt8>, pieces: Int = 1 << 20) -> HTTPAnswer {
    var answer = HTTPAnswer()
    let bytes = Array(text)
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      answer.append(Array(bytes[start..<min(start + pieces, bytes.count)]))
    }
    return answer
  }

  @Test("parts of a body are joined, however they come", arguments: [1, 3, 7, 1000])
  func chunks(pieces: Int) {
    let answer = Self.answer(Self.chunked.utf8, pieces: pieces)
    #expect(answer.status == 200 && answer.isComplete)
    #expect(String(decoding: answer.body, as: UTF8.self) == "first, then")
  }

  @Test("an answer is over when it says so, and not before")
  func over() {
    for text in [Self.chunked, Self.plain, Self.interim] {
      let bytes = Array(text.utf8)
      for count in 0..<bytes.count - (text == Self.chunked ? 2 : 0) where count < bytes.count - 2 {
        #expect(!Self.answer(bytes[..<count]).isComplete, "\(count) bytes of \(text)")
      }
      #expect(Self.answer(bytes).isComplete, "\(text)")
    }
    #expect(Self.answer(Self.interim.utf8).status == 204)
  }

  @Test("an answer that says its length is cut before that, one that does not never is")
  func cut() {
    for text in [Self.chunked, Self.plain] {
      #expect(Self.answer(text.utf8.dropLast(3)).isCut && !Self.answer(text.utf8).isCut, "\(text)")
    }
    #expect(!Self.answer("HTTP/1.1 200 OK\r\n\r\n{".utf8).isCut)
    #expect(!Self.answer(Self.interim.utf8).isCut)
  }

  @Test("what never ends is not waited for")
  func endless() {
    let many = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 100)
    #expect(Self.answer(many.utf8, pieces: 10).isComplete)
    #expect(Self.answer([UInt8](repeating: 65, count: 70_000)).isComplete)
    #expect(ChunkedBody(Array("zz\r\nabc".utf8)).isOver)
    #expect(ChunkedBody(Array("7fffffffffffffff\r\nabc".utf8)).bytes == Array("abc".utf8))
  }

  @Test("damage is survived")
  func damage() {
    for number in 0..<3000 {
      var mutator = TextMutator(seed: UInt64(number))
      let text = [Self.chunked, Self.plain, Self.interim][number % 3]
      let answer = Self.answer(mutator.mutate(Array(text.utf8)), pieces: 1 + number % 40)
      _ = (answer.status, answer.isComplete, answer.excerpt, answer.field("location"))
    }
  }
}
