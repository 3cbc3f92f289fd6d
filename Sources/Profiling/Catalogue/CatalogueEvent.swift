/// One event of a CPU, as its vendor documents it and the kernel wants it.
public struct CatalogueEvent: Hashable, Sendable {
  /// How `perf_event_open` is asked for it.
  public enum Encoding: Hashable, Sendable {
    /// `PERF_TYPE_RAW`: the CPU's own number, umask and modifiers as in `perf`'s `rHEX`.
    case raw(UInt64)
    /// `PERF_TYPE_HARDWARE`: the kernel chooses the CPU's event.
    case hardware(UInt64)
    /// `PERF_TYPE_HW_CACHE`: cache, operation and result, a byte each.
    case cache(UInt64)
  }

  /// Which counters of the core can count it.
  public enum Placement: Hashable, Sendable {
    /// Any general counter.
    case any
    /// A counter of its own beside the general ones.
    case fixed
    /// Only general counters of these numbers.
    case only([Int])
    /// An even counter and the next one: AMD's merge event, for what can rise by more than 15 a
    /// cycle.
    case pair
  }

  /// The name in records; the vendor's, spelled as `perf list` does, or one of the common ones.
  public let name: String
  /// What the kernel is asked for.
  public let encoding: Encoding
  /// libpfm 4.13's native name, which PAPI takes too; nil where it has none or encodes it wrongly.
  public let libpfm: String?
  /// Where it can be counted.
  public let placement: Placement
  /// What one count is: `cycles`, `slots`, `ops`, `lines`, `FLOP`, ….
  public let unit: String
  /// What it counts, in one line.
  public let summary: String
  /// Where the code and the meaning come from.
  public let source: String

  init(
    _ name: String, _ encoding: Encoding, libpfm: String? = nil, on placement: Placement = .any,
    unit: String, _ summary: String, source: String
  ) {
    self.name = name
    self.encoding = encoding
    self.libpfm = libpfm
    self.placement = placement
    self.unit = unit
    self.summary = summary
    self.source = source
  }

  /// The raw number; nil for events that the kernel maps.
  public var rawCode: UInt64? {
    if case .raw(let code) = encoding { code } else { nil }
  }

  /// PAPI's name for the raw number: `perf_raw::r` and the number in hex; nil without one.
  ///
  /// PAPI 7.0.0 hands such names to libpfm's `perf_raw` PMU (`pe_libpfm4_events.c`), which passes
  /// the number on as it is.
  public var papiRawName: String? {
    rawCode.map { "perf_raw::r" + String($0, radix: 16) }
  }
}

/// The names that records use for the events that nearly every CPU has.
public enum CommonEvent {
  /// Core cycles.
  public static let cycles = "cycles"
  /// Instructions retired.
  public static let instructions = "instructions"
  /// Data reads that missed the first-level cache.
  public static let l1dMisses = "l1d_misses"
  /// Data reads that missed the second-level cache.
  public static let l2Misses = "l2_misses"
  /// Reads that missed the last-level cache.
  public static let llcMisses = "llc_misses"

  /// What is counted on every CPU unless something else is asked for.
  public static let standard = [cycles, instructions, l1dMisses, l2Misses, llcMisses]
  /// Present in every group: their drift from group to group tells whether the passes did the
  /// same work.
  public static let crossCheck = [cycles, instructions]
}
