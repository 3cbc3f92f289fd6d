import CMachine
import Glibc

/// Why no team of threads could be started.
public enum ThreadTeamError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No OpenMP runtime is loaded and none could be; the dynamic linker's words.
  case noRuntime(String)

  /// What happened and what to do.
  public var description: String {
    switch self {
    case .noRuntime(let message):
      "no OpenMP runtime (libgomp.so.1): \(message); install the package libgomp1"
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
    guard let directory = opendir("/proc/self/task") else { return [] }
    defer { closedir(directory) }
    var found: [Int32] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let id = Int32(name) { found.append(id) }
    }
    return found.sorted()
  }

  /// Kernel identifier of the calling thread.
  ///
  /// The corresponding C function is `gettid`.
  public static func currentTaskID() -> Int32 { cmachine_gettid() }
}
