internal import Profiling

/// One pass of a network as slices of time, ready for the formats that viewers of traces read.
///
/// Times are whole nanoseconds from the start of the pass, so that children nest exactly.
struct Timeline: Hashable, Sendable {
  /// What a viewer calls the process: `deepspeech on AMD EPYC 9R45`.
  var name: String
  /// The network with everything inside it; nil when nothing was timed.
  var root: Slice?
  /// Segments that overlap those within ``root``, a track each.
  var sideTracks: [[Slice]] = []
  /// Rates and events over the pass.
  var counters: [CounterTrack] = []
  /// What holds for the whole: topology, options, machine, warnings.
  var facts = JSONFields()

  /// A numbered stretch of the pass.
  struct Slice: Hashable, Sendable {
    /// What it is of.
    var level: Level
    /// Name as viewers show it.
    var name: String
    /// First nanosecond.
    var start: Int
    /// First nanosecond after it.
    var end: Int
    /// Line of the topology file.
    var line: Int?
    /// What is known of it.
    var details = JSONFields()
    /// Slices within it, in order and apart.
    var children: [Slice] = []
  }

  /// What a slice is of.
  enum Level: String, Hashable, Sendable {
    case network, segment, layer, primitive
    /// What no layer accounts for.
    case rest
  }

  /// A number that changes over the pass.
  struct CounterTrack: Hashable, Sendable {
    /// Name with its unit.
    var name: String
    /// Values, each from its time on.
    var points: [Point]

    /// A value from a time on.
    struct Point: Hashable, Sendable {
      /// Nanoseconds from the start.
      var time: Int
      /// The value.
      var value: Double
    }
  }
}

/// A clock that adds up durations in floating point and reads in whole nanoseconds.
///
/// Each boundary is rounded, not each duration: neighbours touch, and errors do not add up.
struct SliceClock {
  /// 30 years: beyond any run, and far from overflow in the formats' 64 bits.
  private static let limit = 1e18

  private var exact: Double
  /// The last boundary.
  private(set) var now: Int

  /// Starts at a boundary.
  init(at start: Int = 0) {
    now = start
    exact = Double(start)
  }

  /// Moves on by a duration (what is no duration counts as none) and returns the new boundary.
  mutating func advance(_ duration: Double) -> Int {
    let step = duration.isFinite ? max(0, duration) : 0
    exact = min(Self.limit, exact + step)
    now = max(now, Int(rounding: exact))
    return now
  }
}
