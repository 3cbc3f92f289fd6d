public import Topology
import XMLTree

/// An error in a topology file: where, what, and what may help.
public struct TopologyDiagnostic: Hashable, Sendable, CustomStringConvertible {
  /// Where it stands.
  public let location: SourceLocation
  /// What is wrong, in one clause.
  public let message: String
  /// What may help, if anything.
  public let hint: String?

  /// Makes a diagnostic.
  public init(location: SourceLocation, message: String, hint: String? = nil) {
    self.location = location
    self.message = message
    self.hint = hint
  }

  /// The line `file:line:column: error: message`, and a line `hint: …` where there is one.
  public var description: String {
    "\(location): error: \(message)" + (hint.map { "\n  hint: \($0)" } ?? "")
  }
}

/// Collects diagnostics of one file: one a place, and not without end.
struct DiagnosticLog {
  /// More than this many help nobody.
  static let limit = 50

  let file: String
  private(set) var diagnostics: [TopologyDiagnostic] = []
  private var places: Set<XMLPosition> = []

  init(file: String) { self.file = file }

  var isEmpty: Bool { diagnostics.isEmpty }
  var isFull: Bool { diagnostics.count >= DiagnosticLog.limit }

  /// Keeps a diagnostic unless its place has one: a repeat would say the same again and again.
  mutating func report(_ position: XMLPosition, _ message: String, hint: String? = nil) {
    guard !isFull, places.insert(position).inserted else { return }
    add(position, message, hint: hint)
  }

  /// Keeps what the XML layer found.
  mutating func report(_ finding: XMLDiagnostic) {
    guard !isFull else { return }
    add(finding.position, finding.message, hint: finding.hint)
  }

  private mutating func add(_ position: XMLPosition, _ message: String, hint: String?) {
    diagnostics.append(
      TopologyDiagnostic(location: location(position), message: message, hint: hint))
  }

  func location(_ position: XMLPosition) -> SourceLocation {
    SourceLocation(file: file, line: position.line, column: position.column)
  }

  /// The error that says all of it, in order of place; `nil` where there is nothing to say.
  var error: TopologyReadError? {
    guard !isEmpty else { return nil }
    return .invalid(
      diagnostics.sorted {
        ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column)
      })
  }
}
