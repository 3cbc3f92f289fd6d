/// Where counter values come from; the record names it beside every number.
///
/// A source that is added elsewhere has a name of its own.
public struct CounterSourceName: RawRepresentable, Codable, Hashable, Sendable {
  /// Hardware events through PAPI.
  public static let papi = CounterSourceName(rawValue: "papi")
  /// Hardware events through `perf_event_open`.
  public static let perf = CounterSourceName(rawValue: "perf")
  /// The kernel's software events.
  public static let software = CounterSourceName(rawValue: "software")
  /// A callgrind child.
  public static let simulated = CounterSourceName(rawValue: "simulated")
  /// Computed from time, clock and shapes.
  public static let estimated = CounterSourceName(rawValue: "estimated")
  /// Nothing.
  public static let none = CounterSourceName(rawValue: "none")

  /// The names that this program's records bear.
  public static let standard: [CounterSourceName] = [
    papi, perf, software, simulated, estimated, none,
  ]

  /// As records and `--counters` have it.
  public let rawValue: String

  /// A name.
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// Something that counts events while a network runs.
///
/// Counters run freely from ``start(group:)`` to ``stop()`` and are read at boundaries; readers
/// subtract. They are never started and stopped per layer (20 times dearer; see
/// `docs/counters.md`). A source must be made before the first oneDNN execution, so that it can
/// follow threads that do not exist yet.
public protocol CounterSource: AnyObject {
  /// Where the values come from.
  var name: CounterSourceName { get }

  /// The events, in groups that the hardware can count at once; one group a pass.
  var groups: [[String]] { get }

  /// Whether a read is a system call, for at least one thread.
  var readsBySystemCall: Bool { get }

  /// Starts counting the events of one group over all threads.
  ///
  /// - Throws: ``CounterError`` when the source cannot start.
  func start(group: Int) throws(CounterError)

  /// Stores the running totals of the started group, in its order. Allocates nothing.
  ///
  /// - Throws: ``CounterError`` when the read fails.
  func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError)

  /// How many threads the last read told apart; 0 where only their sum is known.
  var threadCount: Int { get }

  /// Stores the values that the last ``read(into:)`` added up: a row of the group's events for each
  /// thread, the calling one first. Allocates nothing.
  ///
  /// - Parameter values: Room for ``threadCount`` rows.
  func lastRead(byThread values: UnsafeMutableBufferPointer<Int64>)

  /// Whether what a read itself takes is among the events: the reads between two boundaries are then
  /// taken off.
  var countsItsReads: Bool { get }

  /// Stops counting.
  ///
  /// - Throws: ``CounterError`` when the source cannot stop.
  func stop() throws(CounterError)
}

extension CounterSource {
  /// True, unless a source says otherwise.
  public var readsBySystemCall: Bool { true }

  /// False, unless a source says otherwise.
  public var countsItsReads: Bool { false }

  /// 0, unless a source says otherwise.
  public var threadCount: Int { 0 }

  /// Nothing, where threads are not told apart.
  public func lastRead(byThread values: UnsafeMutableBufferPointer<Int64>) {}
}

/// A counter source that failed: which, in which call, why, and what to do.
public struct CounterError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The source.
  public let source: CounterSourceName
  /// What failed and why, in the library's own words where it has some.
  public let reason: String
  /// What the user can do.
  public let remedy: String

  /// Makes an error.
  public init(source: CounterSourceName, reason: String, remedy: String) {
    self.source = source
    self.reason = reason
    self.remedy = remedy
  }

  /// One line: `counters 'papi': reason; remedy`.
  public var description: String { "counters '\(source.rawValue)': \(reason); \(remedy)" }
}

/// Whether a counter source works here, and why not.
public struct SourceAvailability: Codable, Hashable, Sendable {
  /// The source's name.
  public var name: String
  /// Whether it works here.
  public var available: Bool
  /// Why it does not, in the library's or kernel's words.
  public var reason: String?
  /// What to do about it.
  public var remedy: String?

  /// Describes a source.
  public init(name: String, available: Bool, reason: String? = nil, remedy: String? = nil) {
    self.name = name
    self.available = available
    self.reason = reason
    self.remedy = remedy
  }
}
