import Files
public import Machine

#if canImport(Glibc)
  import Glibc
#endif

/// Cases with numbers, worked on in a child process of the same program that says before each which one
/// it is, so that the parent knows what it did not survive.
public enum NumberedWork {
  /// Where the child writes the number: the descriptor of a file in memory.
  private static let place: Int32 = 3

  /// In the child: makes it end with its parent, and bounds its memory; false when the parent has gone.
  public static func begin(parent: Int32, memoryBytes: UInt = 4 << 30) -> Bool {
    guard ChildProcess.endWithParent(parent) else { return false }
    OwnProcess.limitMemory(to: UInt64(memoryBytes))
    return true
  }

  /// In the child: says which case comes next, and ends it by a signal should that take too long.
  public static func say(_ number: UInt64, patience: UInt32 = 20) {
    withUnsafeBytes(of: number) { _ = pwrite(place, $0.baseAddress, $0.count, 0) }
    alarm(patience)
  }

  /// In the child: says something about what it does now that the parent is to know should it end.
  public static func mark(_ mark: UInt8) {
    withUnsafeBytes(of: mark) { _ = pwrite(place, $0.baseAddress, 1, 8) }
  }

  /// How a child ended.
  public struct End: Sendable {
    /// The number that it said last.
    public let reached: UInt64
    /// What it marked last; 0 when nothing.
    public let mark: UInt8
    /// How it ended.
    public let ending: ChildProcess.Ending
  }

  /// In the parent: runs a child until it ends.
  ///
  /// - Parameters:
  ///   - arguments: What it is told.
  ///   - environment: All of its environment, backtraces aside.
  ///   - descriptors: What it has open besides.
  ///   - seconds: After which it should have ended by itself; killed a minute later.
  /// - Returns: How it ended; nil when none could be started.
  public static func child(
    _ arguments: [String], environment: [String: String] = ["PATH": "/usr/bin:/bin"],
    descriptors: [(own: Int32, from: Int32)] = [], seconds: Double
  ) -> End? {
    var settings = environment
    settings["SWIFT_BACKTRACE"] = "enable=no"
    guard let file = try? MemoryFile("place"),
      let child = try? ChildProcess(
        ChildProcess.sameProgram, arguments: arguments, environment: settings,
        descriptors: [(place, file.descriptor)] + descriptors)
    else {
      print("no process can be started")
      return nil
    }
    if child.wait(seconds: seconds + 60) == nil { child.kill() }
    guard let ending = child.ending else { return nil }
    let said = file.contents()
    let number = said.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return End(reached: number, mark: said.count > 8 ? said[8] : 0, ending: ending)
  }
}
