import CMachine
import Glibc
import SystemPackage

/// A file that is being written: it appears under its name whole or not at all, and a process that is
/// killed meanwhile leaves nothing behind.
///
/// It has no name until then; where the file system cannot do that, one that no other run ever has.
/// Everything that is written under a name goes through here.
public final class TemporaryFile {
  private let file: OpenFile
  /// The folder's path with a `/` behind it; empty for the current one.
  private let folder: String
  /// Its path while it has a name of its own.
  private var name: String?

  private static let prefix = ".ntprof-"
  private static let suffix = ".tmp"

  /// Opens one in a folder.
  ///
  /// - Throws: ``SystemCallError`` of what the kernel says.
  public init(in folder: String) throws(SystemCallError) {
    self.folder = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
    let place = folder.isEmpty ? "." : folder
    if let unnamed = try Self.unnamed(in: place) {
      file = unnamed
      return
    }
    Self.removeAbandoned(in: place)
    let named = try Self.named(in: self.folder)
    file = named.file
    name = named.path
  }

  /// One without a name; nil where there is no such thing.
  private static func unnamed(in folder: String) throws(SystemCallError) -> OpenFile? {
    do throws(SystemCallError) {
      let file = try UnnamedFile.open(in: folder)
      return UnnamedFile.canBeLinked(file) ? file : nil
    } catch {
      guard UnnamedFile.isMissing(error.code) else { throw error }
      return nil
    }
  }

  /// One with a name that nobody has.
  private static func named(
    in folder: String
  ) throws(SystemCallError) -> (file: OpenFile, path: String) {
    while true {
      let path = folder + uniqueName()
      do throws(SystemCallError) {
        let file = try OpenFile(
          path, .writeOnly, options: [.create, .exclusiveCreate],
          permissions: [.ownerReadWrite, .groupRead, .otherRead])
        return (file, path)
      } catch {
        guard error.code == .fileExists else { throw error }
      }
    }
  }

  /// Opens one that holds all of some bytes, on the disk already.
  ///
  /// - Throws: ``SystemCallError`` of what failed.
  public convenience init(in folder: String, holding bytes: [UInt8]) throws(SystemCallError) {
    try self.init(in: folder)
    try file.descriptor.writeWhole(bytes)
    try sync()
  }

  deinit {
    if let name { unlink(name) }
  }

  /// Appends bytes.
  ///
  /// - Throws: ``SystemCallError`` of what failed.
  public func write(_ bytes: RawSpan) throws(SystemCallError) {
    try file.descriptor.writeWhole(bytes)
  }

  /// Sees that what was written is on the disk.
  ///
  /// The corresponding C function is `fsync`.
  ///
  /// - Throws: ``SystemCallError`` of what failed.
  public func sync() throws(SystemCallError) {
    while fsync(file.descriptor.rawValue) != 0 {
      // A file system that knows no such thing has nothing to wait for.
      if errno == EINVAL { return }
      if errno != EINTR { throw SystemCallError("fsync", errno: errno) }
    }
  }

  /// Gives it a name that nobody has yet.
  ///
  /// A link, unlike a rename, never takes the place of another file: of two runs that end at once
  /// each keeps its own.
  ///
  /// - Returns: Whether it has the name; false where somebody else's has it.
  /// - Throws: ``SystemCallError`` of what failed.
  public func appear(asNew target: String) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      guard let name else {
        try UnnamedFile.link(file, as: target)
        return true
      }
      if link(name, target) == 0 { return true }
      let code = errno
      // A file system without links.
      guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(code) else {
        throw SystemCallError("link", errno: code)
      }
    } catch {
      if error.code == .fileExists { return false }
      throw error
    }
    if FilePlace(target).exists { return false }
    try appear(as: target)
    return true
  }

  /// Gives it a name, replacing a file that has it.
  ///
  /// - Throws: ``SystemCallError`` of what failed.
  public func appear(as target: String) throws(SystemCallError) {
    let path = try ownName()
    guard rename(path, target) == 0 else { throw SystemCallError("rename", errno: errno) }
    name = nil
  }

  /// A name of its own, by which it can be renamed.
  private func ownName() throws(SystemCallError) -> String {
    if let name { return name }
    while true {
      let path = folder + Self.uniqueName()
      do throws(SystemCallError) {
        try UnnamedFile.link(file, as: path)
        name = path
        return path
      } catch {
        guard error.code == .fileExists else { throw error }
      }
    }
  }

  private static func uniqueName() -> String {
    "\(prefix)\(getpid())-\(String(UInt64.random(in: 0...(.max)), radix: 36))\(suffix)"
  }

  /// Removes what killed runs left an hour ago or earlier.
  private static func removeAbandoned(in folder: String) {
    for name in FilePlace(folder).entries where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      let path = "\(folder)/\(name)"
      if cmachine_file_age(path) > 3600 { unlink(path) }
    }
  }
}
