package import Profiling

/// The file of a sweep that is under way: whole after every process.
///
/// When its folder can take it no longer, the sweep goes on in the next place that can.
package struct SweepFile {
  private var folder: OutputFolder?
  private let name: String
  /// Why the file is not where it should be, and where it is.
  package private(set) var failure: Failure?

  /// Takes a name nobody has yet in `folder`, or none when nothing is to be saved.
  package init(new name: String, in folder: OutputFolder?, _ sweep: Sweep) throws(Failure) {
    self.folder = folder
    self.name =
      try folder.map { (folder) throws(Failure) in
        try folder.writeNew(RecordCoding.encode(sweep), as: name, suffix: ".json")
      } ?? name
  }

  /// Goes on with a file.
  package init(resuming path: String) throws(Failure) {
    let cut = path.lastIndex(of: "/")
    let folder = cut.map { String(path[...$0]) } ?? "."
    self.folder = try OutputFolder(creating: folder)
    var name = cut.map { String(path[path.index(after: $0)...]) } ?? path
    if name.hasSuffix(".json") { name.removeLast(5) }
    self.name = name
  }

  /// Saves, here or in the next place that can take it.
  package mutating func save(_ sweep: Sweep) {
    guard let folder else { return }
    let json = RecordCoding.encode(sweep)
    do throws(Failure) {
      _ = try folder.write(json, as: name + ".json")
    } catch {
      for place in Refuge.places {
        let other = OutputFolder(existing: place)
        guard let path = try? other.write(json, as: name + ".json") else { continue }
        self.folder = other
        failure = Refuge.failure(error, savedAt: path)
        return
      }
      failure = Refuge.failure(error, savedAt: nil)
    }
  }

  /// Its path; nil when nothing is saved.
  package var path: String? { folder?.join(name + ".json") }
}
