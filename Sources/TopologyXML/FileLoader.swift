import Glibc

/// Reads a whole regular file, of bounded size, without ever waiting for a writer.
public enum FileLoader {
  /// The file's bytes.
  ///
  /// The corresponding C functions are `open`, `fstat` and `read`. Size and kind are asked of the
  /// open file, so that they are those of what is read.
  ///
  /// - Throws: ``TopologyReadError`` when there is no such regular file, it is larger than `limit`
  ///   bytes, or reading fails.
  public static func load(_ path: String, limit: Int) throws(TopologyReadError) -> [UInt8] {
    // A FIFO without a writer would block open(2) forever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      switch errno {
      case ENOENT, ENOTDIR: throw .noSuchFile(path: path)
      case ENXIO: throw .notRegularFile(path: path, kind: "a socket or device")
      case let code: throw .unreadable(path: path, errno: code)
      }
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .notRegularFile(path: path, kind: "a directory")
    case S_IFIFO: throw .notRegularFile(path: path, kind: "a FIFO")
    default: throw .notRegularFile(path: path, kind: "a device")
    }
    guard status.st_size <= limit else {
      throw .tooLarge(path: path, bytes: Int(status.st_size), limit: limit)
    }
    return try readAll(descriptor, path: path, expected: Int(status.st_size), limit: limit)
  }

  /// Reads to the end: files in `/proc` say size 0, and a file may grow meanwhile.
  private static func readAll(
    _ descriptor: CInt, path: String, expected: Int, limit: Int
  ) throws(TopologyReadError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: expected + 1)
    var count = 0
    while true {
      if count == bytes.count { bytes += [UInt8](repeating: 0, count: max(count, 4096)) }
      let room = bytes.count - count
      let got = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress?.advanced(by: count), room)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(path: path, errno: errno) }
      if got == 0 { break }
      count += got
      guard count <= limit else { throw .tooLarge(path: path, bytes: count, limit: limit) }
    }
    return Array(bytes.prefix(count))
  }
}
