public import SystemPackage

/// An open file, closed when it is let go of.
public final class OpenFile: Sendable {
  /// Its descriptor.
  public let descriptor: FileDescriptor

  /// Takes over a descriptor.
  public init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

  /// Opens a file; children do not inherit it.
  ///
  /// - Throws: ``SystemCallError`` of the kernel's refusal.
  public convenience init(
    _ path: String, _ mode: FileDescriptor.AccessMode,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions? = nil
  ) throws(SystemCallError) {
    // A path of bytes: a `FilePath` would drop a slash at its end, which asks for a folder.
    self.init(
      try SystemCallError.naming("open") {
        try path.withCString { bytes in
          try FileDescriptor.open(
            bytes, mode, options: options.union(.closeOnExec), permissions: permissions)
        }
      })
  }

  deinit { try? descriptor.close() }
}

extension FileDescriptor {
  /// Writes all of some bytes at its place.
  ///
  /// - Throws: ``SystemCallError`` of the first that was not taken.
  public func writeWhole(_ bytes: RawSpan) throws(SystemCallError) {
    try bytes.withUnsafeBytes { (all) throws(SystemCallError) in
      var rest = all[...]
      while !rest.isEmpty {
        let count = try SystemCallError.naming("write") {
          try write(UnsafeRawBufferPointer(rebasing: rest))
        }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Writes all of some bytes at its place.
  ///
  /// - Throws: ``SystemCallError`` of the first that was not taken.
  public func writeWhole(_ bytes: [UInt8]) throws(SystemCallError) {
    try writeWhole(bytes.span.bytes)
  }

  /// Reads from its place to its end.
  ///
  /// - Parameters:
  ///   - expected: How many bytes there most likely are.
  ///   - limit: How many are wanted at most; a byte more tells that there are more.
  /// - Returns: The bytes.
  /// - Throws: ``SystemCallError`` of what could not be read.
  public func readWhole(expected: Int = 0, limit: Int = .max) throws(SystemCallError) -> [UInt8] {
    // One more than expected: its end is seen without making room for more.
    var bytes = [UInt8](repeating: 0, count: max(expected, 4095) + 1)
    var count = 0
    while count <= limit {
      if count == bytes.count { bytes += [UInt8](repeating: 0, count: count) }
      let got = try SystemCallError.naming("read") {
        try bytes.withUnsafeMutableBytes { buffer in
          try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
        }
      }
      if got == 0 { break }
      count += got
    }
    bytes.removeSubrange(count...)
    return bytes
  }
}
