import Glibc
package import Machine

/// A file that is being written: it appears under its name whole or not at all, and a process that is
/// killed meanwhile leaves nothing behind.
///
/// It has no name until then; where the file system cannot do that, one that no other run ever has.
package final class TemporaryFile {
  private let descriptor: Int32
  /// The folder's path with a `/` behind it; empty for the current one.
  private let folder: String
  /// Its path while it has a name of its own.
  private var name: String?

  private static let prefix = ".ntprof-"
  private static let suffix = ".tmp"

  /// Opens one in a folder.
  ///
  /// - Throws: ``SystemCallError`` of what the kernel says.
  package init(in folder: String, mode: UInt32 = 0o644) throws(SystemCallError) {
    self.folder = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
    let place = folder.isEmpty ? "." : folder
    let unnamed = UnnamedFile.open(in: place, mode: mode)
    if unnamed >= 0, UnnamedFile.canBeLinked(unnamed) {
      descriptor = unnamed
      return
    }
    if unnamed >= 0 { close(unnamed) }
    guard unnamed >= 0 || [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(-unnamed) else {
      throw SystemCallError("open", errno: -unnamed)
    }
    Self.removeAbandoned(in: place)
    while true {
      let path = self.folder + Self.uniqueName()
      let opened = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode)
      if opened < 0, errno == EEXIST { continue }
      guard opened >= 0 else { throw SystemCallError("open", errno: errno) }
      descriptor = opened
      name = path
      return
    }
  }

  deinit {
    close(descriptor)
    if let name { unlink(name) }
  }

  /// Appends bytes; 0 or an error number.
  package func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var offset = 0
    while offset < bytes.count {
      let count = Glibc.write(
        descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      if count < 0, errno == EINTR { continue }
      if count < 0 { return errno }
      offset += count
    }
    return 0
  }

  /// Sees that what was written is on the disk; 0 or an error number.
  package func sync() -> Int32 {
    while fsync(descriptor) != 0 {
      // A file system that knows no such thing has nothing to wait for.
      if errno == EINVAL { return 0 }
      if errno != EINTR { return errno }
    }
    return 0
  }

  /// Gives it a name that nobody has yet.
  ///
  /// A link, unlike a rename, never takes the place of another file: of two runs that end at once
  /// each keeps its own.
  ///
  /// - Returns: 0 or an error number, `EEXIST` where the name is taken.
  package func appear(asNew target: String) -> Int32 {
    guard let name else { return UnnamedFile.link(descriptor, as: target) }
    if link(name, target) == 0 { return 0 }
    // A file system without links.
    guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else { return errno }
    return access(target, F_OK) == 0 ? EEXIST : appear(as: target)
  }

  /// Gives it a name, replacing a file that has it; 0 or an error number.
  package func appear(as target: String) -> Int32 {
    while name == nil {
      let path = folder + Self.uniqueName()
      let error = UnnamedFile.link(descriptor, as: path)
      if error == 0 { name = path } else if error != EEXIST { return error }
    }
    guard let path = name else { return EINVAL }
    guard rename(path, target) == 0 else { return errno }
    name = nil
    return 0
  }

  private static func uniqueName() -> String {
    "\(prefix)\(getpid())-\(String(UInt64.random(in: 0...(.max)), radix: 36))\(suffix)"
  }

  /// Removes what killed runs left an hour ago or earlier.
  private static func removeAbandoned(in folder: String) {
    guard let entries = opendir(folder) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { continue }
      var status = stat()
      let path = "\(folder)/\(name)"
      if stat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > 3600 { unlink(path) }
    }
  }
}
