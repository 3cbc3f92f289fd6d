import Machine
import Profiling
import Testing

@testable import Counters

@Suite struct SimulatedCacheTests {
  static func level(_ level: Int, _ kind: String, _ bytes: Int, _ ways: Int?) -> CacheLevel? {
    CacheLevel { file in
      switch file {
      case "level": "\(level)"
      case "type": kind
      case "size": "\(bytes)"
      case "ways_of_associativity": ways.map { "\($0)" }
      case "coherency_line_size": "64"
      default: nil
      }
    }
  }

  @Test(arguments: [
    // What is right already stays.
    (48 << 10, 12, "49152,12,64"), (32 << 10, 8, "32768,8,64"), (32 << 20, 16, "33554432,16,64"),
    (1 << 20, 16, "1048576,16,64"), (1280 << 10, 20, "1310720,20,64"),
    // 36 MiB in 12 ways have 49152 sets: more ways keep the capacity.
    (36 << 20, 12, "37748736,18,64"), (24 << 20, 12, "25165824,12,64"),
    // 33 and 19.25 MiB in 11 ways: half a way too much, a quarter too little.
    (33 << 20, 11, "35651584,17,64"), (19712 << 10, 11, "19922944,19,64"),
    // Tiny or odd ones do no harm.
    (64, 1, "64,1,64"), (1, 16, "64,1,64"), (4096, 1000, "4096,64,64"),
  ])
  func aPowerOfTwoOfSetsNearTheCapacity(bytes: Int, ways: Int, argument: String) throws {
    let cache = SimulatedCache(rounding: try #require(Self.level(3, "Unified", bytes, ways)))
    #expect(cache.argument == argument)
    let sets = cache.bytes / cache.ways / cache.line
    #expect(sets & (sets - 1) == 0 && sets * cache.ways * cache.line == cache.bytes)
  }

  @Test func unknownWaysAreEight() throws {
    let cache = SimulatedCache(rounding: try #require(Self.level(2, "Unified", 1 << 20, nil)))
    #expect(cache.argument == "1048576,8,64")
  }

  static let machine = [
    level(1, "Data", 48 << 10, 12), level(1, "Instruction", 32 << 10, 8),
    level(2, "Unified", 2 << 20, 16), level(3, "Unified", 36 << 20, 12),
  ].compactMap(\.self)

  @Test func whatWasRoundedIsSaid() throws {
    let caches = try SimulatedCaches(Self.machine)
    #expect(caches.data.bytes == 48 << 10)
    #expect(caches.second?.bytes == 2 << 20)
    #expect(caches.last.ways == 18 && caches.lastLevel == 3)
    #expect(caches.notes.count == 1)
    #expect(caches.notes.first?.hasPrefix("L3 unified: 37748736 bytes in 12 ways") == true)
  }

  @Test func withTwoLevelsTheSecondIsTheLast() throws {
    let caches = try SimulatedCaches(Array(Self.machine.prefix(3)))
    #expect(caches.second == nil && caches.lastLevel == 2)
    let (chosen, skipped) = try SimulatedEvents.choose([], caches: caches)
    #expect(!chosen.contains { $0.level == .second } && skipped.isEmpty)
    let asked = try SimulatedEvents.choose(["l2_misses", "llc_misses"], caches: caches)
    #expect(asked.chosen.map(\.name) == ["llc_misses"])
    #expect(asked.skipped.map(\.name) == ["l2_misses"])
  }

  @Test func withoutCachesThereIsNoSimulation() {
    for levels in [[], Array(Self.machine.prefix(2))] {
      let error = #expect(throws: CounterError.self) { try SimulatedCaches(levels) }
      #expect(error?.remedy.contains("/sys/devices") == true)
    }
  }

  @Test func eventsAreChosenByName() throws {
    let caches = try SimulatedCaches(Self.machine)
    let (chosen, skipped) = try SimulatedEvents.choose(
      ["instructions", "cycles", "llc_misses", "instructions"], caches: caches)
    #expect(chosen.map(\.name) == ["instructions", "llc_misses"])
    #expect(skipped.map(\.name) == ["cycles"])
    let error = #expect(throws: CounterError.self) {
      try SimulatedEvents.choose(["cycles", "magic"], caches: caches)
    }
    #expect(error?.reason.contains("cycles, magic") == true)
    #expect(error?.remedy.contains("llc_misses") == true)
  }
}
