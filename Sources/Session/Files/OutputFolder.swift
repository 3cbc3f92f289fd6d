import Glibc
import Machine

/// The folder that records and report files go to; every file appears whole or not at all.
package struct OutputFolder {
  /// Its path as the user named it.
  package let path: String
  /// The folders that had to be made for it, outermost first.
  private let made: [String]

  /// Makes the folder if it is missing and proves that a file can be created in it, so that a
  /// long run cannot end with nowhere to put its record.
  package init(creating path: String) throws(Failure) {
    self.path = path.isEmpty ? "." : path
    made = try OutputFolder.makeFolders(self.path)
    do throws(SystemCallError) { _ = try TemporaryFile(in: self.path) } catch {
      removeIfEmpty()
      throw OutputFolder.failure(self.path, error.errno)
    }
  }

  /// Takes a folder that is there already.
  package init(existing path: String) {
    self.path = path
    made = []
  }

  /// Removes the folders that were made here and hold nothing.
  package func removeIfEmpty() {
    for folder in made.reversed() where rmdir(folder) != 0 { return }
  }

  /// Writes a file, replacing one of that name, and returns its path.
  package func write(_ bytes: [UInt8], as name: String) throws(Failure) -> String {
    let target = join(name)
    let error = try written(bytes, for: name).appear(as: target)
    guard error == 0 else { throw OutputFolder.failed(target, error) }
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
      let error = file.appear(asNew: target)
      if error == 0 { return name }
      guard error == EEXIST else { throw OutputFolder.failed(target, error) }
    }
  }

  /// A name nobody has yet with any of `suffixes`: `base`, with `-2`, `-3`… behind it when needed.
  private func freeName(_ base: String, suffixes: [String]) -> String {
    var name = base
    var number = 2
    while suffixes.contains(where: { access(join(name + $0), F_OK) == 0 }) {
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
    let file: TemporaryFile
    do throws(SystemCallError) {
      file = try TemporaryFile(in: path)
    } catch {
      guard error.errno == ENOENT else { throw OutputFolder.failure(join(name), error.errno) }
      _ = try OutputFolder.makeFolders(path)
      do throws(SystemCallError) { file = try TemporaryFile(in: path) } catch {
        throw OutputFolder.failure(join(name), error.errno)
      }
    }
    var error = bytes.withUnsafeBytes { file.write($0) }
    if error == 0 { error = file.sync() }
    guard error == 0 else { throw OutputFolder.failed(join(name), error) }
    return file
  }

  private static func failed(_ path: String, _ error: Int32) -> Failure {
    Failure(.inputOutput, "\(path): \(String(cString: strerror(error)))")
  }

  private static func makeFolders(_ path: String) throws(Failure) -> [String] {
    var folder = path.hasPrefix("/") ? "/" : ""
    var made: [String] = []
    func refuse(_ error: Int32) -> Failure {
      for folder in made.reversed() { rmdir(folder) }
      return failure(path, error)
    }
    for part in path.split(separator: "/") {
      folder += folder.isEmpty || folder.hasSuffix("/") ? String(part) : "/\(part)"
      if mkdir(folder, 0o755) == 0 {
        made.append(folder)
      } else if errno != EEXIST, errno != EISDIR {
        throw refuse(errno)
      }
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw refuse(errno) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw refuse(ENOTDIR) }
    return made
  }

  private static func failure(_ path: String, _ error: Int32) -> Failure {
    Failure(
      .cannotCreate, "--output \(path): \(String(cString: strerror(error)))",
      remedy: "name a folder that can be written with --output")
  }
}
