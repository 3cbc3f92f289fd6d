import CMachine
import Glibc

/// Files without a name, which vanish unless they are given one.
public enum UnnamedFile {
  /// Opens one in a folder, for writing.
  ///
  /// The corresponding C function is `open` with `O_TMPFILE`.
  ///
  /// - Returns: A descriptor that is closed on exec, or -errno; -`EOPNOTSUPP`, -`EISDIR` or -`EINVAL`
  ///   where the file system has none.
  public static func open(in folder: String, mode: UInt32) -> Int32 {
    cmachine_unnamed_file(folder, mode)
  }

  /// Whether it can be given a name: where `/proc` is mounted.
  public static func canBeLinked(_ descriptor: Int32) -> Bool {
    access("/proc/self/fd/\(descriptor)", F_OK) == 0
  }

  /// Gives it a name that nobody has yet.
  ///
  /// The corresponding C function is `linkat`.
  ///
  /// - Returns: 0 or an error number, `EEXIST` where the name is taken.
  public static func link(_ descriptor: Int32, as path: String) -> Int32 {
    linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
      ? 0 : errno
  }
}
