import Glibc

/// The environment variables of this process.
public enum Environment {
  /// A variable; nil where it is not set.
  ///
  /// The corresponding C function is `getenv`.
  public static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// A variable that is set and not empty.
  public static func filled(_ name: String) -> String? {
    variable(name).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// All of them.
  public static var all: [String: String] {
    var found: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        found[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      entry += 1
    }
    return found
  }
}
