import CMachine
import Files
import SystemPackage

/// Why no team of threads could be started.
public enum ThreadTeamError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No OpenMP runtime is loaded and none could be; the dynamic linker's words.
  case noRuntime(String)
  /// So many threads cannot be created; the system's error number, and the stack size asked for, if
  /// the environment names one.
  case cannotCreate(threads: Int, errno: Int32, stackSize: String?)

  /// What happened and what to do.
  public var description: String {
    switch self {
    case .noRuntime(let message):
      "no OpenMP runtime (libgomp.so.1): \(message); install the package libgomp1"
    case .cannotCreate(let threads, let errno, let stackSize):
      "a team of \(threads) threads cannot be started: pthread_create: "
        + "\(Errno(rawValue: errno).description)"
        + (stackSize.map { ", with stacks of \($0)" } ?? "")
    }
  }

  /// What to do about it; nil where ``description`` says all.
  public var remedy: String? {
    switch self {
    case .noRuntime: nil
    case .cannotCreate(_, _, let stackSize):
      stackSize != nil
        ? "choose a smaller OMP_STACKSIZE"
        : "use fewer --threads, or raise what limits them: ulimit -u, ulimit -v, pids.max of the "
          + "control group"
    }
  }
}

/// The OpenMP threads that oneDNN runs its primitives on.
///
/// libgomp keeps one pool for each thread that starts teams, so everything about a network (making
/// its counters, running it, ``run(_:_:)``) must happen on one and the same thread. A smaller team
/// than the last one ends the threads that are over (a team of one does not): use one size
/// throughout where something is bound to the threads.
public enum ThreadTeam {
  /// Sets how many threads the next teams of the calling thread have.
  ///
  /// It holds for the calling thread only. The corresponding C function is
  /// `omp_set_num_threads`.
  ///
  /// - Parameter count: Threads, the calling one included; at least 1.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public static func setCount(_ count: Int) throws(ThreadTeamError) {
    try OpenMPRuntime.shared.get().setThreads(CInt(clamping: max(1, count)))
  }

  /// Gives the calling thread teams of a size that is the same every time, and says which.
  ///
  /// The environment can keep a team below what was asked for (`OMP_THREAD_LIMIT`,
  /// `OMP_MAX_ACTIVE_LEVELS=0`), in silence. oneDNN divides its work by the size that it was told, so
  /// it is told the real one; and a team that shrinks with the machine's load (`OMP_DYNAMIC`) is no
  /// team to measure on, so that is switched off.
  ///
  /// Comes before anything else that starts a team. The corresponding C functions are
  /// `omp_set_dynamic`, `omp_set_num_threads` and `GOMP_parallel`.
  ///
  /// - Parameter count: Threads wanted, the calling one included; at least 1.
  /// - Returns: How many run.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime, or not so many threads can be
  ///   created.
  public static func start(_ count: Int) throws(ThreadTeamError) -> Int {
    let runtime = try OpenMPRuntime.shared.get()
    runtime.setDynamic(0)
    let wanted = min(max(1, count), max(1, Int(runtime.threadLimit())))
    let names = ["OMP_STACKSIZE", "GOMP_STACKSIZE"]
    let stackSize = names.compactMap { Environment.filled($0) }.first
    let error = ThreadCreation.probe(
      wanted - 1, stackBytes: stackSize.flatMap(ThreadCreation.stackBytes))
    if error != 0 {
      throw .cannotCreate(threads: wanted, errno: error, stackSize: stackSize)
    }
    runtime.setThreads(CInt(clamping: wanted))
    let granted = try run(wanted) { _ in }
    if granted != wanted { runtime.setThreads(CInt(clamping: granted)) }
    return granted
  }

  /// How many threads the next team of the calling thread has, unless told otherwise.
  ///
  /// The corresponding C function is `omp_get_max_threads`.
  ///
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public static func count() throws(ThreadTeamError) -> Int {
    Int(try OpenMPRuntime.shared.get().maximumThreads())
  }

  /// Runs `body` once for each index below `count`, each on a thread of its own, and waits.
  ///
  /// Index 0 is the calling thread. Should the runtime give fewer threads than asked for (a thread
  /// limit, or a call from inside a team), they share the indices, so that each still runs once.
  /// Starting and joining two spinning threads takes 0.4 to 1 µs. Allocates; keep a ``TeamJob``
  /// where that matters. The corresponding C function is `GOMP_parallel`.
  ///
  /// - Parameters:
  ///   - count: Threads, the calling one included; at least 1.
  ///   - body: What to run; it gets its index.
  /// - Returns: How many threads ran.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  @discardableResult
  public static func run(
    _ count: Int, _ body: @Sendable (_ index: Int) -> Void
  ) throws(ThreadTeamError) -> Int {
    try withoutActuallyEscaping(body) { (body) throws(ThreadTeamError) in
      try TeamJob(threads: count, body).run()
    }
  }

  /// Kernel identifiers of all threads of this process, ascending.
  ///
  /// The corresponding directory is `/proc/self/task`.
  public static func taskIDs() -> [Int32] {
    FilePlace("/proc/self/task").entries.compactMap { Int32($0) }.sorted()
  }

  /// Kernel identifier of the calling thread.
  ///
  /// The corresponding C function is `gettid`.
  public static func currentTaskID() -> Int32 { cmachine_gettid() }
}
