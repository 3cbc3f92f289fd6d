import Foundation
import Subprocess
import SystemPackage
import TestSupport

/// The built command, run as a user runs it.
enum Tool {
  /// What a run left behind.
  struct Outcome {
    var status: Int32
    var output: String
    var error: String
  }

  /// The folder that the test bundle and the command were built into.
  static let products: URL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// The package's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Path of a bundled topology.
  static func topology(_ name: String) -> String {
    root.appending(path: "topologies/\(name).xml").path(percentEncoded: false)
  }

  /// What every run is told.
  ///
  /// Bandwidths are measured in a quarter of the usual memory: to get and touch that takes longer than most
  /// runs here do for the rest.
  static let usual = ["NO_COLOR": "1", "COLUMNS": "120", "NTPROF_BANDWIDTH_MEMORY": "64"]

  /// The environment of a run: this one's, what is usual, and what a test asks for.
  static func environment(_ more: [String: String]) -> Environment {
    var updates: [Environment.Key: String?] = [:]
    for (name, value) in usual.merging(more, uniquingKeysWith: { $1 }) {
      updates[Environment.Key(stringLiteral: name)] = value
    }
    return .inherit.updating(updates)
  }

  /// Runs `ntprof` and waits; with `sharing`, on that CPU with two programs that never rest.
  static func run(
    _ arguments: [String], sharing cpu: String? = nil, environment: [String: String] = [:]
  ) async throws -> Outcome {
    let program = products.appending(path: "ntprof").path(percentEncoded: false)
    let words =
      (cpu.map { ["/usr/bin/taskset", "-c", $0, "/bin/sh", "-c", crowd, "sh"] } ?? [])
      + [program] + arguments
    let result = try await ChildLimit.shared.run {
      try await Subprocess.run(
        .path(FilePath(words[0])),
        arguments: Arguments(Array(words.dropFirst())), environment: Self.environment(environment),
        output: .string(limit: 64 << 20), error: .string(limit: 1 << 20))
    }
    let status: Int32 =
      switch result.terminationStatus {
      case .exited(let code): Int32(code)
      case .signaled(let signal): 128 + Int32(signal)
      }
    return Outcome(
      status: status, output: result.standardOutput, error: result.standardError)
  }

  /// Runs its arguments beside two endless loops, which end with them.
  private static let crowd = """
    spin() { while :; do :; done; }
    spin & first=$!
    spin & second=$!
    "$@"; status=$?
    kill -9 $first $second
    exit $status
    """

  /// Runs `body` with a folder that is removed afterwards.
  static func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "ntprof-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }

  /// Names of everything in a folder, hidden files too.
  static func contents(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
      .sorted()
  }
}
