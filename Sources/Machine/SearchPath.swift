import CMachine
import Glibc

/// Where programs lie.
public enum SearchPath {
  /// The folders of `PATH`, joined by colons; the usual ones where it is not set.
  public static var folders: String {
    getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
  }

  /// The file of a program, which can be run; nil where none of the folders has one.
  public static func program(_ name: String, in folders: String = SearchPath.folders) -> String? {
    folders.split(separator: ":").map { "\($0)/\(name)" }.first { path in
      var status = stat()
      // A folder of that name could be run, too, as far as access is asked.
      return access(path, X_OK) == 0 && stat(path, &status) == 0
        && status.st_mode & S_IFMT == S_IFREG
    }
  }
}
