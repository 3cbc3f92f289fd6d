/// Work for a team of threads that is run again and again, without allocating.
public final class TeamJob: @unchecked Sendable {
  /// Threads, the calling one included.
  public let threads: Int

  private let body: @Sendable (_ index: Int) -> Void
  private let runtime: OpenMPRuntime
  /// How many threads the last team had; written by index 0 alone, read after the team ended.
  private var size = 1

  /// Prepares work.
  ///
  /// - Parameters:
  ///   - threads: Threads, the calling one included; at least 1.
  ///   - body: What to run; it gets its index.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public init(
    threads: Int, _ body: @escaping @Sendable (_ index: Int) -> Void
  ) throws(ThreadTeamError) {
    self.threads = max(1, threads)
    self.body = body
    runtime = try OpenMPRuntime.shared.get()
  }

  /// Runs the body once for each index, each on a thread of its own, and waits.
  ///
  /// See ``ThreadTeam/run(_:_:)`` for which threads those are. Must not be called from two threads
  /// at once. The corresponding C function is `GOMP_parallel`.
  ///
  /// - Returns: How many threads ran.
  @discardableResult
  public func run() -> Int {
    withExtendedLifetime(self) {
      runtime.parallel(
        { data in
          guard let data else { return }
          let job = Unmanaged<TeamJob>.fromOpaque(data).takeUnretainedValue()
          job.runShare()
        }, Unmanaged.passUnretained(self).toOpaque(), UInt32(clamping: threads), 0)
    }
    return size
  }

  private func runShare() {
    let first = Int(runtime.threadIndex())
    let size = Int(runtime.teamSize())
    if first == 0 { self.size = size }
    for index in stride(from: first, to: threads, by: size) { body(index) }
  }
}
