import Foundation
import Synchronization
import TestSupport

/// `ntprof` under way: its standard error is read as it comes, so that a test waits for what the command
/// says and not for seconds.
///
/// It ends with the test that started it, also where that fails.
final class Running: Sendable {
  /// What it said; the thread that reads has this and not the run, which it would keep.
  private final class Heard: Sendable {
    let text = Mutex("")
  }

  private let process: Process
  private let heard = Heard()
  private let place: Mutex<ChildLimit.Place?>

  /// Its number.
  var id: Int32 { process.processIdentifier }

  /// Starts it once no other one is under way, in a folder if one is given; progress comes often, as it
  /// would on a terminal.
  static func start(_ arguments: [String], in folder: URL? = nil) async throws -> Running {
    try Running(arguments, in: folder, place: await ChildLimit.watched.place())
  }

  private init(_ arguments: [String], in folder: URL?, place: ChildLimit.Place) throws {
    self.place = Mutex(place)
    process = Process()
    process.executableURL = Tool.products.appending(path: "ntprof")
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = folder }
    var environment = ProcessInfo.processInfo.environment.merging(Tool.usual) { $1 }
    environment["NTPROF_PROGRESS"] = "0.01"
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = pipe
    try process.run()
    let reader = Thread { [heard] in
      while true {
        let data = pipe.fileHandleForReading.availableData
        if data.isEmpty { return }
        heard.text.withLock { $0 += String(decoding: data, as: UTF8.self) }
      }
    }
    reader.start()
  }

  deinit {
    if process.isRunning { kill(id, SIGKILL) }
  }

  /// What it said so far.
  var error: String { heard.text.withLock { $0 } }

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

  /// Waits for its end; gives the status, and way to the next one.
  func end() -> Int32 {
    process.waitUntilExit()
    place.withLock { $0 = nil }
    return process.terminationStatus
  }
}
