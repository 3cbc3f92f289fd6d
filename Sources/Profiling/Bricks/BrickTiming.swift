/// What a brick took, measured as a network of its own.
public struct BrickTiming: Codable, Hashable, Sendable {
  /// The median over its timed passes, ns, without reorders of what comes in and goes out; 0 where
  /// nothing runs, see ``nothingRuns``.
  public var ns: Double
  /// The shortest pass, ns.
  public var minNs: Double
  /// The 95 % interval of the median within the process, ns; absent below 6 passes.
  public var ci95: [Double]?
  /// Passes.
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
