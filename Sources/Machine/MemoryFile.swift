import CMachine
import Glibc

/// A file in memory, without a name: it vanishes with the last process that has it open, however
/// that ends.
public final class MemoryFile {
  /// The descriptor; closed on exec, and at least 64 so that a child's own can take the low ones.
  public let descriptor: Int32

  /// Makes an empty file.
  ///
  /// The corresponding C function is `memfd_create`.
  ///
  /// - Parameter name: Shown in `/proc/self/fd`, with no other meaning.
  /// - Throws: ``SystemCallError`` of the kernel's refusal.
  public init(_ name: String) throws(SystemCallError) {
    let file = cmachine_memory_file(name)
    if file < 0 { throw SystemCallError("memfd_create", errno: -file) }
    descriptor = file
  }

  /// Makes a file that holds bytes, to be read from the first one on.
  ///
  /// - Parameters:
  ///   - name: As ``init(_:)``.
  ///   - bytes: What it holds.
  /// - Throws: ``SystemCallError`` of what failed.
  public convenience init(_ name: String, holding bytes: [UInt8]) throws(SystemCallError) {
    try self.init(name)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) }
      if count < 0, Glibc.errno != EINTR { throw SystemCallError("write", errno: Glibc.errno) }
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  /// Makes a copy of a file.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``SystemCallError`` of what failed.
  public convenience init(copying path: String) throws(SystemCallError) {
    try self.init("copy")
    let source = open(path, O_RDONLY | O_CLOEXEC)
    if source < 0 { throw SystemCallError("open \(path)", errno: Glibc.errno) }
    defer { close(source) }
    while true {
      let count = sendfile(descriptor, source, nil, 1 << 30)
      if count == 0 { return }
      if count < 0, Glibc.errno != EINTR { throw SystemCallError("sendfile", errno: Glibc.errno) }
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: ``SystemCallError`` of the kernel's refusal.
  public func write(_ bytes: [UInt8]) throws(SystemCallError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        Glibc.write(descriptor, all.baseAddress?.advanced(by: offset), all.count - offset)
      }
      if count < 0, Glibc.errno == EINTR { continue }
      if count < 0 { throw SystemCallError("write", errno: Glibc.errno) }
      offset += count
    }
  }

  deinit { close(descriptor) }

  /// What has been written so far, from an offset on; its place for others is left alone.
  ///
  /// - Parameter offset: Where to begin.
  /// - Returns: The bytes.
  public func contents(from offset: Int = 0) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0, Int(status.st_size) > offset else { return [] }
    return [UInt8](unsafeUninitializedCapacity: Int(status.st_size) - offset) { buffer, count in
      while count < buffer.count {
        let rest = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
        let read = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + count))
        if read < 0, errno == EINTR { continue }
        if read <= 0 { return }
        count += read
      }
    }
  }
}

/// A system call that failed.
public struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The call.
  public let call: String
  /// Its error number.
  public let errno: Int32

  /// Names a failed call.
  public init(_ call: String, errno: Int32) {
    self.call = call
    self.errno = errno
  }

  /// The call and the C library's words for the number.
  public var description: String { "\(call): \(String(cString: strerror(errno)))" }
}
