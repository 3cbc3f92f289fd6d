import Glibc
import Synchronization

/// The CPUs that the environment gave to the OpenMP runtime (`OMP_PLACES`, `OMP_PROC_BIND`,
/// `GOMP_CPU_AFFINITY`).
///
/// A runtime that binds threads binds the process's first one while it is loaded, so that thread's
/// own mask is one place and not what the process may use.
struct OpenMPPlaces: Hashable, Sendable {
  /// The CPUs of all places, ascending.
  let processors: [Int]
  /// All CPUs that the process could use before the runtime bound its first thread, ascending.
  let available: [Int]

  /// Decides what the process could use.
  ///
  /// - Parameters:
  ///   - places: The CPUs of all places.
  ///   - count: How many CPUs the runtime found the process may use when it was loaded.
  ///   - widest: What the kernel grants to a thread that asks for every CPU.
  init(places: [Int], count: Int, widest: [Int]) {
    processors = Set(places).sorted()
    if widest.count == count {
      available = widest.sorted()
    } else {
      // A mask was set on purpose (taskset): places come from it; the others' numbers are unknown.
      let others = widest.filter { !places.contains($0) }.sorted()
      available = (processors + others.prefix(max(0, count - processors.count))).sorted()
    }
  }

  /// Those of this process; nil where no runtime that is loaded binds threads.
  static let current: OpenMPPlaces? = read()

  private static func read() -> OpenMPPlaces? {
    typealias Count = @convention(c) () -> CInt
    typealias CountOf = @convention(c) (CInt) -> CInt
    typealias List = @convention(c) (CInt, UnsafeMutablePointer<CInt>) -> Void
    guard let places = dlsym(nil, "omp_get_num_places"),
      let size = dlsym(nil, "omp_get_place_num_procs"),
      let list = dlsym(nil, "omp_get_place_proc_ids"),
      let processors = dlsym(nil, "omp_get_num_procs")
    else { return nil }
    let count = unsafeBitCast(places, to: Count.self)()
    guard count > 0 else { return nil }
    var found: [Int] = []
    for place in 0..<count {
      let room = max(0, Int(unsafeBitCast(size, to: CountOf.self)(place)))
      guard room > 0 else { continue }
      found += [CInt](unsafeUninitializedCapacity: room) { buffer, filled in
        buffer.initialize(repeating: 0)
        if let base = buffer.baseAddress { unsafeBitCast(list, to: List.self)(place, base) }
        filled = room
      }.map(Int.init)
    }
    let widest = Affinity.widest()
    return OpenMPPlaces(
      places: found, count: Int(unsafeBitCast(processors, to: Count.self)()), widest: widest)
  }
}
