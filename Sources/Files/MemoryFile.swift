import CMachine
import Glibc
import SystemPackage

/// A file in memory, without a name: it vanishes with the last process that has it open, however
/// that ends.
public final class MemoryFile {
  private let file: OpenFile

  /// The descriptor; closed on exec, and at least 64 so that a child's own can take the low ones.
  public var descriptor: Int32 { file.descriptor.rawValue }

  /// Makes an empty file.
  ///
  /// The corresponding C function is `memfd_create`.
  ///
  /// - Parameter name: Shown in `/proc/self/fd`, with no other meaning.
  /// - Throws: ``SystemCallError`` of the kernel's refusal.
  public init(_ name: String) throws(SystemCallError) {
    let descriptor = cmachine_memory_file(name)
    if descriptor < 0 { throw SystemCallError("memfd_create", errno: -descriptor) }
    file = OpenFile(FileDescriptor(rawValue: descriptor))
  }

  /// Makes a file that holds bytes, to be read from the first one on.
  ///
  /// - Parameters:
  ///   - name: As ``init(_:)``.
  ///   - bytes: What it holds.
  /// - Throws: ``SystemCallError`` of what failed.
  public convenience init(_ name: String, holding bytes: [UInt8]) throws(SystemCallError) {
    try self.init(name)
    try write(bytes)
    try rewind()
  }

  /// Makes a copy of a file.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``SystemCallError`` of what failed.
  public convenience init(copying path: String) throws(SystemCallError) {
    try self.init("copy")
    let source: OpenFile
    do throws(SystemCallError) { source = try OpenFile(path, .readOnly) } catch {
      throw SystemCallError("open \(path)", error.code)
    }
    while true {
      let count = sendfile(descriptor, source.descriptor.rawValue, nil, 1 << 30)
      if count == 0 { return }
      if count < 0, errno != EINTR { throw SystemCallError("sendfile", errno: errno) }
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: ``SystemCallError`` of the kernel's refusal.
  public func write(_ bytes: [UInt8]) throws(SystemCallError) {
    try file.descriptor.writeWhole(bytes)
  }

  /// Has it read from its first byte on.
  ///
  /// - Throws: ``SystemCallError`` of the kernel's refusal.
  public func rewind() throws(SystemCallError) {
    _ = try SystemCallError.naming("lseek") { try file.descriptor.seek(offset: 0, from: .start) }
  }

  /// What has been written so far, from an offset on; its place for others is left alone.
  ///
  /// - Parameter offset: Where to begin.
  /// - Returns: The bytes.
  public func contents(from offset: Int = 0) -> [UInt8] {
    guard let status = try? file.descriptor.stat(), Int(status.size) > offset else { return [] }
    let size = Int(status.size) - offset
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let rest = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<size])
        guard
          let read = try? file.descriptor.read(
            fromAbsoluteOffset: Int64(offset + count), into: rest), read > 0
        else { return }
        count += read
      }
    }
  }
}
