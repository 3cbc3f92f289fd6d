import Glibc

/// A regular file that is mapped, not read: pages come in when somebody looks at them.
public final class ModelFile: Sendable {
  /// The path as it was given.
  public let path: String
  private nonisolated(unsafe) let base: UnsafeMutableRawPointer?
  private let size: Int

  /// Maps a file.
  ///
  /// The corresponding C functions are `open`, `fstat` and `mmap`. Size and kind are asked of the open
  /// file.
  ///
  /// - Throws: ``ImportError`` when there is no such regular file or it cannot be mapped.
  public init(_ path: String) throws(ImportError) {
    self.path = path
    // A FIFO without a writer would block open(2) forever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ENOENT || code == ENOTDIR
        ? ImportError(.missing, file: path, "no such file")
        : ImportError(.unreadable, file: path, String(cString: strerror(code)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw ImportError(.unreadable, file: path, String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImportError(.missing, file: path, "is not a regular file")
    }
    size = Int(status.st_size)
    guard size > 0 else {
      base = nil
      return
    }
    guard let mapped = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
      mapped != MAP_FAILED
    else { throw ImportError(.unreadable, file: path, String(cString: strerror(errno))) }
    base = mapped
  }

  /// Copies bytes into memory that stands for a file.
  ///
  /// The corresponding C functions are `mmap` and `memcpy`.
  ///
  /// - Throws: ``ImportError`` when there is no memory for them.
  init(holding bytes: [UInt8], path: String) throws(ImportError) {
    self.path = path
    size = bytes.count
    guard size > 0 else {
      base = nil
      return
    }
    guard
      let memory = mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    else { throw ImportError(.unreadable, file: path, String(cString: strerror(errno))) }
    memcpy(memory, bytes, bytes.count)
    base = memory
  }

  deinit { if let base { munmap(base, size) } }

  /// The number of bytes.
  public var count: Int { size }

  /// The bytes; they live as long as the file is kept.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: size) }
}

/// A part of a mapped file, which it keeps mapped.
public struct FileBytes: Sendable {
  /// The file.
  public let file: ModelFile
  /// Where the part lies in it.
  public let range: Range<Int>

  /// A part of a file.
  ///
  /// - Precondition: The range lies in the file.
  public init(_ file: ModelFile, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.count, "a range of the file")
    self.file = file
    self.range = range
  }

  /// The bytes; they live as long as the file is kept.
  public var bytes: UnsafeRawBufferPointer { .init(rebasing: file.bytes[range]) }
}
