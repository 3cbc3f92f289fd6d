import Files
import SystemPackage

/// The folder that records and report files go to; every file appears whole or not at all.
package struct OutputFolder {
  /// Its path as the user named it.
  package let path: String
  /// The folders that had to be made for it, outermost first.
  private let made: [FilePlace]

  /// Makes the folder if it is missing and proves that a file can be created in it, so that a
  /// long run cannot end with nowhere to put its record.
  package init(creating path: String) throws(Failure) {
    self.path = path.isEmpty ? "." : path
    made = try OutputFolder.makeFolders(self.path)
    do throws(SystemCallError) { _ = try TemporaryFile(in: self.path) } catch {
      removeIfEmpty()
      throw OutputFolder.failure(self.path, error.code)
    }
  }

  /// Takes a folder that is there already.
  package init(existing path: String) {
    self.path = path
    made = []
  }

  /// Removes the folders that were made here and hold nothing.
  package func removeIfEmpty() {
    for folder in made.reversed() where !folder.removeFolder() { return }
  }

  /// Writes a file, replacing one of that name, and returns its path.
  package func write(_ bytes: [UInt8], as name: String) throws(Failure) -> String {
    let target = join(name)
    let file = try written(bytes, for: name)
    do throws(SystemCallError) { try file.appear(as: target) } catch {
      throw OutputFolder.failed(target, error)
    }
    return target
  }

  /// Writes a file under a name nobody has yet, and returns that name without `suffix`.
  ///
  /// Files that share its name may stand beside it: none of `others` is there either when the name is
  /// chosen.
  package func writeNew(
    _ bytes: [UInt8], as base: String, suffix: String, beside others: [String] = []
  ) throws(Failure) -> String {
    let file = try written(bytes, for: base + suffix)
    while true {
      let name = freeName(base, suffixes: [suffix] + others)
      let target = join(name + suffix)
      do throws(SystemCallError) {
        if try file.appear(asNew: target) { return name }
      } catch {
        throw OutputFolder.failed(target, error)
      }
    }
  }

  /// A name nobody has yet with any of `suffixes`: `base`, with `-2`, `-3`… behind it when needed.
  private func freeName(_ base: String, suffixes: [String]) -> String {
    var name = base
    var number = 2
    while suffixes.contains(where: { FilePlace(join(name + $0)).exists }) {
      name = "\(base)-\(number)"
      number += 1
    }
    return name
  }

  /// The path of a name in the folder.
  package func join(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  /// A file with these bytes that has no name yet; the folder is made again if it was removed.
  private func written(_ bytes: [UInt8], for name: String) throws(Failure) -> TemporaryFile {
    do throws(SystemCallError) {
      return try TemporaryFile(in: path, holding: bytes)
    } catch {
      guard error.call == "open" else { throw OutputFolder.failed(join(name), error) }
      guard error.code == .noSuchFileOrDirectory else {
        throw OutputFolder.failure(join(name), error.code)
      }
    }
    _ = try OutputFolder.makeFolders(path)
    do throws(SystemCallError) { return try TemporaryFile(in: path, holding: bytes) } catch {
      throw error.call == "open"
        ? OutputFolder.failure(join(name), error.code) : OutputFolder.failed(join(name), error)
    }
  }

  private static func failed(_ path: String, _ error: SystemCallError) -> Failure {
    Failure(.inputOutput, "\(path): \(error.reason)")
  }

  private static func makeFolders(_ path: String) throws(Failure) -> [FilePlace] {
    var folder = path.hasPrefix("/") ? "/" : ""
    var made: [FilePlace] = []
    do throws(SystemCallError) {
      for part in path.split(separator: "/") {
        folder += folder.isEmpty || folder.hasSuffix("/") ? String(part) : "/\(part)"
        if try make(folder) { made.append(FilePlace(folder)) }
      }
      guard try FilePlace(path).status() == .folder else {
        throw SystemCallError("mkdir", .notDirectory)
      }
    } catch {
      for folder in made.reversed() { folder.removeFolder() }
      throw failure(path, error.code)
    }
    return made
  }

  /// Makes a folder; false where something has the name.
  private static func make(_ folder: String) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      try FilePlace(folder).makeFolder()
      return true
    } catch {
      guard [.fileExists, .isDirectory].contains(error.code) else { throw error }
      return false
    }
  }

  private static func failure(_ path: String, _ code: Errno) -> Failure {
    Failure(
      .cannotCreate, "--output \(path): \(code)",
      remedy: SystemCallError("open", code).shortageRemedy
        ?? "name a folder that can be written with --output")
  }
}
