/// What a brick took, measured as a network of its own.
public struct BrickTiming: Codable, Hashable, Sendable {
  /// What one process measured.
  public struct Process: Codable, Hashable, Sendable {
    /// The median over its timed passes, ns; 0 where nothing runs.
    public var ns: Double
    /// The shortest pass, ns.
    public var minNs: Double
    /// Passes.
    public var count: Int
    /// Reorders of the brick's inputs, ns; absent where there are none.
    public var reordersInNs: Double?
    /// Reorders of its outputs, ns; absent where there are none.
    public var reordersOutNs: Double?

    /// What it says of a place: with the reorders that count there.
    func ns(readsInput: Bool, givesOutput: Bool) -> Double {
      ns + (readsInput ? reordersInNs ?? 0 : 0) + (givesOutput ? reordersOutNs ?? 0 : 0)
    }
  }

  /// The median over its timed passes, ns, without reorders of what comes in and goes out; of several
  /// processes the median of theirs; 0 where nothing runs, see ``nothingRuns``.
  public var ns: Double
  /// The shortest pass, ns.
  public var minNs: Double
  /// The 95 % interval of the median, ns: within the process where there is one, else between them; absent below 6
  /// samples.
  public var ci95: [Double]?
  /// Passes, of all processes together.
  public var count: Int
  /// Reorders of its inputs from plain order, ns; absent where there are none.
  ///
  /// In a network they are there only where it reads the network's own input.
  public var reordersInNs: Double?
  /// Reorders of its outputs to plain order, ns; absent where there are none.
  public var reordersOutNs: Double?
  /// Implementations that ran, in order, reorders left out.
  public var implementations: [String]
  /// Whether it only names or views data, so that no primitive runs for it; absent where one does.
  public var nothingRuns: Bool?
  /// What each process measured, in order; absent where there was one.
  public var processes: [Process]?

  /// What a record of the brick says.
  ///
  /// Reorders that stand first or last in the brick are those of its border, unless moving data is the
  /// work of the layer they run for.
  ///
  /// Nil where something was not timed. `movers` are the indices of layers whose work may be a reorder.
  public init?(_ record: RunRecord, movers: Set<Int>) {
    var steps: [Step] = []
    for layer in record.layers {
      switch layer.whyUntimed {
      case nil:
        steps += layer.primitives.map {
          Step(primitive: $0, isMover: movers.contains(layer.index))
        }
      case .fused?, .nothingRuns?: continue
      case .timedOut?, .notMeasured?: return nil
      }
    }
    implementations = []
    guard !steps.isEmpty else {
      (ns, minNs, count, nothingRuns) = (0, 0, record.timedPass?.time.count ?? 0, true)
      return
    }
    let first = steps.firstIndex { !$0.mayBeBorder } ?? steps.count
    let last = steps.lastIndex { !$0.mayBeBorder } ?? -1
    let body = first <= last ? Array(steps[first...last]) : []
    guard let samples = Self.sum(body.map(\.primitive)),
      let before = Self.median(steps[..<first].map(\.primitive)),
      let after = Self.median(steps[max(last + 1, first)...].map(\.primitive))
    else { return nil }
    reordersInNs = before > 0 ? before : nil
    reordersOutNs = after > 0 ? after : nil
    implementations = body.map(\.primitive).filter { $0.kind != "reorder" }.map(\.implementation)
    if body.isEmpty {
      (ns, minNs, count, nothingRuns) = (0, 0, record.timedPass?.time.count ?? 0, true)
      return
    }
    guard !samples.isEmpty else { return nil }
    let time = TimeSummary(samples: samples)
    (ns, minNs, ci95, count) = (time.median, time.min, time.ci95, time.count)
  }

  /// What ran, and whether its layer moves data.
  private struct Step {
    let primitive: PrimitiveRecord
    let isMover: Bool

    /// Whether it brings data to or from the border, if it stands there.
    var mayBeBorder: Bool { !isMover && primitive.kind == "reorder" }
  }

  /// Times of some primitives together, pass by pass; nil where one was not timed.
  private static func sum(_ primitives: [PrimitiveRecord]) -> [Double]? {
    let times = primitives.compactMap(\.time)
    guard times.count == primitives.count else { return nil }
    let count = times.map(\.samples.count).min() ?? 0
    return (0..<count).map { pass in times.reduce(0) { $0 + $1.samples[pass] } }
  }

