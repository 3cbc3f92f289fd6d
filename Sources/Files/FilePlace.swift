import CMachine
import Glibc
import SystemPackage

/// A path, and what is there.
public struct FilePlace: Hashable, Sendable {
  /// What is at a path, links followed.
  public enum Kind: Hashable, Sendable {
    case file, folder, other
  }

  /// The path as it was given.
  public let path: String

  /// Names a place.
  public init(_ path: String) { self.path = path }

  /// What is there; nil for nothing, or nothing that may be seen.
  public var kind: Kind? { try? status() }

  /// What is there.
  ///
  /// The corresponding C function is `stat`.
  ///
  /// - Throws: ``SystemCallError`` where nothing is, or nothing that may be seen.
  public func status() throws(SystemCallError) -> Kind {
    let type: FileType
    do throws(Errno) { type = try Stat(path).type } catch { throw SystemCallError("stat", error) }
    switch type {
    case .regular: return .file
    case .directory: return .folder
    default: return .other
    }
  }

  /// Whether anything is there.
  ///
  /// The corresponding C function is `access`, as of the others.
  public var exists: Bool { access(path, F_OK) == 0 }

  /// Whether it can be run, or entered where it is a folder.
  public var isExecutable: Bool { access(path, X_OK) == 0 }

  /// Sees that a folder can be read and entered.
  ///
  /// - Throws: ``SystemCallError`` where it cannot.
  public func checkFolder() throws(SystemCallError) {
    guard access(path, R_OK | X_OK) == 0 else { throw SystemCallError("access", errno: errno) }
  }

  /// The names of what is in a folder, in no order; none where there is no folder.
  ///
  /// The corresponding C functions are `opendir` and `readdir`.
  public var entries: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// The path without links; nil where there is nothing.
  ///
  /// The corresponding C function is `realpath`.
  public var resolved: String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  /// Makes a folder there, in one that exists.
  ///
  /// - Throws: ``SystemCallError``, with `EEXIST` where something has the name.
  public func makeFolder() throws(SystemCallError) {
    guard mkdir(path, 0o755) == 0 else { throw SystemCallError("mkdir", errno: errno) }
  }

  /// Makes a folder beside others of its kind, for this user alone.
  ///
  /// - Parameter prefix: How its path begins; six characters of the system's follow.
  /// - Returns: The folder.
  /// - Throws: ``SystemCallError`` where it cannot be made.
  public static func makePrivateFolder(_ prefix: String) throws(SystemCallError) -> FilePlace {
    // mkdtemp puts six characters of its own for as many X.
    var template = Array((prefix + String(repeating: "X", count: 6)).utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno: errno) }
    return FilePlace(
      String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  /// Removes a folder; false where it holds something, or cannot be removed.
  @discardableResult
  public func removeFolder() -> Bool { rmdir(path) == 0 }

  /// Removes a file; false where it cannot be removed.
  @discardableResult
  public func removeFile() -> Bool { unlink(path) == 0 }
}
