import Foundation
import Profiling
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

  private static func blocks() throws -> [Block] { try parts().blocks }

  /// The fenced blocks, and the lines between them.
  private static func parts() throws -> (blocks: [Block], prose: [String]) {
    let text = try String(
      contentsOf: Tool.root.appending(path: "docs/tutorial.md"), encoding: .utf8)
    var blocks: [Block] = []
    var prose: [String] = []
    var open: Block?
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        if let done = open {
          blocks.append(done)
          open = nil
        } else {
          open = Block(language: String(line.dropFirst(3)), lines: [])
        }
      } else if open != nil {
        open?.lines.append(line)
      } else {
        prose.append(line)
      }
    }
    return (blocks, prose)
  }

  /// The commands that stand within a line.
  private static func inlineCommands(_ prose: [String]) -> [String] {
    prose.flatMap { line in line.matches(of: /`(ntprof [^`]+)`/).map { String($0.1) } }
  }

  /// The network of the tutorial, as `show` knows it.
  private static func shown(_ folder: URL, _ words: [String] = []) async throws -> RunRecord {
    let file = folder.appending(path: "speech.xml")
    let xml = try #require(try blocks().first { $0.language == "xml" })
    try xml.text.write(to: file, atomically: true, encoding: .utf8)
    let result = try await Tool.run(
      ["show", file.path(percentEncoded: false), "--format", "json"] + words)
    #expect(result.status == 0, "\(result.error)")
    return try RecordCoding.decode(Array(result.output.utf8))
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

  @Test("numbers in the text are those of its files, commands and outputs, or follow from them")
  func numbers() async throws {
    let (blocks, prose) = try Self.parts()
    // What blocks hold, the other test compares with what is printed.
    let held = (blocks.map(\.text) + Self.inlineCommands(prose)).joined(separator: "\n")
    var known = Set(held.matches(of: /\d+(?:\.\d+)?/).map { String($0.0) })
    try await Tool.withFolder { folder in
      let wide = try await Self.shown(folder)
      let narrow = try await Self.shown(folder, ["--set", "hidden=256"])
      let lstm = try #require(wide.layers.first { $0.name == "lstm2" })
      // "the weights of lstm2 alone are … MB", "… % fewer".
      let share = Double(narrow.totals.parameters) / Double(wide.totals.parameters)
      known.insert("\(Int((Double(4 * lstm.parameters) * 1e-6).rounded()))")
      known.insert("\(Int(((1 - share) * 100).rounded()))")
    }
    // Digits of names (lstm2, int8) and of links are no numbers.
    let text = prose.joined(separator: "\n").replacing(/\]\([^)]*\)/, with: "]")
    let told = text.matches(of: /(^|[^\w.])(\d[\d,]*(?:\.\d+)?)/).map {
      String($0.2).filter { $0 != "," }
    }
    #expect(told.contains("2785053") && told.contains("25") && told.contains("71"))
    for number in told {
      #expect(known.contains(number), "\(number) is in no file, command or output")
    }
  }

  @Test("commands within the text run, the gate for CI among them")
  func inline() async throws {
    let commands = Self.inlineCommands(try Self.parts().prose)
    #expect(commands.contains { $0.contains("--gate") })
    try await Tool.withFolder { folder in
      _ = try await Self.shown(folder)
      try FileManager.default.copyItem(
        at: folder.appending(path: "speech.xml"), to: folder.appending(path: "release.xml"))
      for command in commands {
        let isGate = command.contains("--gate")
        let result = try await Tool.shell(
          command + (isGate ? " --processes 1 --iterations 2 --warmup 0 --no-save" : ""),
          in: folder)
        // Two passes tell nothing of 3 %: one of the gate's three answers, and no failure.
        let answers: [Int32] = isGate ? [0, 1, 2] : [0]
        #expect(answers.contains(result.status), "\(command): \(result.error)")
        if isGate { #expect(result.output.contains("gate"), "\(command): \(result.output)") }
      }
    }
  }
}
