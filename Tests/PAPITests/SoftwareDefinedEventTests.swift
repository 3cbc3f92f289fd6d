import CSDE
import PAPI
import Testing

/// PAPI's real event sets on counters that the test itself keeps, so that every value is exact.
///
/// libsde 1.0 crashes when one thread registers a library while another does, or shuts one down:
/// hence one test at a time, and libraries that stay until the process ends.
@Suite(.serialized) struct SoftwareDefinedEventTests {
  /// Counters under a library name of their own, and the memory PAPI reads them from.
  struct Counters {
    let handle: papi_handle_t?
    let values: UnsafeMutableBufferPointer<Int64>
    let names: [String]

    init(library: String, names: [String]) {
      let handle = papi_sde_init(library)
      let values = UnsafeMutableBufferPointer<Int64>.allocate(capacity: names.count)
      values.initialize(repeating: 0)
      for (index, name) in names.enumerated() {
        papi_sde_register_counter(
          handle, name, PAPI_SDE_RO | PAPI_SDE_DELTA, PAPI_SDE_long_long,
          values.baseAddress.map { $0 + index })
      }
      self.handle = handle
      self.values = values
      self.names = names.map { "sde:::\(library)::\($0)" }
    }
  }

  @Test func theComponentWorksHere() throws {
    let library = try Library.open()
    let component = try #require(library.component("sde"))
    #expect(component.isEnabled, "\(component.disabledReason ?? "")")
  }

  @Test func countsExactly() throws {
    let library = try Library.open()
    let counters = Counters(library: "exact", names: ["FLOP", "BYTES"])
    let set = try EventSet(library, component: library.component("sde"))
    for name in counters.names { try set.add(name) }
    #expect(set.events == counters.names)

    counters.values[0] = 1_000
    counters.values[1] = 50
    try set.start()
    #expect(set.isRunning)
    counters.values[0] += 12_345
    counters.values[1] += 7

    var read: [Int64] = [-1, -1, -1]
    try read.withUnsafeMutableBufferPointer { try set.read(into: $0) }
    #expect(read == [12_345, 7, -1])

    counters.values[0] += 5
    #expect(try set.stop() == [12_350, 7])
    #expect(!set.isRunning)
  }

  @Test func startsFromZeroEachTime() throws {
    let library = try Library.open()
    let counters = Counters(library: "again", names: ["FLOP"])
    let set = try EventSet(library, component: library.component("sde"))
    try set.add(counters.names[0])
    for round in 1...3 {
      try set.start()
      counters.values[0] += Int64(round)
      #expect(try set.stop() == [Int64(round)])
    }
  }

  @Test func aSmallBufferIsRefused() throws {
    let library = try Library.open()
    let counters = Counters(library: "small", names: ["A", "B"])
    let set = try EventSet(library, component: library.component("sde"))
    for name in counters.names { try set.add(name) }
    try set.start()
    var room: [Int64] = [0]
    #expect(throws: PAPIError(call: "PAPI_read", code: .invalid)) {
      try room.withUnsafeMutableBufferPointer { try set.read(into: $0) }
    }
    try set.stop()
  }

  @Test func twoSetsOfAComponentCannotRunInOneThread() throws {
    let library = try Library.open()
    let counters = Counters(library: "both", names: ["A", "B"])
    let sets = try counters.names.map { name in
      let set = try EventSet(library, component: library.component("sde"))
      try set.add(name)
      return set
    }
    try sets[0].start()
    #expect(throws: PAPIError(call: "PAPI_start", code: .running)) { try sets[1].start() }
    try sets[0].stop()
    try sets[1].start()
    try sets[1].stop()
  }
}
