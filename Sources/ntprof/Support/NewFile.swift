import Glibc

/// A file being written in parts that appears under its name whole or not at all.
struct NewFile {
  /// Its path as the user named it.
  let path: String
  private let temporary: String
  private let descriptor: Int32

  /// Opens a temporary file beside the path.
  init(_ path: String) throws(Failure) {
    self.path = path
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw Failure(.cannotCreate, "\(path): is not a regular file")
    }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    temporary = "\(folder).ntprof-\(getpid()).tmp"
    descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Failure(.cannotCreate, "\(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var offset = 0
    while offset < bytes.count {
      let count = Glibc.write(
        descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      if count < 0 {
        if errno == EINTR { continue }
        throw Failure(.inputOutput, "\(path): \(String(cString: strerror(errno)))")
      }
      offset += count
    }
  }

  /// Gives the file its name, replacing one that has it.
  func commit() throws(Failure) {
    let error = fsync(descriptor) != 0 && errno != EINVAL ? errno : 0
    close(descriptor)
    guard error == 0, rename(temporary, path) == 0 else {
      let reason = error == 0 ? errno : error
      unlink(temporary)
      throw Failure(.inputOutput, "\(path): \(String(cString: strerror(reason)))")
    }
  }

  /// Removes what was written.
  func discard() {
    close(descriptor)
    unlink(temporary)
  }

  /// Writes a file by `body`, and leaves nothing behind if that fails.
  static func write(_ path: String, _ body: (NewFile) throws(Failure) -> Void) throws(Failure) {
    let file = try NewFile(path)
    do throws(Failure) { try body(file) } catch {
      file.discard()
      throw error
    }
    try file.commit()
  }
}
