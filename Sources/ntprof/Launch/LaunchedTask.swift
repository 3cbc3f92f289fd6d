import FoundationEssentials
import Profiling
import Session

/// What one task of an array job is to do: a file that the task reads, and nothing else.
struct LaunchedTask: Codable {
  /// One process.
  struct Item: Codable {
    /// Which part it makes.
    var place: MeasuredPart.Place
    /// Whether it is to stand in for a disturbed process.
    var replaces: Bool?
    /// What it is told.
    var arguments: [String]
    /// Whether what it runs is decided once for all processes of the item.
    var decides: Bool
    /// The brick that is measured; nil for a topology of its own file.
    var brick: Brick?
  }

  /// A brick, and where what is known of it is kept.
  struct Brick: Codable {
    /// The topology.
    var text: String
    /// Its layers whose work may be a reorder.
    var movers: [Int]
    /// The folder of what is known; nil for the usual one.
    var store: String?
    /// Whether it is measured although it is known.
    var again: Bool
    /// Threads and the cap of the instruction set, which are part of the machine's name.
    var threads: Int
    /// ``threads``.
    var isa: String?
    /// What else its time depends on besides itself.
    var settings: [String]
  }

  /// The program that wrote it.
  var tool: Tool
  /// The run.
  var run: String
  /// The shared folder.
  var folder: String
  /// The partition that was asked for, where machines are an axis.
  var partition: String?
  /// In the order in which they are measured.
  var items: [Item]

  /// Reads the file of a task.
  static func load(_ path: String) throws(Failure) -> LaunchedTask {
    let bytes = try SavedRecord.bytes(path)
    do { return try JSONDecoder().decode(LaunchedTask.self, from: Data(bytes)) } catch {
      throw Failure(.data, "\(path): is no task of this version of ntprof: \(error)")
    }
  }

  /// The file's bytes.
  func encoded() throws(Failure) -> [UInt8] {
    do { return Array(try JSONEncoder().encode(self)) } catch {
      throw Failure(.software, "a task cannot be written: \(error)")
    }
  }
}
