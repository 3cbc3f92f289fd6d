import Foundation
import Subprocess
import SystemPackage
import TestSupport

extension Tool {
  /// Runs a script with the built command first on `PATH`.
  static func shell(
    _ script: String, in folder: URL = root, environment: [String: String] = [:]
  ) async throws -> Outcome {
    let tools = products.path(percentEncoded: false)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let result = try await ChildLimit.shared.run {
      try await Subprocess.run(
        .path("/bin/bash"), arguments: ["-c", script],
        environment: Self.environment(["PATH": "\(tools):\(path)"].merging(environment) { $1 }),
        workingDirectory: FilePath(folder.path(percentEncoded: false)),
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
}
