import Foundation
import Testing

/// The page as a user gets it, with what is installed and without.
@Suite("Pages") struct PageTests {
  private func page(_ folder: URL, environment: [String: String] = [:]) async throws -> String {
    let path = folder.path(percentEncoded: false)
    let shown = try await Tool.run(["show", Tool.topology("deepspeech"), "--format", "json"])
    try Data(shown.output.utf8).write(to: folder.appending(path: "shown.json"))
    let result = try await Tool.run(
      ["report", "\(path)/shown.json", "--format", "html", "--output", path],
      environment: environment)
    #expect(result.status == 0, "\(result.error)")
    return try String(contentsOf: folder.appending(path: "shown.html"), encoding: .utf8)
  }

  @Test("the graph has the topology's edges, and the same record gives the same bytes")
  func graph() async throws {
    try await Tool.withFolder { folder in
      let first = try await page(folder)
      #expect(first.contains("<svg class=\"net\""))
      #expect(
        first.ranges(of: "class=\"node\"").count + first.ranges(of: "class=\"node ").count == 7)
      #expect(first.ranges(of: "class=\"edge").count == 6)
      let path = folder.path(percentEncoded: false)
      let again = try await Tool.run(
        ["report", "\(path)/shown.json", "--format", "html", "--output", "\(path)/again"])
      #expect(again.status == 0, "\(again.error)")
      let second = folder.appending(path: "again/shown.html")
      #expect(try String(contentsOf: second, encoding: .utf8) == first)
    }
  }

  @Test("without Graphviz the page says what to install")
  func withoutGraphviz() async throws {
    try await Tool.withFolder { folder in
      let html = try await page(folder, environment: ["PATH": "/nowhere"])
      #expect(html.contains("apt-get install graphviz") && !html.contains("<svg class=\"net\""))
    }
  }

  @Test("a layout that fails is said, and the rest of the page stands")
  func brokenGraphviz() async throws {
    try await Tool.withFolder { folder in
      let program = folder.appending(path: "dot")
      try Data("#!/bin/sh\necho 'no fonts' >&2\nexit 3\n".utf8).write(to: program)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: program.path(percentEncoded: false))
      let html = try await page(
        folder, environment: ["PATH": folder.path(percentEncoded: false)])
      #expect(html.contains("dot ended with status 3: no fonts"))
      #expect(html.contains("<h2>Layers</h2>"))
    }
  }
}
