import Glibc
import Machine

/// A file being written in parts that appears under its name whole or not at all.
package struct NewFile {
  /// Its path as the user named it.
  package let path: String
  private let file: TemporaryFile

  /// Opens a temporary file beside the path.
  private init(_ path: String) throws(Failure) {
    self.path = path
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw Failure(.cannotCreate, "\(path): is not a regular file")
    }
    do throws(SystemCallError) {
      file = try TemporaryFile(in: path.lastIndex(of: "/").map { String(path[...$0]) } ?? "")
    } catch {
      throw Failure(.cannotCreate, "\(path): \(String(cString: strerror(error.errno)))")
    }
  }

  /// Appends bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    try check(file.write(bytes))
  }

  private func check(_ error: Int32) throws(Failure) {
    guard error == 0 else {
      throw Failure(.inputOutput, "\(path): \(String(cString: strerror(error)))")
    }
  }

  /// Writes a file by `body`, and leaves nothing behind if that fails; a file of that name is replaced.
  package static func write(_ path: String, _ body: (NewFile) throws(Failure) -> Void)
    throws(Failure)
  {
    let new = try NewFile(path)
    try body(new)
    try new.check(new.file.sync())
    try new.check(new.file.appear(as: path))
  }
}
