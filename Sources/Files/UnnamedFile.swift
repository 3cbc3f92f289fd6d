import CMachine
import Glibc
import SystemPackage

/// Files without a name, which vanish unless they are given one.
enum UnnamedFile {
  /// Opens one in a folder, for writing.
  ///
  /// The corresponding C function is `open` with `O_TMPFILE`.
  ///
  /// - Throws: ``SystemCallError`` of the kernel's refusal.
  static func open(in folder: String) throws(SystemCallError) -> OpenFile {
    let descriptor = cmachine_unnamed_file(folder, 0o644)
    if descriptor < 0 { throw SystemCallError("open", errno: -descriptor) }
    return OpenFile(FileDescriptor(rawValue: descriptor))
  }

  /// Whether a file system that answers so has no such files.
  static func isMissing(_ code: Errno) -> Bool {
    [.notSupportedOnSocket, .isDirectory, .invalidArgument, .noSuchFileOrDirectory].contains(code)
  }

  /// Whether it can be given a name: where `/proc` is mounted.
  static func canBeLinked(_ file: OpenFile) -> Bool { FilePlace(path(of: file)).exists }

  /// Gives it a name that nobody has yet.
  ///
  /// The corresponding C function is `linkat`.
  ///
  /// - Throws: ``SystemCallError``, with `EEXIST` where the name is taken.
  static func link(_ file: OpenFile, as name: String) throws(SystemCallError) {
    guard linkat(AT_FDCWD, path(of: file), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
      throw SystemCallError("linkat", errno: errno)
    }
  }

  private static func path(of file: OpenFile) -> String {
    "/proc/self/fd/\(file.descriptor.rawValue)"
  }
}
