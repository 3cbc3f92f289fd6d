import Files

/// What the kernel's accounts say of another process that lives.
public struct ProcessAccount: Hashable, Sendable {
  /// Its number.
  public let id: Int32

  /// Names a process.
  public init(id: Int32) { self.id = id }

  /// CPU time of those of its threads that live, ns (`/proc/PID/task/*/schedstat`).
  public var cpuNs: UInt64 {
    var sum: UInt64 = 0
    for name in FilePlace("/proc/\(id)/task").entries {
      guard let line = TextFile.line("/proc/\(id)/task/\(name)/schedstat"),
        let ran = line.split(separator: " ").first.flatMap({ UInt64($0) })
      else { continue }
      sum += ran
    }
    return sum
  }

  /// Its largest resident set so far, bytes (`VmHWM`); nil when the kernel does not say.
  public var peakResidentBytes: Int? {
    TextFile.read("/proc/\(id)/status").flatMap { StatusFields($0).bytes("VmHWM") }
  }
}
