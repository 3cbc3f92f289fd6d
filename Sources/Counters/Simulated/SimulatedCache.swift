public import Machine
public import Profiling

/// A cache as callgrind simulates it.
public struct SimulatedCache: Hashable, Sendable {
  /// Capacity, bytes.
  public var bytes: Int
  /// Associativity.
  public var ways: Int
  /// Line size, bytes.
  public var line: Int

  /// Describes a cache.
  public init(bytes: Int, ways: Int, line: Int) {
    self.bytes = bytes
    self.ways = ways
    self.line = line
  }

  /// The nearest cache that callgrind accepts: a power of two of sets.
  ///
  /// The sets are rounded down and the ways make up for it, so that the capacity changes by half a
  /// way at most: 36 MiB in 12 ways become 36 MiB in 18.
  ///
  /// - Parameter level: The cache as the kernel describes it; 8 ways where it does not say.
  public init(rounding level: CacheLevel) {
    line = level.line >= 16 && level.line & (level.line - 1) == 0 ? level.line : 64
    let lines = max(1, level.bytes / line)
    let wanted = max(1, lines / max(1, level.ways ?? 8))
    let sets = 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
    ways = max(1, (lines + sets / 2) / sets)
    bytes = sets * ways * line
  }

  /// As valgrind's options want it.
  var argument: String { "\(bytes),\(ways),\(line)" }
}

/// The caches of a simulation: callgrind has two levels, so the second and the last take turns.
public struct SimulatedCaches: Hashable, Sendable {
  /// First level, instructions.
  public var instruction: SimulatedCache
  /// First level, data.
  public var data: SimulatedCache
  /// Second level; nil where that is the last one.
  public var second: SimulatedCache?
  /// The last level.
  public var last: SimulatedCache
  /// The number of the last level.
  public var lastLevel: Int
  /// What was rounded, in words.
  public var notes: [String] = []

  /// The caches of a machine.
  ///
  /// - Parameter levels: What the kernel says in `/sys`; CPUID can be wrong in virtual machines.
  /// - Throws: `CounterError` when the kernel does not describe two levels.
  public init(_ levels: [CacheLevel]) throws(CounterError) {
    let data = levels.filter { $0.kind != "instruction" }
    guard let first = data.first(where: { $0.level == 1 }),
      let last = data.max(by: { $0.level < $1.level }), last.level > 1
    else {
      throw CounterError(
        source: .simulated, reason: "the kernel does not describe two levels of caches",
        remedy: "make /sys/devices/system/cpu/cpu0/cache visible (container, sandbox)")
    }
    self.data = SimulatedCache(rounding: first)
    self.last = SimulatedCache(rounding: last)
    lastLevel = last.level
    let second = data.first { $0.level == 2 && last.level > 2 }
    self.second = second.map { SimulatedCache(rounding: $0) }
    let code = levels.first { $0.level == 1 && $0.kind == "instruction" }
    instruction = SimulatedCache(rounding: code ?? first)
    for level in [code, first, second, last] {
      guard let level, let note = Self.note(level) else { continue }
      notes.append(note)
    }
  }

  private static func note(_ level: CacheLevel) -> String? {
    let cache = SimulatedCache(rounding: level)
    if cache.bytes == level.bytes, level.ways == nil || cache.ways == level.ways { return nil }
    let ways = level.ways.map { "\($0)" } ?? "unknown"
    return "L\(level.level) \(level.kind): \(level.bytes) bytes in \(ways) ways simulated as "
      + "\(cache.bytes) bytes in \(cache.ways) ways"
  }
}
