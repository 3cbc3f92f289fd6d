import Machine

/// Shares the work of a host kernel among the threads of the team.
struct KernelTeam {
  /// Elements that are worth a thread: about what it does while a team starts and joins.
  static let grain = 1 << 14

  /// Threads of the team, the calling one included.
  let threads: Int

  /// Calls `body` with parts of `0..<count` that together are the whole, from one thread each;
  /// `elements` are what one of them takes.
  func share(_ count: Int, elements: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = min(threads, count, count * elements / KernelTeam.grain)
    guard parts > 1 else { return body(0..<count) }
    do throws(ThreadTeamError) {
      // The whole team, even where some have nothing to do: a smaller one would end threads.
      try ThreadTeam.run(threads) { part in
        guard part < parts else { return }
        body(part * count / parts..<(part + 1) * count / parts)
      }
    } catch {
      body(0..<count)
    }
  }
}
