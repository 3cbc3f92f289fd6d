import Foundation
import HTTP
import Testing

/// A collector that is spoken to by https.
@Suite("A collector in secret")
struct SecretCollectorTests {
  private static let program = """
    import http.server, ssl, sys
    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
    server = http.server.HTTPServer(("127.0.0.1", 0), Collector)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_port, flush=True)
    server.serve_forever()
    """

  private static let hasTools = ["/usr/bin/openssl", "/usr/bin/python3"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private static func start(_ path: String, _ arguments: [String], into pipe: Pipe?) throws
    -> Process
  {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardOutput = pipe ?? FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  @Test(
    "one whose authority is known is spoken to, and no other",
    .enabled(if: hasTools, "apt-get install openssl python3"))
  func authorities() async throws {
    try await Tool.withFolder { folder in
      let (key, certificate) = (
        folder.appending(path: "key.pem").path, folder.appending(path: "certificate.pem").path
      )
      let made = try Self.start(
        "/usr/bin/openssl",
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
          + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        into: nil)
      made.waitUntilExit()
      try #require(made.terminationStatus == 0)
      let output = Pipe()
      let server = try Self.start(
        "/usr/bin/python3", ["-c", Self.program, certificate, key], into: output)
      // It was started with the signals blocked that the thread of a test has blocked.
      defer {
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
      }
      let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
      var post = HTTPPost(to: "https://127.0.0.1:\(port)/v1/traces", fields: [])
      let error = #expect(throws: HTTPError.self) { try post.send(Array("{}".utf8)) }
      #expect(error?.kind == .notTrusted && error?.words.isEmpty == false)
      post.authorities = certificate
      #expect(try post.send(Array("{}".utf8)).body == Array("{}".utf8))
    }
  }
}
