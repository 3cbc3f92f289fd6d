/// One network on several machines: one JSON document of schema `ntprof.hardware/1`.
///
/// A pure function of the records. A time ratio is split in what the ratio of the machines' measured
/// roofs explains and what is left over: that is the library's doing where other code ran, and the
/// network's where its layers are too small for any roof. `docs/record.md` documents the JSON form.
public struct HardwareComparison: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.hardware/1"

  /// ``schemaName``.
  public var schema: String
  /// The machines in the order given; the first is the baseline.
  public var machines: [Machine]
  /// Every other machine against the first.
  public var candidates: [Candidate]
  /// One row a layer, in the order of execution.
  public var layers: [Layer]
  /// What a gate says, which is nothing; absent where none was asked.
  public var gate: Gate?

  /// One record, without its rows.
  public struct Machine: Codable, Hashable, Sendable {
    /// When the run began.
    public var created: String
    /// What was measured.
    public var topology: TopologyInfo
    /// How.
    public var options: RunOptions
    /// Where: CPU, caches, libraries, measured roofs.
    public var machine: MachineInfo
    /// What memory and caches deliver; empty where it was not measured.
    public var bandwidths: [LevelBandwidth]
    /// Analytic sums.
    public var totals: Totals
    /// Median time of the network; absent where it was not measured.
    public var timeNs: Double?
    /// Sum of what the roofs allow the layers that were timed; absent without roofs.
    public var attainableNs: Double?
    /// That over what these layers took.
    public var roofFraction: Double?
    /// What is not known of it, in words.
    public var missing: [String]
  }

  /// A machine against the first.
  public struct Candidate: Codable, Hashable, Sendable {
    /// What differs besides the machines, in words.
    public var differences: [String]
    /// How the ratios' intervals were estimated.
    public var method: DiffMethod?
    /// The whole network; absent where a side was not measured.
    public var whole: RoofRatio?
    /// Share of the whole that layers with roofs on both sides take, on either side; absent without
    /// one.
    public var coverage: Sides<Double>?
    /// Where the rest comes from, in the order of ``Cause``; empty where nothing can be said.
    public var causes: [CauseSum]
    /// What makes most of the difference; absent where nothing can be said.
    public var mainly: Mainly?
    /// All of this in words, the short answer first.
    public var verdict: [String]
  }

  /// A layer on every machine.
  public struct Layer: Codable, Hashable, Sendable {
    /// Its name on the first.
    public var name: String
    /// Its kind.
    public var kind: String
    /// Analytic operations; absent where they are not known.
    public var flops: Int?
    /// One a machine.
    public var machines: [LayerSide]
    /// One a candidate.
    public var candidates: [LayerRatio]
  }

  /// A layer on one machine.
  public struct LayerSide: Codable, Hashable, Sendable {
    /// Median time; absent where it was not timed, or another layer's primitives compute it.
    public var timeNs: Double?
    /// What the nearer roof allows; absent without roofs.
    public var attainableNs: Double?
    /// That over the median: 1 is at the roof.
    public var roofFraction: Double?
    /// What holds it back.
    public var bound: Bound.Class?
    /// Compulsory bytes, which depend on the precision.
    public var bytes: Int?
    /// Implementation of the primitive that takes longest.
    public var implementation: String?
    /// Its algorithm, if it has one.
    public var algorithm: String?
    /// Its precision.
    public var precision: PrecisionName
    /// The layer that computes this one, too.
    public var fusedInto: String?
  }

  /// A layer of a candidate against the first machine.
  public struct LayerRatio: Codable, Hashable, Sendable {
    /// The times; absent where a side has none.
    public var times: RoofRatio?
    /// What the rest may come from; absent where nothing is explained.
    public var cause: Cause?
    /// What ran otherwise, in words; absent where the same code ran.
    public var code: String?
  }

  /// What a rest may come from that the roofs do not explain.
  public enum Cause: String, Codable, Hashable, Sendable, CaseIterable {
    /// Another implementation, algorithm, precision, fusion or engine ran: the library's choice.
    case implementation
    /// On a side no roof explains the time: the network's layer is too small, or waits.
    case latency
    /// Implementations have the same names, in other versions of the library.
    case library
    /// The same code ran: the chip does better or worse than its roofs say.
    case sameCode = "same-code"
  }

  /// The rest of the layers of one cause.
  public struct CauseSum: Codable, Hashable, Sendable {
    /// The cause.
    public var cause: Cause
    /// How many layers.
    public var layers: Int
    /// Sum of their ``RoofRatio/excessNs``.
    public var excessNs: Double
  }

  /// What makes most of a difference.
  public enum Mainly: String, Codable, Hashable, Sendable, CaseIterable {
    /// The roofs explain at least as much as is left.
    case chip
    /// Most is left, in layers that run other code or another version of it.
    case library
    /// Most is left, in layers that no roof explains.
    case network
    /// Most is left, in layers of the same code.
    case unexplained
  }
}

/// Why records of several machines say nothing about the machines.
public struct HardwareMismatch: Error, Hashable, Sendable, CustomStringConvertible {
  /// The letter of the record that does not fit the first.
  public let letter: String
  /// Why not, in words.
  public let reason: String
  /// What to do about it.
  public let remedy: String

  /// One sentence.
  public var description: String { "A and \(letter) do not compare: \(reason)" }
}

extension RecordCoding {
  /// Reads a comparison of machines.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeHardware(_ bytes: [UInt8]) throws(RecordError) -> HardwareComparison {
    let hardware = try decode(
      HardwareComparison.self, from: bytes, schema: HardwareComparison.schemaName)
    if let fault = hardware.fault { throw .invalidField(path: fault.path, reason: fault.reason) }
    return hardware
  }
}

extension HardwareComparison {
  /// What contradicts itself: every list has a place a machine, or a machine but the first.
  fileprivate var fault: (path: String, reason: String)? {
    let others = machines.count - 1
    guard others >= 1 else { return ("machines", "fewer than two") }
    guard candidates.count == others else {
      return ("candidates", "\(candidates.count) beside \(machines.count) machines")
    }
    for (place, layer) in layers.enumerated() {
      guard layer.machines.count == machines.count else {
        return ("layers[\(place)].machines", "not one a machine")
      }
      guard layer.candidates.count == others else {
        return ("layers[\(place)].candidates", "not one a candidate")
      }
    }
    return nil
  }
}
