import FuzzTargets
import HTTP
import Testing

/// What a collector answers is taken as it is, whatever it is.
@Suite("Answers of a collector") struct HTTPAnswerTests {
  private static let chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;name=value\r\nfirs\r\n7\r\nt, then\r\n0\r\n\r\n"
  private static let plain = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nlate"
  private static let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
  private static let ok = "HTTP/1.1 200 OK\r\n"

  /// What comes of an answer that is sent in pieces of so many bytes.
  private static func outcome(
    _ bytes: [UInt8]?, pieces: Int = .max, limit: Int? = nil
  ) throws -> Result<HTTPAnswer, HTTPError> {
    let collector = try Collector(pieces: pieces) { _ in bytes }
    defer { collector.stop() }
    var post = HTTPPost(to: collector.url, fields: ["Content-Type: application/json"])
    if let limit { post.limit = limit }
    return Result { () throws(HTTPError) in try post.send(Array("{}".utf8)) }
  }

  private static func outcome(
    _ text: String, pieces: Int = .max
  ) throws -> Result<HTTPAnswer, HTTPError> {
    try outcome(Array(text.utf8), pieces: pieces)
  }

  private static func fault(_ text: String) throws -> HTTPError.Kind? {
    guard case .failure(let error) = try outcome(text) else { return nil }
    return error.kind
  }

  @Test("an answer is whole, however it comes", arguments: [1, 3, 7, 1000])
  func pieces(size: Int) throws {
    let parts = try Self.outcome(Self.chunked, pieces: size).get()
    #expect(parts.status == 200 && String(decoding: parts.body, as: UTF8.self) == "first, then")
    let plain = try Self.outcome(Self.plain, pieces: size).get()
    #expect(plain.status == 503 && plain.excerpt == "late")
    let interim = try Self.outcome(Self.interim, pieces: size).get()
    #expect(interim.status == 204 && interim.body.isEmpty)
    // One that says no length ends with the connection.
    let open = try Self.outcome(Self.ok + "\r\n{", pieces: size).get()
    #expect(open.body == Array("{".utf8))
  }

  @Test("an answer that ends before it says so is cut; one that refuses may be")
  func cut() throws {
    #expect(try Self.fault(String(Self.chunked.dropLast(12))) == .cut)
    #expect(try Self.fault(Self.ok + "Content-Length: 90\r\n\r\n{") == .cut)
    #expect(try Self.fault(Self.ok + "Content-Le") == .cut)
    #expect(try Self.outcome(String(Self.plain.dropLast(3))).get().excerpt == "l")
  }

  @Test("what never ends is not waited for")
  func endless() throws {
    let many = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 1000)
    #expect(try Self.outcome(many).get().status == 100)
    let long = String(repeating: "a", count: 70_000)
    #expect(try Self.fault(Self.ok + "\r\n" + long) == .tooLarge)
    let fields = String(repeating: "X: \(long.prefix(100))\r\n", count: 700)
    #expect(try Self.fault(Self.ok + fields) == .tooLarge)
    guard case .failure(let error) = try Self.outcome(nil, limit: 200) else {
      Issue.record("an answer of nobody")
      return
    }
    #expect(error.kind == .timeout && error.url.hasPrefix("http://127.0.0.1:"))
  }

  @Test("what is no answer is told apart")
  func none() throws {
    #expect(try Self.fault("SSH-2.0-OpenSSH\r\n\r\n") == .notHTTP)
    #expect(try Self.fault("") == .broken)
    let nobody = HTTPPost(to: "http://127.0.0.1:\(try Collector.deadPort())/", fields: [])
    let error = #expect(throws: HTTPError.self) { try nobody.send([]) }
    #expect(error?.kind == .unreachable && error?.words.contains("refused") == true)
  }

  @Test("a redirect is not followed")
  func redirect() throws {
    let answer = try Self.outcome(
      "HTTP/1.1 307 T\r\nLocation: /else\u{7}where\r\nContent-Length: 0\r\n\r\n"
    ).get()
    #expect(answer.status == 307)
    #expect(answer.location?.contains("/else") == true)
    #expect(answer.location?.contains("\u{7}") == false)
  }

  @Test("damage is survived, and nothing that was received steers a terminal")
  func damage() throws {
    let collector = try Collector(pieces: 13) { number in
      var mutator = TextMutator(seed: UInt64(number))
      let text = [Self.chunked, Self.plain, Self.interim][number % 3]
      return mutator.mutate(Array(text.utf8))
    }
    defer { collector.stop() }
    let post = HTTPPost(to: collector.url, fields: [])
    for _ in 0..<300 {
      let said: String
      do throws(HTTPError) {
        let answer = try post.send([])
        said = answer.excerpt + (answer.location ?? "")
      } catch {
        said = "\(error)"
      }
      #expect(said.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "\(said)")
    }
  }
}
