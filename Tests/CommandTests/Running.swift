import Foundation
import Synchronization
import TestSupport

/// `ntprof` under way: its standard error is read as it comes, so that a test waits for what the command
/// says and not for seconds.
final class Running: Sendable {
  private let process: Process
  private let said = Mutex("")

  /// Its number.
  var id: Int32 { process.processIdentifier }

  /// Starts it, in a folder if one is given; progress comes often, as it would on a terminal.
  init(_ arguments: [String], in folder: URL? = nil) throws {
    process = Process()
    process.executableURL = Tool.products.appending(path: "ntprof")
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = folder }
    var environment = ProcessInfo.processInfo.environment
    environment["NTPROF_PROGRESS"] = "0.01"
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = pipe
    try process.run()
    let reader = Thread { [self] in
      while true {
        let data = pipe.fileHandleForReading.availableData
        if data.isEmpty { return }
        said.withLock { $0 += String(decoding: data, as: UTF8.self) }
      }
    }
    reader.start()
  }

  /// What it said so far.
  var error: String { said.withLock { $0 } }

  /// Waits until it has said something.
  ///
  /// - Throws: `Waiting.TooLong`, also when it ends without saying it.
  func says(_ words: String) async throws {
    try await Waiting.until("'\(words)'") {
      if error.contains(words) { return true }
      if !process.isRunning, !error.contains(words) {
        throw Waiting.TooLong(description: "ended without saying '\(words)': \(error)")
      }
      return false
    }
  }

  /// Sends a signal.
  func signal(_ number: Int32) { kill(id, number) }

  /// Waits for its end; gives the status.
  func end() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }
}
