import Files

/// Where programs lie.
public enum SearchPath {
  /// The folders of `PATH`, joined by colons; the usual ones where it is not set.
  public static var folders: String {
    Environment.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
  }

  /// The file of a program, which can be run; nil where none of the folders has one.
  public static func program(_ name: String, in folders: String = SearchPath.folders) -> String? {
    folders.split(separator: ":").map { "\($0)/\(name)" }.first { path in
      // A folder of that name could be run, too, as far as access is asked.
      FilePlace(path).isExecutable && FilePlace(path).kind == .file
    }
  }
}
