import CMachine
public import Files
import Synchronization

/// Which CPUs threads may use.
public enum Affinity {
  /// Words of a mask: 8192 CPUs, as many as Linux can be built for.
  private static let words = 128

  /// The mask of the process's first pinned thread before it was pinned; nil while none is.
  private static let saved = Mutex<[Int]?>(nil)

  /// The CPUs that this process could use before ``ThreadPinning`` took hold; nil while it does not.
  static var beforePinning: [Int]? { saved.withLock { $0 } }

  /// Notes or forgets what the process could use.
  static func note(beforePinning cpus: [Int]?) { saved.withLock { $0 = cpus } }

  /// The CPUs that a thread may use.
  ///
  /// The corresponding C function is `sched_getaffinity`.
  ///
  /// - Parameter task: The kernel's identifier of the thread; 0 is the calling one.
  /// - Returns: Their numbers, ascending; none when the kernel does not say.
  public static func cpus(of task: Int32 = 0) -> [Int] {
    var mask = [UInt64](repeating: 0, count: words)
    guard cmachine_get_affinity(task, &mask, words) > 0 else { return [] }
    return (0..<words * 64).filter { mask[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
  }

  /// Sets the CPUs that a thread may use.
  ///
  /// The corresponding C function is `sched_setaffinity`.
  ///
  /// - Parameters:
  ///   - cpus: Their numbers.
  ///   - task: The kernel's identifier of the thread; 0 is the calling one.
  /// - Throws: ``SystemCallError``, such as `EINVAL` when the process may use none of them.
  public static func set(_ cpus: [Int], of task: Int32 = 0) throws(SystemCallError) {
    var mask = [UInt64](repeating: 0, count: words)
    for cpu in cpus where (0..<words * 64).contains(cpu) {
      mask[cpu / 64] |= 1 << UInt64(cpu % 64)
    }
    let error = cmachine_set_affinity(task, mask, words)
    if error != 0 { throw SystemCallError("sched_setaffinity", errno: -error) }
  }

  /// The CPU that the calling thread is on; nil when the kernel does not say.
  ///
  /// The corresponding C function is `getcpu`.
  public static var currentCPU: Int? {
    let cpu = cmachine_current_cpu()
    return cpu < 0 ? nil : Int(cpu)
  }

  /// All CPUs that the process may use, whoever bound its threads; nil where nobody did.
  static var beforeBinding: [Int]? { beforePinning ?? OpenMPPlaces.current?.available }

  /// What the kernel grants to a thread that asks for every CPU; the calling one keeps its own.
  static func widest() -> [Int] {
    let own = cpus()
    guard !own.isEmpty, (try? set(Array(0..<words * 64))) != nil else { return own }
    defer { try? set(own) }
    return cpus()
  }

  /// Runs `body` while the calling thread may use all CPUs that the process could use before it
  /// was bound, by this program or by the OpenMP runtime.
  static func unpinned<Result>(_ body: () -> Result) -> Result {
    let own = cpus()
    guard let all = beforeBinding, !own.isEmpty, (try? set(all)) != nil else { return body() }
    defer { try? set(own) }
    return body()
  }
}
