import Testing

@testable import Machine

@Suite("What the environment makes of a team")
struct TeamEnvironmentTests {
  @Test(
    "what the process could use is found behind the runtime's binding",
    arguments: [
      // OMP_PROC_BIND=true, all CPUs: the kernel grants as many as the runtime found.
      ([0, 1], 2, [0, 1], [0, 1]),
      // GOMP_CPU_AFFINITY=0: the places are fewer than the process may use.
      ([0], 2, [0, 1], [0, 1]),
      // taskset -c 1 and OMP_PROC_BIND=true: the kernel would grant more than the mask did.
      ([1], 1, [0, 1], [1]),
      // taskset of three CPUs with places on two of them: the third is unknown, and counts.
      ([4, 5], 3, [0, 1, 2, 3, 4, 5, 6, 7], [0, 4, 5]),
    ])
  func places(
    _ places: [Int], _ count: Int, _ widest: [Int], _ available: [Int]
  ) {
    let found = OpenMPPlaces(places: places, count: count, widest: widest)
    #expect(found.available == available)
    #expect(found.processors == places)
  }

  @Test(
    "a stack size is read as OpenMP reads it",
    arguments: [
      ("9000G", 9000 << 30), ("8M", 8 << 20), ("512", 512 << 10), (" 64 k ", 64 << 10),
      ("100B", 100), ("much", nil), ("9999999999999G", nil), ("5T", nil),
    ] as [(String, Int?)])
  func stackSizes(_ text: String, _ bytes: Int?) {
    #expect(ThreadCreation.stackBytes(text) == bytes)
  }

  @Test("threads that cannot be created are found out without the runtime")
  func creation() {
    #expect(ThreadCreation.probe(3, stackBytes: nil) == 0)
    #expect(ThreadCreation.probe(1, stackBytes: 9000 << 40) != 0)
  }

  @Test("variables that matter are kept, others are not")
  func variables() {
    for name in [
      "OMP_NUM_THREADS", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "ONEDNN_VERBOSE",
      "DNNL_MAX_CPU_ISA", "MALLOC_ARENA_MAX", "LD_PRELOAD",
    ] {
      #expect(RuntimeEnvironment.matters(name))
    }
    #expect(!["PATH", "HOME", "OMPI_COMM", "MY_OMP_"].contains(where: RuntimeEnvironment.matters))
  }

  @Test("what keeps a team small is named")
  func limits() {
    #expect(
      RuntimeEnvironment.teamLimits(["OMP_THREAD_LIMIT": "1", "OMP_MAX_ACTIVE_LEVELS": "1"])
        == ["OMP_THREAD_LIMIT=1"])
    #expect(
      RuntimeEnvironment.teamLimits(["OMP_MAX_ACTIVE_LEVELS": "0"]) == ["OMP_MAX_ACTIVE_LEVELS=0"])
    #expect(RuntimeEnvironment.teamLimits(["OMP_NUM_THREADS": "2"]).isEmpty)
  }

  @Test("1.5 CPUs pay for one thread, half a CPU for one, too")
  func quota() {
    var host = Host.read()
    host.physicalCores = 4
    host.processors = [0, 1, 2, 3]
    host.places = nil
    for (quota, threads) in [(1.5, 1), (0.5, 1), (2.0, 2), (3.99, 3), (64, 4)] {
      host.controlGroup.cpuQuota = quota
      #expect(host.defaultThreads == threads)
      #expect(host.overload(of: host.defaultThreads) == nil || quota < 1)
    }
  }
}
