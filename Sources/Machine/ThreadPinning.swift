public import Files
import Synchronization

/// A team whose threads are each bound to one CPU, until it is let go of.
///
/// A thread that wanders takes neither its caches nor the memory near it along, and two threads of
/// a team may meet on one core while another idles. libgomp binds threads by itself only if
/// `OMP_PLACES` or `OMP_PROC_BIND` stand in the environment when it is loaded; this does it
/// afterwards. The kernel gives a new thread the mask of the one that makes it, so the team must
/// not grow or be made again meanwhile (see ``ThreadTeam``).
public final class ThreadPinning: Sendable {
  /// The CPU of each thread, the calling one first.
  public let cpus: [Int]

  /// The threads, and what they could use before.
  private let before: [(task: Int32, cpus: [Int])]

  /// Binds thread i of the calling thread's team to the i-th CPU.
  ///
  /// - Parameter cpus: As many as the team has threads.
  /// - Throws: ``PinningError``; every thread is then as it was.
  public init(_ cpus: [Int]) throws(PinningError) {
    let found = Mutex<[Int: Int32]>([:])
    do throws(ThreadTeamError) {
      try ThreadTeam.run(cpus.count) { index in
        found.withLock { $0[index] = ThreadTeam.currentTaskID() }
      }
    } catch {
      throw .team(error)
    }
    let tasks = found.withLock { found in cpus.indices.compactMap { found[$0] } }
    guard Set(tasks).count == cpus.count else { throw .tooFewThreads(Set(tasks).count) }
    self.cpus = cpus
    before = tasks.map { ($0, Affinity.cpus(of: $0)) }
    for (index, cpu) in cpus.enumerated() {
      do throws(SystemCallError) { try Affinity.set([cpu], of: tasks[index]) } catch {
        Self.restore(before)
        throw .refused(cpu: cpu, error)
      }
    }
    Affinity.note(beforePinning: before[0].cpus)
  }

  /// Whether every thread still is where it was put.
  public var holds: Bool {
    zip(before, cpus).allSatisfy { thread, cpu in Affinity.cpus(of: thread.task) == [cpu] }
  }

  deinit {
    Self.restore(before)
    Affinity.note(beforePinning: nil)
  }

  /// A thread that has ended has nothing to restore.
  private static func restore(_ threads: [(task: Int32, cpus: [Int])]) {
    for thread in threads { try? Affinity.set(thread.cpus, of: thread.task) }
  }

  /// The CPUs that each thread of the calling thread's team may use now.
  ///
  /// - Parameter threads: Size of the team.
  /// - Returns: Their numbers, the calling thread's first.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public static func places(ofTeam threads: Int) throws(ThreadTeamError) -> [[Int]] {
    let found = Mutex<[Int: [Int]]>([:])
    try ThreadTeam.run(threads) { index in
      let own = Affinity.cpus()
      found.withLock { $0[index] = own }
    }
    return found.withLock { found in (0..<max(1, threads)).map { found[$0] ?? [] } }
  }
}

/// Why threads could not be bound to CPUs.
public enum PinningError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No team of threads.
  case team(ThreadTeamError)
  /// The runtime gave only so many threads.
  case tooFewThreads(Int)
  /// The kernel refused a CPU.
  case refused(cpu: Int, SystemCallError)

  /// What happened.
  public var description: String {
    switch self {
    case .team(let error): error.description
    case .tooFewThreads(let count): "the OpenMP runtime gives \(count) threads only"
    case .refused(let cpu, let error): "CPU \(cpu): \(error)"
    }
  }
}
