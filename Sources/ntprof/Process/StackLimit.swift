import Machine
import Session

/// The stack that the shell allows.
enum StackLimit {
  /// Bytes below which a run would end in the middle by a fault of memory.
  private static let least: UInt64 = 1 << 20

  /// Sees that there is enough of it, while there is still enough to say so.
  static func check() throws(Failure) {
    guard let limit = OwnProcess.stackLimit, limit < least else { return }
    throw Failure(
      .software, "the stack is limited to \(limit >> 10) KiB, and 1024 are needed",
      remedy: "ulimit -s 8192")
  }
}
