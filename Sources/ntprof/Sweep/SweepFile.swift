import Profiling

/// The file of a sweep that is under way: whole after every process.
struct SweepFile {
  private let folder: OutputFolder?
  private let name: String

  /// Takes a name nobody has yet in `folder`, or none when nothing is to be saved.
  init(new name: String, in folder: OutputFolder?, _ sweep: Sweep) throws(Failure) {
    self.folder = folder
    self.name =
      try folder.map { (folder) throws(Failure) in
        try folder.writeNew(RecordCoding.encode(sweep), as: name, suffix: ".json")
      } ?? name
  }

  /// Goes on with a file.
  init(resuming path: String) throws(Failure) {
    let cut = path.lastIndex(of: "/")
    let folder = cut.map { String(path[...$0]) } ?? "."
    self.folder = try OutputFolder(creating: folder)
    var name = cut.map { String(path[path.index(after: $0)...]) } ?? path
    if name.hasSuffix(".json") { name.removeLast(5) }
    self.name = name
  }

  /// Saves.
  func save(_ sweep: Sweep) throws(Failure) {
    _ = try folder?.write(RecordCoding.encode(sweep), as: name + ".json")
  }

  /// Its path; nil when nothing is saved.
  var path: String? { folder?.join(name + ".json") }
}
