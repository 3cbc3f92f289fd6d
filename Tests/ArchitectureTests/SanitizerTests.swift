import Foundation
import Testing

/// What a sanitizer does not run is named with the reason, and is there: nothing is left out by a slip, or for ever.
@Suite("Sanitizers")
struct SanitizerTests {
  /// A line of a list: which tests, and why not.
  struct Entry {
    var pattern: String
    var reason: String
  }

  /// What `make sanitize` and `make sanitize-threads` read, with the same rules as they.
  static func entries(_ list: String) throws -> [Entry] {
    let file = ArchitectureTests.root.appending(path: "Tests/Sanitizers/\(list).txt")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { line in
        let parts = line.split(separator: "#", maxSplits: 1).map {
          $0.trimmingCharacters(in: .whitespaces)
        }
        return Entry(pattern: parts[0], reason: parts.count > 1 ? parts[1] : "")
      }
  }

  /// `Target.Suite/test` of all tests, as far as types and functions of one file may belong together.
  static func tests() throws -> [String] {
    try ArchitectureTests.swiftFiles(below: "Tests").flatMap { file in
      let text = try String(contentsOf: file, encoding: .utf8)
      let folders = file.pathComponents
      let target = folders[(folders.lastIndex(of: "Tests") ?? 0) + 1]
      let suites = text.matches(of: /(?:struct|class) (\w+)/).map { String($0.1) }
      let functions = text.matches(of: /func (\w+)\(/).map { String($0.1) }
      return suites.flatMap { suite in functions.map { "\(target).\(suite)/\($0)()" } }
    }
  }

  @Test(
    "each entry leaves out some tests and not all, with a reason",
    arguments: ["address", "thread"])
  func lists(_ list: String) throws {
    let tests = try Self.tests()
    let entries = try Self.entries(list)
    #expect(!entries.isEmpty)
    for entry in entries {
      let pattern = try Regex(entry.pattern)
      #expect(entry.reason.split(separator: " ").count >= 4, "\(entry.pattern) has no reason")
      #expect(!entry.pattern.contains(" "), "the shell would cut \(entry.pattern)")
      #expect(tests.contains { $0.contains(pattern) }, "\(entry.pattern) is no test")
    }
    let patterns = try entries.map { try Regex($0.pattern) }
    let left = tests.filter { test in patterns.contains { test.contains($0) } }
    #expect(left.count < tests.count / (list == "address" ? 10 : 1))
  }
}
