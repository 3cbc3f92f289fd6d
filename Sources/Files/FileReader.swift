import SystemPackage

/// Reads whole regular files, without ever waiting for a writer.
public enum FileReader {
  /// A file's bytes.
  ///
  /// The corresponding C functions are `open`, `fstat` and `read`. Size and kind are asked of the open
  /// file, so that they are those of what is read; it is read to its end, for files in `/proc` say that
  /// they are empty, and a file may grow meanwhile.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: How many bytes it may have.
  /// - Returns: All of them.
  /// - Throws: ``FileError`` when there is no such regular file, it is too large, or reading fails.
  public static func read(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
    let file = try RegularFile(path)
    guard file.size <= limit else {
      throw FileError(path, .tooLarge(bytes: file.size, limit: limit))
    }
    let bytes: [UInt8]
    do throws(SystemCallError) {
      bytes = try file.file.descriptor.readWhole(expected: file.size, limit: limit)
    } catch {
      throw FileError(path, .refused(error))
    }
    guard bytes.count <= limit else {
      throw FileError(path, .tooLarge(bytes: bytes.count, limit: limit))
    }
    return bytes
  }

  /// A file's text; nil when it cannot be read.
  public static func text(_ path: String) -> String? {
    (try? read(path)).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// A regular file that is open to be read.
struct RegularFile {
  let file: OpenFile
  /// Its size as it was opened.
  let size: Int

  /// Opens one.
  init(_ path: String) throws(FileError) {
    do throws(SystemCallError) {
      // A FIFO without a writer would block open(2) forever.
      file = try OpenFile(path, .readOnly, options: .nonBlocking)
    } catch {
      switch error.code {
      case .noSuchFileOrDirectory, .notDirectory: throw FileError(path, .missing)
      case .noSuchAddressOrDevice: throw FileError(path, .notRegular(kind: "a socket or device"))
      default: throw FileError(path, .refused(error))
      }
    }
    let status: Stat
    do throws(Errno) { status = try file.descriptor.stat() } catch {
      throw FileError(path, .refused(SystemCallError("fstat", error)))
    }
    switch status.type {
    case .regular: break
    case .directory: throw FileError(path, .notRegular(kind: "a directory"))
    case .fifo: throw FileError(path, .notRegular(kind: "a FIFO"))
    default: throw FileError(path, .notRegular(kind: "a device"))
    }
    size = Int(status.size)
  }
}