  private static func median(_ primitives: [PrimitiveRecord]) -> Double? {
    guard let samples = sum(primitives) else { return nil }
    return samples.isEmpty ? 0 : Percentiles.median(of: samples)
  }
}

extension BrickTiming {
  /// What each process measured, in order.
  public var measured: [Process] { processes ?? [whole] }

  /// What all processes say together, as one.
  var whole: Process {
    Process(
      ns: ns, minNs: minNs, count: count, reordersInNs: reordersInNs, reordersOutNs: reordersOutNs)
  }

  /// From the fastest process to the slowest, in percent of their median; nil of one process, and where
  /// nothing runs.
  public var spreadPercent: Double? { Self.spread(measured.map(\.ns), of: ns) }

  /// From the least to the most of some times, in percent of their middle.
  static func spread(_ times: [Double], of middle: Double) -> Double? {
    guard times.count > 1, middle > 0, let least = times.min(), let most = times.max() else {
      return nil
    }
    return (most - least) / middle * 100
  }

  /// The same brick as other processes measured it: one at least.
  ///
  /// - Precondition: There is one.
  public func with(_ list: [Process]) -> BrickTiming {
    precondition(!list.isEmpty, "a time is that of some process")
    var made = self
    made.ns = Percentiles.median(of: list.map(\.ns))
    made.minNs = list.map(\.minNs).min() ?? 0
    made.count = list.reduce(0) { $0 + $1.count }
    made.reordersInNs = Self.middle(list.map(\.reordersInNs))
    made.reordersOutNs = Self.middle(list.map(\.reordersOutNs))
    made.processes = list.count > 1 ? list : nil
    // Of one process it is the one within it, which only that knows.
    if list.count > 1 || list != measured {
      made.ci95 = made.ns > 0 ? TimeSummary(samples: list.map(\.ns)).ci95 : nil
    }
    return made
  }

  /// The same brick with what another process measured besides.
  public func adding(_ other: BrickTiming) -> BrickTiming { with(measured + other.measured) }

  private static func middle(_ times: [Double?]) -> Double? {
    let median = Percentiles.median(of: times.map { $0 ?? 0 })
    return median > 0 ? median : nil
  }
}

/// A brick in the store: one JSON document of schema `ntprof.brick/1`.
public struct StoredBrick: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.brick/1"

  /// ``schemaName``.
  public var schema: String
  /// SHA-256 of the topology and the settings, which also names the file.
  public var key: String
  /// When it was measured, RFC 3339 in UTC.
  public var created: String
  /// The program that measured.
  public var tool: Tool
  /// The brick itself.
  public var topology: String
  /// What else its time depends on: machine, library, threads, and how it was planned and run.
  public var settings: [String]
  /// What it took.
  public var timing: BrickTiming

  /// Describes a measurement.
  public init(
    created: String, tool: Tool, topology: String, settings: [String], timing: BrickTiming
  ) {
    schema = StoredBrick.schemaName
    key = StoredBrick.key(topology, settings)
    self.created = created
    self.tool = tool
    self.topology = topology
    self.settings = settings
    self.timing = timing
  }

  /// The key of a brick that is run with some settings.
  public static func key(_ topology: String, _ settings: [String]) -> String {
    SHA256.hexDigest(of: Array((settings + [topology]).joined(separator: "\n").utf8))
  }

  /// Whether it is what it says: times as they can be, and the key of its contents.
  public var isSound: Bool {
    key == StoredBrick.key(topology, settings) && timing.ns >= 0 && timing.count >= 0
      && timing.minNs >= 0 && timing.minNs <= timing.ns
      && [timing.reordersInNs, timing.reordersOutNs].allSatisfy { ($0 ?? 0) >= 0 }
      && (timing.ns > 0 || timing.nothingRuns == true)
      && timing.processes.map { $0.count > 1 && $0.allSatisfy(\.isSound) } ?? true
  }
}

extension BrickTiming.Process {
  /// Whether its times are such as can be.
  fileprivate var isSound: Bool {
    ns >= 0 && count >= 0 && minNs >= 0 && minNs <= ns
      && [reordersInNs, reordersOutNs].allSatisfy { ($0 ?? 0) >= 0 }
  }
}

extension RecordCoding {
  /// Reads a brick of the store.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeStoredBrick(_ bytes: [UInt8]) throws(RecordError) -> StoredBrick {
    try decode(StoredBrick.self, from: bytes, schema: StoredBrick.schemaName)
  }
}
