/// What a network is predicted to take on a machine that is not here: one JSON document of schema
/// `ntprof.prediction/1`.
///
/// A pure function of records, of a machine's file, and of bricks that were measured there. `docs/predict.md`
/// documents the method and the document.
public struct Prediction: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.prediction/1"

  /// Where a number comes from.
  public enum Method: String, Codable, Hashable, Sendable, CaseIterable {
    /// A record of the target holds the layer: measured, not predicted.
    case record
    /// A brick that was measured on the target.
    case brick
    /// The ratio of the roofs, moved by what layers of its class were seen to move by.
    case fitted
    /// What layers of its kind reach of their roofs on the target.
    case efficiency
    /// The ratio of the roofs alone.
    case roofs
  }

  /// A time with its interval.
  public struct Figure: Codable, Hashable, Sendable {
    /// The median that is expected, ns.
    public var ns: Double
    /// Where it lies in 95 of 100 cases, as far as what was seen tells.
    public var ci95: [Double]

    /// Makes a figure.
    public init(ns: Double, ci95: [Double]) {
      self.ns = ns
      self.ci95 = ci95
    }
  }

  /// What two roofs and the hand-over allow a layer.
  public struct Roof: Codable, Hashable, Sendable {
    /// Time of its bytes, ns.
    public var memoryNs: Double
    /// Time of its operations, ns.
    public var computeNs: Double
    /// Time of handing it to the team, ns.
    public var dispatchNs: Double

    init(_ times: RoofTimes) {
      memoryNs = times.memory
      computeNs = times.compute
      dispatchNs = times.dispatch
    }
  }

  /// A layer.
  public struct Layer: Codable, Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its kind.
    public var kind: String
    /// The layer that computes it, too; it then has no time.
    public var fusedInto: String?
    /// Why it has no time.
    public var untimed: LayerRecord.Untimed?
    /// The implementation that took most of its time at the source.
    public var implementation: String?
    /// Its median at the source, ns.
    public var sourceNs: Double?
    /// What it is predicted to take.
    public var predicted: Figure?
    /// How.
    public var method: Method?
    /// ``predicted`` over ``sourceNs``.
    public var ratio: Double?
    /// What the roofs at the source allow.
    public var sourceRoof: Roof?
    /// What the roofs of the target allow.
    public var targetRoof: Roof?
    /// The nearer roof of the target: memory, core, balanced, or latency where handing it over takes longest.
    public var limit: Bound.Class?
  }

  /// Where it was measured.
  public struct Source: Codable, Hashable, Sendable {
    /// When.
    public var created: String
    /// Where.
    public var machine: MachineInfo
    /// How.
    public var options: RunOptions
    /// The median bare pass, ns.
    public var timeNs: Double?
  }

  /// What it is predicted for.
  public struct Target: Codable, Hashable, Sendable {
    /// The machine, with the roofs that count.
    public var machine: MachineInfo
    /// Threads.
    public var threads: Int
    /// The instruction set of the library.
    public var isa: String
  }

  /// What was learnt from records of other networks.
  public struct Model: Codable, Hashable, Sendable {
    /// Networks with records on both sides.
    public var networks: Int
    /// Layers of those.
    public var pairs: Int
    /// Layers with a record on the target.
    public var samples: Int
    /// Standard deviation of ln(predicted / measured) of a whole network beside what its layers' own spreads make.
    public var networkSpread: Double
    /// By how much each of these networks is off when the others predict it: geometric mean of the factor, less 1,
    /// percent; absent with fewer than three.
    public var errorPercent: Double?
  }

  /// ``schemaName``.
  public var schema: String
  /// When, RFC 3339 in UTC.
  public var created: String
  /// The program that predicted.
  public var tool: Tool
  /// The command line, program name first.
  public var command: [String]
  /// What is predicted.
  public var topology: TopologyInfo
  /// From where.
  public var source: Source
  /// For where.
  public var target: Target
  /// What was learnt.
  public var model: Model
  /// One pass of the whole network.
  public var whole: Figure
  /// Batch size over ``whole``.
  public var throughputPerSecond: Double
  /// What no layer accounts for: part of ``whole``; negative where passes with nothing inside are quicker than the
  /// sum of their layers.
  public var restNs: Double
  /// Share of the layers' predicted time by method, 0 to 1.
  public var shares: [String: Double]
  /// The layers, in order.
  public var layers: [Layer]
  /// What it cannot know, in words.
  public var unknown: [String]
}

extension RecordCoding {
  /// Reads a prediction.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodePrediction(_ bytes: [UInt8]) throws(RecordError) -> Prediction {
    let prediction = try decode(Prediction.self, from: bytes, schema: Prediction.schemaName)
    let figures =
      [("whole", prediction.whole)]
      + prediction.layers.enumerated().compactMap { index, layer in
        layer.predicted.map { ("layers[\(index)].predicted", $0) }
      }
    for (path, figure) in figures where !figure.isSound {
      throw .invalidField(path: path, reason: "no time above 0 within its interval")
    }
    return prediction
  }
}

extension Prediction.Figure {
  fileprivate var isSound: Bool {
    ci95.count == 2 && ci95[0] <= ns && ns <= ci95[1] && ci95[0] >= 0 && ns > 0
  }
}
