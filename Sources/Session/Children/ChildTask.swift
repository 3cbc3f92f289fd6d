import Machine
import Profiling

/// What a process is told that works for another ntprof: all of it, in one JSON document.
package struct ChildTask: Codable, Hashable, Sendable {
  /// What it does.
  package enum Work: Codable, Hashable, Sendable {
    /// Measures, and writes the record.
    ///
    /// With `decided`, what searches found comes on standard input, and nothing is tried. With `similarity`, outputs are
    /// compared with those in f32, also where they are f32 themselves.
    case measure(decided: Bool, similarity: Bool)
    /// Measures nothing: decides what is to run, and writes that.
    case decide
    /// Tries implementations, and writes what it is about to do and what it found.
    case search
    /// Runs the layers under callgrind.
    case simulate
    /// Runs every layer but some once, and says before each which one it is.
    case watch(without: [Int])
  }

  /// What it does.
  package let work: Work
  /// What it runs, and how.
  package let settings: RunSettings
  /// Who started it; of a fixed width, since a longer argument moves the stack of what is simulated, and with it a cache
  /// miss or two.
  private let parent: String

  /// A task of this process's child.
  package init(_ work: Work, _ settings: RunSettings) {
    self.work = work
    self.settings = settings
    let id = String(OwnProcess.id)
    parent = String(repeating: "0", count: max(0, 10 - id.count)) + id
  }

  /// The process that started it.
  package var parentID: Int32 { Int32(parent) ?? 0 }

  /// The name of the command that does it.
  private var command: String {
    switch work {
    case .measure, .decide: "measure-child"
    case .search: "search-child"
    case .simulate: "simulate-child"
    case .watch: "watch-child"
    }
  }

  /// The child's arguments.
  package var arguments: [String] { [command, document] }

  /// The document, of which there is one for equal tasks.
  private var document: String { RunSettings.text(of: self) }

  /// Reads a document.
  ///
  /// - Throws: ``SettingFault`` where it is none.
  package init(document: String) throws(SettingFault) {
    do { self = try CheckedJSON.decode(ChildTask.self, from: document.utf8) } catch {
      throw SettingFault("it is no task of this version of ntprof")
    }
    try settings.checkRanges()
  }
}
