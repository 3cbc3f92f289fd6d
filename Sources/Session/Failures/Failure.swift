package import Topology

/// Why a command ends early: one message for the user and the documented exit status.
///
/// Printed as compilers print theirs, so that editors and CI find the place:
/// `FILE:LINE:COLUMN: error: MESSAGE`, or `ntprof: error: MESSAGE` where no place is at fault; below it
/// `hint: …` where something can be done.
package struct Failure: Error, CustomStringConvertible {
  /// The documented exit statuses.
  package enum Status: Int32 {
    case regression = 1
    case cannotTell = 2
    case usage = 64
    case data = 65
    case noInput = 66
    case unavailable = 69
    case software = 70
    case cannotCreate = 73
    case inputOutput = 74
    case doubtful = 75
    case interrupted = 130
  }

  package let exit: Status
  /// What went wrong; of a fault in a file all of what is printed.
  package let message: String
  package let remedy: String?
  /// Whether the message begins with its place and `error:`.
  package let isPlaced: Bool

  package init(_ exit: Status, _ message: String, remedy: String? = nil) {
    self.exit = exit
    self.message = message
    self.remedy = remedy
    isPlaced = false
  }

  /// A fault at a place of a file; without one, the file is named at least.
  package init(
    _ exit: Status, at place: SourceLocation?, of file: String, _ message: String,
    remedy: String? = nil
  ) {
    self.exit = exit
    self.message = place.map { "\($0): error: \(message)" } ?? "\(file): \(message)"
    self.remedy = remedy
    isPlaced = place != nil
  }

  /// A failure whose message is whole: each line says its place and `error:`.
  package init(_ exit: Status, placed message: String) {
    self.exit = exit
    self.message = message
    remedy = nil
    isPlaced = true
  }

  package var status: Int32 { exit.rawValue }

  package var description: String {
    (isPlaced ? "" : Self.prefix) + message + (remedy.map { "\n  hint: \($0)" } ?? "")
  }

  /// What stands before messages without a place.
  package static let prefix = "ntprof: error: "
}
