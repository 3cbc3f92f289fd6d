/// Why a command ends early: one message for the user and the documented exit status.
struct Failure: Error, CustomStringConvertible {
  /// The documented exit statuses.
  enum Status: Int32 {
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

  let exit: Status
  let message: String
  let remedy: String?

  init(_ exit: Status, _ message: String, remedy: String? = nil) {
    self.exit = exit
    self.message = message
    self.remedy = remedy
  }

  var status: Int32 { exit.rawValue }

  var description: String {
    message + (remedy.map { "\n  \($0)" } ?? "")
  }
}
