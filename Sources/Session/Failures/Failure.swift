package import Topology

/// Why a command ends early: one message for the user and the documented exit status.
///
/// Printed as compilers print theirs, so that editors and CI find the place:
/// `FILE:LINE:COLUMN: error: MESSAGE`, or `ntprof: error: MESSAGE` where no place is at fault; below it
/// `hint: …` where something can be done.
public struct Failure: Error, CustomStringConvertible {
  /// The documented exit statuses.
  public enum Status: Int32, Sendable {
    /// A comparison is beyond its gate.
    case regression = 1
    /// Whether it is within its gate cannot be told.
    case cannotTell = 2
    /// What was asked for makes no sense.
    case usage = 64
    /// A file is invalid, or a network cannot be run.
    case data = 65
    /// A file is not there.
    case noInput = 66
    /// Something that was demanded is not here.
    case unavailable = 69
    /// Something inside failed.
    case software = 70
    /// A file or folder cannot be made.
    case cannotCreate = 73
    /// Reading or writing failed.
    case inputOutput = 74
    /// The result is doubtful, and that was not to be.
    case doubtful = 75
    /// The user asked to stop.
    case interrupted = 130
  }

  /// How the command ends.
  public let exit: Status
  /// What went wrong; of a fault in a file all of what is printed.
  public let message: String
  /// What to do about it; nil where nothing is known.
  public let remedy: String?
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

  /// ``exit`` as a number.
  public var status: Int32 { exit.rawValue }

  /// All of what is printed.
  public var description: String {
    (isPlaced ? "" : Self.prefix) + message + (remedy.map { "\n  hint: \($0)" } ?? "")
  }

  /// What stands before messages without a place.
  package static let prefix = "ntprof: error: "
}
