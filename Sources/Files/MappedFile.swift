import Glibc
import SystemPackage

/// A file of which the kernel brings in the pages that are read.
public final class MappedFile: Sendable {
  /// Its contents, which nobody sees but through ``withBytes(_:)``.
  @usableFromInline nonisolated(unsafe) let memory: UnsafeRawBufferPointer

  /// Maps a whole regular file.
  ///
  /// The corresponding C functions are `open`, `fstat` and `mmap`. Size and kind are asked of the open
  /// file.
  ///
  /// - Throws: ``FileError`` when there is no such regular file or it cannot be mapped.
  public init(_ path: String) throws(FileError) {
    let file = try RegularFile(path)
    do throws(SystemCallError) {
      memory = UnsafeRawBufferPointer(
        try Self.map(file.size, PROT_READ, MAP_PRIVATE, file.file.descriptor.rawValue))
    } catch {
      throw FileError(path, .refused(error))
    }
  }

  /// Copies bytes into memory that stands for a file.
  ///
  /// - Throws: ``SystemCallError`` when there is no memory for them.
  public init(holding content: [UInt8]) throws(SystemCallError) {
    let copy = try Self.map(
      content.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1)
    copy.copyBytes(from: content)
    memory = UnsafeRawBufferPointer(copy)
  }

  deinit {
    if let base = memory.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: base), memory.count)
    }
  }

  /// The number of bytes.
  public var count: Int { memory.count }

  /// Calls `body` with the contents, which are mapped until it returns at least; nothing is copied.
  ///
  /// A file that is shortened meanwhile ends the process that reads beyond its end.
  ///
  /// - Throws: What `body` throws.
  @inlinable
  public func withBytes<Result, Problem: Error>(
    _ body: (RawSpan) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    try withExtendedLifetime(self) { () throws(Problem) in try body(memory.bytes) }
  }

  /// Memory of so many bytes; none of none, which the kernel does not map.
  private static func map(
    _ count: Int, _ protection: Int32, _ flags: Int32, _ descriptor: Int32
  ) throws(SystemCallError) -> UnsafeMutableRawBufferPointer {
    guard count > 0 else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    guard let base = mmap(nil, count, protection, flags, descriptor, 0), base != MAP_FAILED else {
      throw SystemCallError("mmap", errno: errno)
    }
    return UnsafeMutableRawBufferPointer(start: base, count: count)
  }
}
