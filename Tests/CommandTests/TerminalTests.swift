import Foundation
import Profiling
import Testing

/// What goes to a terminal, and what goes to a pipe in its place.
@Suite("terminal and pipe", .serialized)
struct TerminalTests {
  /// `script` of util-linux runs a command on a terminal of its own.
  static let hasScript = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

  /// What a command prints, both streams, on a terminal of that type.
  private static func onTerminal(_ type: String, _ arguments: [String]) throws -> String {
    let program = Tool.products.appending(path: "ntprof").path(percentEncoded: false)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/script")
    process.arguments = [
      "-qec", ([program] + arguments).map { "'\($0)'" }.joined(separator: " "), "/dev/null",
    ]
    var environment = ProcessInfo.processInfo.environment
    environment["TERM"] = type
    environment["NO_COLOR"] = nil
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("a dumb terminal gets no escape sequences, another one does", .enabled(if: hasScript))
  func dumb() async throws {
    try await Tool.withFolder { folder in
      let arguments = [
        "profile", try Narrow.write(folder), "--iterations", "5", "--threads", "1", "--no-save",
        "--format", "table",
      ]
      #expect(try !Self.onTerminal("dumb", arguments).contains("\u{1B}"))
      #expect(try Self.onTerminal("xterm", arguments).contains("\u{1B}["))
    }
  }

  @Test("a pipe gets a line of progress now and then, with the estimate so far")
  func pace() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let often = ["NTPROF_PROGRESS": "0.001"]
      let usual = ["--threads", "1", "--no-save", "--format", "csv"]
      let run = ["profile", topology, "--iterations", "3000"] + usual
      let lines = try await Tool.run(run, environment: often).error.split(separator: "\n")
        .filter { $0.hasPrefix("measuring narrow: ") }
      #expect(lines.count > 1)
      #expect(
        lines.allSatisfy {
          $0.wholeMatch(of: /.*: \d+ samples?, median [0-9.]+ (ns|µs|ms|s)( ±.*)?, \d+ %.*/) != nil
        },
        "\(lines)")
      // Less than a minute: nothing by default, nor where it is turned off.
      for environment in [[:], ["NTPROF_PROGRESS": "0"]] {
        let quiet = try await Tool.run(run, environment: environment)
        #expect(!quiet.error.contains("measuring"), "\(quiet.error)")
      }
      let sweep = try await Tool.run(
        ["sweep", topology, "--set", "units=16,32", "--rounds", "2", "--iterations", "3"] + usual,
        environment: often)
      #expect(sweep.error.contains("; shortest so far "), "\(sweep.error)")
      let diff = try await Tool.run(
        ["diff", topology, topology, "--processes", "4", "--iterations", "3"] + usual,
        environment: often)
      #expect(
        diff.error.contains(/comparing: process \d of 8, [+−][0-9.]+ %, about/), "\(diff.error)")
    }
  }

  @Test("paths in commands to copy are quoted for the shell")
  func quoting() async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "it's here; rm").path(percentEncoded: false)
      let result = try await Tool.run([
        "profile", try Narrow.write(folder), "--iterations", "3", "--threads", "1", "--output",
        output,
      ])
      #expect(result.status == 0, "\(result.error)")
      let next = try #require(result.error.split(separator: "\n").last { $0.hasPrefix("next: ") })
      let quoted = output.replacing("'", with: "'\\''")
      #expect(next.contains("open '\(quoted)/narrow-"), "\(next)")
      #expect(next.contains("ntprof diff '\(quoted)/narrow-"), "\(next)")
    }
  }

  @Test("a name that would command the terminal does not reach it")
  func controls() async throws {
    try await Tool.withFolder { folder in
      let result = try await Tool.run([
        "check", folder.path(percentEncoded: false) + "/\u{1B}[31m\u{202E}.xml",
      ])
      #expect(result.status == 66)
      #expect(!result.error.contains("\u{1B}") && !result.error.contains("\u{202E}"))
    }
  }

  @Test("words of a record that would command the terminal do not reach it, known or not")
  func words() async throws {
    try await Tool.withFolder { folder in
      let made = try await Tool.run(
        ["profile", try Narrow.write(folder), "--iterations", "5", "--threads", "1", "--no-save"]
          + ["--counters", "none", "--format", "json"])
      #expect(made.status == 0, "\(made.error)")
      // The bell, a title and another direction of writing, as JSON writes them.
      let evil = #""\u001b]0;x\u0007\u001b[31m\u009b1m\u202e""#
      // Of an enumeration that is closed, of one that keeps what it does not know, and of a text.
      let cases: [(key: String, status: Int32)] = [
        ("class", 65), ("precision", 0), ("implementation", 0), ("cpu", 0),
      ]
      for (key, status) in cases {
        let field = try Regex("\"\(key)\": \"[^\"]*\"")
        let changed = made.output.replacing(field, with: "\"\(key)\": \(evil)")
        #expect(changed != made.output, "\(key)")
        let file = folder.appending(path: "\(key).json")
        try changed.write(to: file, atomically: true, encoding: .utf8)
        let result = try await Tool.run([
          "report", file.path(percentEncoded: false), "--format", "table",
        ])
        #expect(result.status == status, "\(key): \(result.error)")
        let shown = result.output + result.error
        #expect(shown.contains("]0;x"), "\(key): \(shown)")
        let commands = shown.unicodeScalars.filter {
          ["\u{1B}", "\u{7}", "\u{9B}", "\u{202E}"].contains($0)
        }
        #expect(commands.isEmpty, "\(key): \(commands.map(\.value))")
      }
    }
  }

  @Test("an argument that is not UTF-8 is refused as such")
  func notUnicode() throws {
    let program = Tool.products.appending(path: "ntprof").path(percentEncoded: false)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "\"$0\" check \"$(printf 'a\\377.xml')\"", program]
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 64)
    #expect(String(decoding: bytes, as: UTF8.self).contains("is not UTF-8"))
  }
}
