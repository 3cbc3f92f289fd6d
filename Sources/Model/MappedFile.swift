import Glibc

/// A file of which the kernel brings in the pages that are read.
public final class MappedFile: Sendable {
  /// Its contents.
  ///
  /// A file that is shortened meanwhile ends the process that reads beyond its end.
  nonisolated(unsafe) public let bytes: UnsafeRawBufferPointer

  /// Maps a whole file.
  ///
  /// The corresponding C functions are `open`, `fstat` and `mmap`.
  ///
  /// - Throws: ``MappedFileError`` when it cannot be opened, or is no regular file.
  public init(_ path: String) throws(MappedFileError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw MappedFileError(path, "open", errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw MappedFileError(path, "fstat", errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw MappedFileError(path, "is no regular file")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), base != MAP_FAILED else {
      throw MappedFileError(path, "mmap", errno)
    }
    bytes = UnsafeRawBufferPointer(start: base, count: count)
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }

  /// All of it, as memory of tensors.
  public var memory: TensorMemory { TensorMemory(bytes, owner: self) }
}

/// A file that cannot be mapped.
public struct MappedFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// Why.
  public let reason: String
  /// The error number of the call that failed; `nil` where none did.
  public let errno: Int32?

  init(_ path: String, _ call: String, _ number: Int32) {
    self.path = path
    reason = "\(call): \(String(cString: strerror(number)))"
    errno = number
  }

  init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
    errno = nil
  }

  /// File and reason.
  public var description: String { "\(path): \(reason)" }
}
