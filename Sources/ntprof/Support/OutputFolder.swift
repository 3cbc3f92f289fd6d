import Glibc

/// The folder that records and report files go to; every file appears whole or not at all.
struct OutputFolder {
  /// Its path as the user named it.
  let path: String
  /// The folders that had to be made for it, outermost first.
  private let made: [String]

  /// Makes the folder if it is missing and proves that a file can be created in it, so that a
  /// long run cannot end with nowhere to put its record.
  init(creating path: String) throws(Failure) {
    self.path = path.isEmpty ? "." : path
    made = try OutputFolder.makeFolders(self.path)
    let probe = join(".ntprof-\(getpid())-probe")
    let descriptor = open(probe, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw OutputFolder.failure(self.path, errno) }
    close(descriptor)
    unlink(probe)
  }

  /// Removes the folders that were made here and hold nothing.
  func removeIfEmpty() {
    for folder in made.reversed() where rmdir(folder) != 0 { return }
  }

  /// Writes a file and returns its path.
  ///
  /// To a temporary name first, then renamed: the file appears whole or not at all.
  func write(_ bytes: [UInt8], as name: String) throws(Failure) -> String {
    let target = join(name)
    let temporary = join(".\(name).\(getpid()).tmp")
    let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw OutputFolder.failure(target, errno) }
    var error = Console.writeAll(bytes, to: descriptor)
    if error == 0, fsync(descriptor) != 0, errno != EINVAL { error = errno }
    if close(descriptor) != 0, error == 0 { error = errno }
    if error == 0, rename(temporary, target) != 0 { error = errno }
    guard error == 0 else {
      unlink(temporary)
      throw Failure(.inputOutput, "\(target): \(String(cString: strerror(error)))")
    }
    return target
  }

  /// A name nobody has yet: `base` and `suffix`, with `-2`, `-3`… between them when needed.
  func freeName(_ base: String, suffix: String) -> String {
    var name = base
    var number = 2
    while access(join(name + suffix), F_OK) == 0 {
      name = "\(base)-\(number)"
      number += 1
    }
    return name
  }

  private func join(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  private static func makeFolders(_ path: String) throws(Failure) -> [String] {
    var folder = path.hasPrefix("/") ? "/" : ""
    var made: [String] = []
    for part in path.split(separator: "/") {
      folder += folder.isEmpty || folder.hasSuffix("/") ? String(part) : "/\(part)"
      if mkdir(folder, 0o755) == 0 {
        made.append(folder)
      } else if errno != EEXIST, errno != EISDIR {
        throw failure(path, errno)
      }
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure(path, errno) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw failure(path, ENOTDIR) }
    return made
  }

  private static func failure(_ path: String, _ error: Int32) -> Failure {
    Failure(
      .cannotCreate, "--output \(path): \(String(cString: strerror(error)))",
      remedy: "name a folder that can be written with --output")
  }
}
