import FoundationEssentials
package import Profiling

/// What one task of an array job is to do: a file that the task reads, and nothing else.
package struct LaunchedTask: Codable {
  /// One process.
  package struct Item: Codable {
    /// Which part it makes.
    package var place: MeasuredPart.Place
    /// Whether it is to stand in for a disturbed process.
    package var replaces: Bool?
    /// What it is told.
    package var settings: RunSettings
    /// Whether what it runs is decided once for all processes of the item.
    package var decides: Bool
    /// The brick that is measured; nil for a topology of its own file.
    package var brick: Brick?
  }

  /// A brick, and where what is known of it is kept.
  package struct Brick: Codable {
    /// The topology.
    package var text: String
    /// Its layers whose work may be a reorder.
    package var movers: [Int]
    /// The folder of what is known; nil for the usual one.
    package var store: String?
    /// Whether it is measured although it is known.
    package var again: Bool
    /// Threads and the cap of the instruction set, which are part of the machine's name.
    package var threads: Int
    /// ``threads``.
    package var isa: String?
    /// What else its time depends on besides itself.
    package var settings: [String]
  }

  /// The program that wrote it.
  package var tool: Tool
  /// The run.
  package var run: String
  /// The shared folder.
  package var folder: String
  /// The partition that was asked for, where machines are an axis.
  package var partition: String?
  /// In the order in which they are measured.
  package var items: [Item]

  /// Reads the file of a task.
  package static func load(_ path: String) throws(Failure) -> LaunchedTask {
    try decode(try SavedRecord.bytes(path), from: path)
  }

  /// Reads the bytes of a task's file, which `path` names in messages.
  package static func decode(_ bytes: [UInt8], from path: String) throws(Failure) -> LaunchedTask {
    do {
      let task = try CheckedJSON.decode(LaunchedTask.self, from: bytes)
      for item in task.items {
        try item.settings.checkRanges()
        guard item.place.item >= 0, item.place.round >= 0 else {
          throw SettingFault("a place is below 0")
        }
      }
      return task
    } catch {
      throw Failure(.data, "\(path): is no task of this version of ntprof: \(error)")
    }
  }

  /// The file's bytes.
  package func encoded() throws(Failure) -> [UInt8] {
    do { return Array(try JSONEncoder().encode(self)) } catch {
      throw Failure(.software, "a task cannot be written: \(error)")
    }
  }
}
