import Files

/// A file being written in parts that appears under its name whole or not at all.
package struct NewFile {
  /// Its path as the user named it.
  package let path: String
  private let file: TemporaryFile

  /// Opens a temporary file beside the path.
  private init(_ path: String) throws(Failure) {
    self.path = path
    if let kind = FilePlace(path).kind, kind != .file {
      throw Failure(.cannotCreate, "\(path): is not a regular file")
    }
    do throws(SystemCallError) {
      file = try TemporaryFile(in: path.lastIndex(of: "/").map { String(path[...$0]) } ?? "")
    } catch {
      throw Failure(.cannotCreate, "\(path): \(error.reason)")
    }
  }

  /// Appends bytes.
  package func write(_ bytes: RawSpan) throws(Failure) {
    do throws(SystemCallError) { try file.write(bytes) } catch { throw failure(error) }
  }

  private func failure(_ error: SystemCallError) -> Failure {
    Failure(.inputOutput, "\(path): \(error.reason)")
  }

  /// Writes a file by `body`, and leaves nothing behind if that fails; a file of that name is replaced.
  package static func write(_ path: String, _ body: (NewFile) throws(Failure) -> Void)
    throws(Failure)
  {
    let new = try NewFile(path)
    try body(new)
    do throws(SystemCallError) {
      try new.file.sync()
      try new.file.appear(as: path)
    } catch {
      throw new.failure(error)
    }
  }

  /// Writes a file of some bytes.
  package static func write(_ path: String, _ bytes: [UInt8]) throws(Failure) {
    try write(path) { (file) throws(Failure) in try file.write(bytes.span.bytes) }
  }
}
