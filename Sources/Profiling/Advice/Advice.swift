/// What was measured of changes to a run: one JSON document of schema `ntprof.advice/1`.
///
/// `docs/advice.md` documents it.
public struct Advice: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.advice/1"

  /// What is to become better.
  public enum Objective: String, Codable, Hashable, Sendable, CaseIterable {
    /// The time of a pass.
    case latency
    /// The time of a pass for each input of its batch.
    case throughput
  }

  /// ``schemaName``.
  public var schema: String
  /// When it began, RFC 3339 in UTC.
  public var created: String
  /// The program that measured.
  public var tool: Tool
  /// The command line, program name first.
  public var command: [String]
  /// What was measured.
  public var topology: TopologyInfo
  /// Where.
  public var machine: MachineInfo
  /// How the baseline ran.
  public var options: RunOptions
  /// What is to become better.
  public var objective: Objective
  /// The least cosine between a candidate's outputs and those in f32 that is accepted.
  public var minCosine: Double
  /// Seconds that it might take, and took.
  public var budgetSeconds: Double, seconds: Double
  /// Processes of the baseline and of each finalist.
  public var processes: Int
  /// Median of the baseline in the final, ns; of a pass, or of an input of its batch.
  public var baselineNs: Double?
  /// What was tried: finalists first, the best one first of all.
  public var rows: [AdviceRow]
  /// Whether it was cut short by Ctrl-C.
  public var interrupted: Bool
  /// What ended a part of it early besides, and what was kept, in sentences; absent where nothing did.
  public var faults: [String]?

  /// Makes a document without rows.
  public init(
    created: String, tool: Tool, command: [String], baseline: RunRecord, objective: Objective,
    minCosine: Double, budgetSeconds: Double
  ) {
    schema = Advice.schemaName
    self.created = created
    self.tool = tool
    self.command = command
    topology = baseline.topology
    machine = baseline.machine
    options = baseline.options
    self.objective = objective
    self.minCosine = minCosine
    self.budgetSeconds = budgetSeconds
    seconds = 0
    processes = 0
    rows = []
    interrupted = false
  }

  /// The row that gains most of those that leave the network as it is; nil where none gains.
  public var best: AdviceRow? {
    rows.filter { $0.helps && !$0.changesNetwork }.min { $0.percent < $1.percent }
  }
}

/// One candidate.
public struct AdviceRow: Codable, Hashable, Sendable {
  /// What sort of change it is.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// How implementations are chosen.
    case tuning
    /// The number format.
    case precision
    /// The number of threads.
    case threads
    /// Where they run.
    case pinning
    /// The batch size.
    case batch
    /// Post-ops fused again.
    case fusion
    /// A `<param>` of the topology: another network.
    case param
    /// Several of the others.
    case combination
  }

  /// What became of it.
  public enum State: String, Codable, Hashable, Sendable, CaseIterable {
    /// It was measured against the baseline in the final.
    case measured
    /// Others were faster in the race.
    case dropped
    /// Its outputs are too far from those in f32.
    case inaccurate
    /// It could not be measured.
    case failed
    /// Time was up before its turn.
    case pending
  }

  /// What it changes, as the command line says it: `--precision int8`.
  public var change: String
  /// What sort of change it is.
  public var kind: Kind
  /// What of the baseline's record speaks for it; absent for those that are always tried.
  public var reason: String?
  /// What became of it.
  public var state: State
  /// Why it failed.
  public var failure: String?
  /// Its time over the baseline's in the race, less one, percent; absent where it was not in it.
  public var racePercent: Double?
  /// Its time over the baseline's by the bricks that the store had of both before anything was measured, less one,
  /// percent; absent where one was not there.
  public var predictedPercent: Double?
  /// Processes of it in the race.
  public var laps: Int
  /// The final: as in a `diff`; absent before it.
  public var difference: Difference?
  /// The least cosine between its outputs and those in f32 on the same inputs; absent where it is
  /// another network, or was not measured.
  public var cosine: Double?
  /// The command that measures it.
  public var command: String

  /// Makes a row of which nothing is measured.
  public init(change: String, kind: Kind, reason: String?, command: String) {
    self.change = change
    self.kind = kind
    self.reason = reason
    self.command = command
    state = .pending
    laps = 0
  }

  /// Whether the network itself is another one.
  public var changesNetwork: Bool { kind == .param }

  /// Whether it is faster than the baseline, significantly and beyond the band.
  public var helps: Bool { state == .measured && difference?.verdict == .faster }

  /// Its difference in the final, else in the race; 0 without either.
  var percent: Double { difference?.percent ?? racePercent ?? 0 }
}

/// Advice that was measured before, as a record quotes it.
public struct MeasuredAdvice: Codable, Hashable, Sendable {
  /// When it was measured, RFC 3339 in UTC.
  public var created: String
  /// What became better.
  public var objective: Advice.Objective
  /// How many changes were tried.
  public var tried: Int
  /// The best one as the command line says it; absent where none helped.
  public var change: String?
  /// What it gained, percent; negative is faster.
  public var percent: Double?
  /// The 95 % interval of that.
  public var ci95: [Double]?
  /// As ``AdviceRow/cosine``.
  public var cosine: Double?
  /// The command that measures it.
  public var command: String?

  /// What is worth quoting of a document; nil where nothing reached the final.
  public init?(_ advice: Advice) {
    guard advice.rows.contains(where: { $0.state == .measured }) else { return nil }
    created = advice.created
    objective = advice.objective
    tried = advice.rows.count { $0.kind != .combination && $0.laps > 0 }
    guard let best = advice.best else { return }
    change = best.change
    percent = best.difference?.percent
    ci95 = best.difference?.ci95
    cosine = best.cosine
    command = best.command
  }
}

extension RecordCoding {
  /// Reads measured advice.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeAdvice(_ bytes: [UInt8]) throws(RecordError) -> Advice {
    try decode(Advice.self, from: bytes, schema: Advice.schemaName)
  }
}
