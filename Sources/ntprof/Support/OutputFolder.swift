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
    guard descriptor >= 0 else {
      let error = errno
      removeIfEmpty()
      throw OutputFolder.failure(self.path, error)
    }
    close(descriptor)
    unlink(probe)
  }

  /// Removes the folders that were made here and hold nothing.
  func removeIfEmpty() {
    for folder in made.reversed() where rmdir(folder) != 0 { return }
  }

  /// Writes a file, replacing one of that name, and returns its path.
  ///
  /// To a temporary name first, then renamed: the file appears whole or not at all.
  func write(_ bytes: [UInt8], as name: String) throws(Failure) -> String {
    let target = join(name)
    let temporary = try writeTemporary(bytes, for: name)
    guard rename(temporary, target) == 0 else {
      let error = errno
      unlink(temporary)
      throw OutputFolder.failed(target, error)
    }
    return target
  }

  /// Writes a file under a name nobody has yet, and returns that name without `suffix`.
  ///
  /// A link, unlike a rename, never takes the place of another file: of two runs that end at once
  /// each keeps its own.
  func writeNew(_ bytes: [UInt8], as base: String, suffix: String) throws(Failure) -> String {
    let temporary = try writeTemporary(bytes, for: base + suffix)
    defer { unlink(temporary) }
    while true {
      let name = freeName(base, suffixes: [suffix])
      let target = join(name + suffix)
      if link(temporary, target) == 0 { return name }
      let error = errno
      if error == EEXIST { continue }
      // A file system without links.
      guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(error) else {
        throw OutputFolder.failed(target, error)
      }
      guard rename(temporary, target) == 0 else { throw OutputFolder.failed(target, errno) }
      return name
    }
  }

  /// A name nobody has yet with any of `suffixes`: `base`, with `-2`, `-3`… behind it when needed.
  func freeName(_ base: String, suffixes: [String]) -> String {
    var name = base
    var number = 2
    while suffixes.contains(where: { access(join(name + $0), F_OK) == 0 }) {
      name = "\(base)-\(number)"
      number += 1
    }
    return name
  }

  /// The path of a name in the folder.
  func join(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  private func writeTemporary(_ bytes: [UInt8], for name: String) throws(Failure) -> String {
    let temporary = join(".ntprof-\(getpid()).tmp")
    let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw OutputFolder.failure(join(name), errno) }
    var error = Console.writeAll(bytes, to: descriptor)
    if error == 0, fsync(descriptor) != 0, errno != EINVAL { error = errno }
    if close(descriptor) != 0, error == 0 { error = errno }
    guard error == 0 else {
      unlink(temporary)
      throw OutputFolder.failed(join(name), error)
    }
    return temporary
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
