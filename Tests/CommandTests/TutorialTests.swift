import Foundation
import Testing

/// `docs/tutorial.md`: its commands run, in order, and print what it says they print.
@Suite("Tutorial")
struct TutorialTests {
  /// A fenced block: what stands behind the fence, and the lines.
  private struct Block {
    var language: String
    var lines: [String]
    var text: String { lines.joined(separator: "\n") + "\n" }
  }

  private static func blocks() throws -> [Block] {
    let text = try String(
      contentsOf: Tool.root.appending(path: "docs/tutorial.md"), encoding: .utf8)
    var blocks: [Block] = []
    var open: Block?
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        if let done = open {
          blocks.append(done)
          open = nil
        } else {
          open = Block(language: String(line.dropFirst(3)), lines: [])
        }
      } else {
        open?.lines.append(line)
      }
    }
    return blocks
  }

  /// A line as a pattern: runs of blanks are alike, and `…` stands for anything.
  private static func pattern(_ line: String) throws -> Regex<AnyRegexOutput> {
    let words = line.split(separator: " ").map { word in
      word.components(separatedBy: "…").map { NSRegularExpression.escapedPattern(for: $0) }
        .joined(separator: ".*?")
    }
    return try Regex(words.joined(separator: "\\s+"))
  }

  /// What makes a command that measures short: what is printed stays of the same form.
  private static func short(_ line: String) -> String? {
    line.hasPrefix("ntprof profile ")
      ? " --iterations 2 --warmup 0"
      : line.hasPrefix("ntprof sweep ")
        ? " --iterations 2 --warmup 0 --rounds 1"
        : line.hasPrefix("ntprof diff ") ? " --iterations 2 --warmup 0" : nil
  }

  @Test("every command of the tutorial runs, and prints what the tutorial says")
  func commands() async throws {
    let blocks = try Self.blocks()
    #expect(blocks.filter { $0.language == "sh" }.count >= 5)
    try await Tool.withFolder { folder in
      var printed = ""
      var command = ""
      for block in blocks {
        switch block.language {
        case "xml":
          #expect(block.lines.count <= 12, "ten lines are promised")
          try block.text.write(
            to: folder.appending(path: "speech.xml"), atomically: true, encoding: .utf8)
        case "sh":
          command = block.lines.joined(separator: "\n") + (Self.short(block.lines[0]) ?? "")
          let result = try await Tool.shell(command, in: folder)
          #expect(result.status == 0, "\(command): \(result.error)")
          printed = result.output + result.error
        default:
          for line in block.lines where !line.isEmpty {
            #expect(
              try Self.pattern(line).firstMatch(in: printed) != nil,
              "\(command) does not print '\(line)', but:\n\(printed)")
          }
        }
      }
    }
  }
}
