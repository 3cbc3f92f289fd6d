import Foundation
import Profiling
import TestSupport
import Testing

/// `--otlp-endpoint`: what a collector gets, and what happens without one.
@Suite("Publishing")
struct PublishTests {
  /// Writes a sample record and runs `report` on it with an endpoint.
  static func report(
    to endpoint: String, in folder: URL, _ more: [String] = ["--format", "table"]
  ) async throws -> Tool.Outcome {
    let record = folder.appending(path: "record.json")
    try Data(RecordCoding.encode(SampleRecords.deepspeech())).write(to: record)
    return try await Tool.run(
      ["report", record.path(percentEncoded: false), "--otlp-endpoint", endpoint]
        + ["--output", folder.appending(path: "out").path(percentEncoded: false)] + more)
  }

  static func spansFile(in folder: URL) throws -> Data {
    let out = folder.appending(path: "out")
    let names = try Tool.contents(out).filter { $0.hasSuffix(".otlp.json") }
    return try Data(contentsOf: out.appending(path: try #require(names.first)))
  }

  static func answer(_ status: String, _ fields: String = "", body: String = "{}") -> String {
    "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test("a collector gets the bytes of the file, once, as JSON")
  func arrives() async throws {
    let collector = try Collector(answering: Self.answer("200 OK"))
    defer { collector.stop() }
    try await Tool.withFolder { folder in
      let result = try await Self.report(to: collector.url, in: folder)
      #expect(result.status == 0, "\(result.error)")
      #expect(result.error.contains(collector.url))
      #expect(result.output.contains("bilstm"))
      let request = try #require(collector.received.first)
      #expect(collector.received.count == 1)
      #expect(request.head.hasPrefix("POST /v1/traces HTTP/1.1\r\n"))
      #expect(request.head.contains("\r\nContent-Type: application/json\r\n"))
      #expect(request.head.contains("\r\nHost: 127.0.0.1:\(collector.port)\r\n"))
      #expect(try request.body == Self.spansFile(in: folder))
      let object = try JSONSerialization.jsonObject(with: request.body) as? [String: Any]
      #expect((object?["resourceSpans"] as? [Any])?.count == 1)
    }
  }

  @Test("profile publishes what it measured")
  func profile() async throws {
    let collector = try Collector(answering: Self.answer("200 OK"))
    defer { collector.stop() }
    try await Tool.withFolder { folder in
      let result = try await Tool.run(
        ["profile"] + ProfileTests.small
          + ["--format", "json", "--otlp-endpoint", collector.url]
          + ["--output", folder.appending(path: "out").path(percentEncoded: false)])
      #expect(result.status == 0, "\(result.error)")
      #expect(try RecordCoding.decode(Array(result.output.utf8)).layers.count == 6)
      #expect(try collector.received.map(\.body) == [Self.spansFile(in: folder)])
    }
  }

  @Test("a dead endpoint: everything is delivered, then one clear error and 74")
  func dead() async throws {
    let port = try Collector.deadPort()
    try await Tool.withFolder { folder in
      let result = try await Self.report(to: "http://127.0.0.1:\(port)", in: folder)
      #expect(result.status == 74, "\(result.error)")
      #expect(result.output.contains("bilstm"))
      let errors = result.error.split(separator: "\n").filter { $0.hasPrefix("ntprof: error: ") }
      #expect(errors.count == 1)
      #expect(errors.first?.contains("127.0.0.1:\(port)") == true)
      #expect(errors.first?.contains("refused") == true, "\(result.error)")
      #expect(try !Self.spansFile(in: folder).isEmpty)
    }
  }

  @Test(
    "an answer that is no success: 74, its words, no redirect followed",
    arguments: [
      (answer("503 Service Unavailable", body: "queue is full\u{1b}[31m"), "503: queue is full ["),
      (answer("404 Not Found", body: ""), "404"),
      (answer("302 Found", "Location: http://elsewhere/\r\n"), "redirect to http://elsewhere/"),
      ("SSH-2.0-OpenSSH\r\n\r\n", "HTTP"),
      ("", "broke off"),
      (
        answer("200 OK", body: #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"old"}}"#),
        "3 spans"
      ),
      (answer("200 OK", body: #"{"partialSuccess":{"rejectedSpans":4}}"#), "4 spans"),
      (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1c;x=y\r\n{\"partialSuccess\":{\"rejected\r\n"
          + "A\r\nSpans\":5}}\r\n0\r\n\r\n", "5 spans"
      ),
      (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 50_000), "the answer is 100"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"partialSucc", "its answer is not whole"),
      (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"partialSucc",
        "its answer is not whole"
      ),
    ])
  func refused(answer: String, words: String) async throws {
    let collector = try Collector(answering: answer)
    defer { collector.stop() }
    try await Tool.withFolder { folder in
      let result = try await Self.report(to: collector.url, in: folder, ["--format", "csv"])
      #expect(result.status == 74, "\(result.error)")
      #expect(result.error.contains(words), "\(result.error)")
      #expect(!result.error.contains("\u{1b}"))
      #expect(collector.received.count == 1)
      #expect(try collector.received.first?.body == Self.spansFile(in: folder))
    }
  }

  @Test(
    "an endpoint that cannot be one is wrong usage",
    arguments: [
      "ftp://localhost:4318/v1/traces", "localhost:4318", "http://", "http://host:0/",
      "http://host:70000/", "http://a b/", "http://me:secret@host/", "http://host/\r\nX: y",
    ])
  func usage(endpoint: String) async throws {
    try await Tool.withFolder { folder in
      let result = try await Self.report(to: endpoint, in: folder)
      #expect(result.status == 64, "\(result.error)")
      #expect(result.error.contains("--otlp-endpoint"))
      #expect(try Tool.contents(folder) == ["record.json"])
    }
  }

  @Test("a record without times is not published")
  func untimed() async throws {
    let collector = try Collector(answering: Self.answer("200 OK"))
    defer { collector.stop() }
    try await Tool.withFolder { folder in
      let record = folder.appending(path: "record.json")
      try Data(RecordCoding.encode(SampleRecords.deepspeechShown())).write(to: record)
      let result = try await Tool.run(
        ["report", record.path(percentEncoded: false), "--format", "table", "--otlp-endpoint"]
          + [collector.url, "--output", folder.path(percentEncoded: false)])
      #expect(result.status == 65 && result.error.contains("no times"), "\(result.error)")
      #expect(result.output.contains("bilstm") && collector.received.isEmpty)
    }
  }

  @Test("trace and speedscope become files whose paths are printed")
  func files() async throws {
    try await Tool.withFolder { folder in
      let record = folder.appending(path: "record.json")
      try Data(RecordCoding.encode(SampleRecords.deepspeech())).write(to: record)
      let out = folder.appending(path: "out")
      let result = try await Tool.run(
        ["report", record.path(percentEncoded: false), "--format", "trace", "--format"]
          + ["speedscope", "--format", "otlp", "--output", out.path(percentEncoded: false)])
      #expect(result.status == 0 && result.output.isEmpty, "\(result.error)")
      let base = "record"
      let names = ["\(base).otlp.json", "\(base).speedscope.json", "\(base).trace.json"]
      #expect(try Tool.contents(out) == names)
      for name in names { #expect(result.error.contains(name)) }
    }
  }
}
