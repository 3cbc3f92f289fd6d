import SystemPackage
import XMLTree

/// Why a topology could not be read.
public enum TopologyReadError: Error, Hashable, Sendable {
  /// Nothing is at that path.
  case noSuchFile(path: String)
  /// A directory, FIFO, socket or device is at that path; `kind` says which.
  case notRegularFile(path: String, kind: String)
  /// The system refused to open or read it.
  case unreadable(path: String, errno: Int32)
  /// The file is larger than the limit, e.g. ``TopologyReader/maximumBytes``.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// The file is no valid topology.
  case invalid([TopologyDiagnostic])
  /// A parameter was to be overridden that the topology does not have.
  case unknownParameter(name: String, known: [String])

  /// The exit status of a command that ends with this error (those of BSD's `sysexits.h`).
  public var exitStatus: Int32 {
    switch self {
    case .unknownParameter: 64
    case .invalid, .tooLarge: 65
    case .noSuchFile, .notRegularFile: 66
    case .unreadable: 74
    }
  }
}

extension TopologyReadError: CustomStringConvertible {
  /// The sentence, or one diagnostic a line.
  public var description: String {
    switch self {
    case .noSuchFile(let path): "\(path): no such file"
    case .notRegularFile(let path, let kind): "\(path): is \(kind), not a regular file"
    case .unreadable(let path, let code): "\(path): \(Errno(rawValue: code))"
    case .tooLarge(let path, let bytes, let limit):
      "\(path): \(bytes) bytes are more than the \(limit >> 20) MiB allowed"
    case .invalid(let diagnostics):
      diagnostics.map(\.description).joined(separator: "\n")
        + (diagnostics.count < DiagnosticLog.limit
          ? "" : "\n(stopped after \(DiagnosticLog.limit) errors)")
    case .unknownParameter(let name, let known):
      "no parameter is named '\(name)'"
        + (Spelling.suggestion(for: name, among: known).map { "; did you mean '\($0)'" } ?? "")
        + (known.isEmpty
          ? "; the topology has none" : "; known: \(known.joined(separator: ", "))")
    }
  }
}
