import CMachine
public import Files
import Glibc

/// Another program, run with descriptors of the caller's choice; killed when it is let go of.
public final class ChildProcess {
  /// How a process ended.
  public enum Ending: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this status.
    case exited(Int32)
    /// By this signal.
    case killed(Int32)
    /// Somehow: the kernel, or another part of this process, has let go of how.
    case unknown

    /// `status 70`, `signal 9 (Killed)` or `a status that nobody knows`.
    public var description: String {
      switch self {
      case .exited(let status): "status \(status)"
      case .killed(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
      case .unknown: "a status that nobody knows"
      }
    }
  }

  /// Its number.
  public let id: Int32
  /// How it ended; nil while it runs, as of the last ``poll()``.
  public private(set) var ending: Ending?

  /// Starts a program with nothing on its standard input and nowhere for its standard output.
  ///
  /// The corresponding C function is `posix_spawn`.
  ///
  /// - Parameters:
  ///   - path: The program's file.
  ///   - arguments: Its arguments, without its name.
  ///   - environment: All of its environment.
  ///   - descriptors: What it has open besides: its number, and the caller's.
  /// - Throws: ``SystemCallError`` when it cannot be started.
  public init(
    _ path: String, arguments: [String], environment: [String: String],
    descriptors: [(own: Int32, from: Int32)]
  ) throws(SystemCallError) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    for (own, from) in descriptors { posix_spawn_file_actions_adddup2(&actions, from, own) }
    // What this process ignores, a program that it starts would ignore, too.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var ignored = sigset_t()
    sigemptyset(&ignored)
    for number in [SIGPIPE, SIGXFSZ] { sigaddset(&ignored, number) }
    posix_spawnattr_setsigdefault(&attributes, &ignored)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    let words = CTexts([path] + arguments)
    let settings = CTexts(environment.map { "\($0.key)=\($0.value)" }.sorted())
    var child: pid_t = 0
    // A child takes over the mask of the thread that starts it.
    let error = Affinity.unpinned {
      posix_spawn(&child, path, &actions, &attributes, words.pointers, settings.pointers)
    }
    if error != 0 { throw SystemCallError(path, errno: error) }
    id = child
  }

  deinit { kill() }

  /// Looks whether it still runs.
  ///
  /// The corresponding C function is `waitpid`.
  ///
  /// - Returns: How it ended, or nil.
  @discardableResult
  public func poll() -> Ending? { wait(WNOHANG) }

  /// Waits until it has ended, for so many seconds at most.
  ///
  /// The corresponding C functions are `pidfd_open`, of Linux 5.3 on, and `poll`; of an older kernel
  /// `waitpid`, without a limit.
  ///
  /// - Returns: How it ended; nil while it still runs.
  @discardableResult
  public func wait(seconds: Double) -> Ending? {
    if let ending = poll() { return ending }
    let handle = cmachine_process_handle(id)
    guard handle >= 0 else { return wait(0) }
    defer { close(handle) }
    let end = Clock.now() + UInt64(max(seconds, 0) * 1e9)
    while true {
      let now = Clock.now()
      let left = end > now ? (end - now) / 1_000_000 + 1 : 0
      var event = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
      let found = Glibc.poll(&event, 1, Int32(clamping: left))
      if found > 0 { return wait(0) }
      if found == 0, left <= Int32.max { return poll() }
      if found < 0, errno != EINTR { return wait(0) }
    }
  }

  /// Ends it at once, if it runs, and waits until it is gone.
  public func kill() {
    guard poll() == nil else { return }
    Glibc.kill(id, SIGKILL)
    wait(0)
  }

  @discardableResult
  private func wait(_ options: Int32) -> Ending? {
    if ending != nil { return ending }
    var status: Int32 = 0
    var found = waitpid(id, &status, options)
    while found < 0, errno == EINTR { found = waitpid(id, &status, options) }
    guard found == id else {
      // There is no such child any longer: to go on asking would never end.
      if found < 0 { ending = .unknown }
      return ending
    }
    let signal = status & 0x7F
    ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal)
    return ending
  }
}

extension ChildProcess {
  /// A path to the program that this process runs, which stays the same program when its file is
  /// replaced or removed meanwhile; for what this process itself starts.
  ///
  /// No number stands in it: that of another name space than `/proc` is mounted for would be another's.
  public static var sameProgram: String { "/proc/self/exe" }

  /// The file of the program that this process runs; empty when the kernel does not say.
  public static var ownProgram: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { path in
      path.initialize(repeating: 0)
      guard let base = path.baseAddress, readlink("/proc/self/exe", base, Int(PATH_MAX)) > 0
      else { return "" }
      return String(cString: base)
    }
  }

  /// Has the kernel kill this process as soon as its parent ends.
  ///
  /// The corresponding C function is `prctl` with `PR_SET_PDEATHSIG`.
  ///
  /// - Parameter parent: Who it must be; it may have ended before the call.
  /// - Returns: Whether that process still is the parent.
  public static func endWithParent(_ parent: Int32) -> Bool {
    cmachine_end_with_parent() == 0 && getppid() == parent
  }
}
