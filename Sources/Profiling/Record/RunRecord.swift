/// The saved result of a run: one JSON document of schema `ntprof.record/1`.
///
/// Every report and every diff is a pure function of records. Times are nanoseconds, counts are
/// integers, and a value that was not measured is absent, never 0. `docs/record.md` documents
/// the JSON form; its keys are these names in snake_case.
public struct RunRecord: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.record/1"

  /// ``schemaName``.
  public var schema: String
  /// When the run began, RFC 3339 in UTC.
  public var created: String
  /// The program that measured.
  public var tool: Tool
  /// The command line, program name first.
  public var command: [String]
  /// What was measured.
  public var topology: TopologyInfo
  /// How it was measured.
  public var options: RunOptions
  /// Where it was measured.
  public var machine: MachineInfo
  /// Analytic sums over the layers.
  public var totals: Totals
  /// The bare pass; absent when the topology was only shown.
  public var endToEnd: EndToEnd?
  /// The pass with one clock read a boundary.
  public var timedPass: TimedPass?
  /// One row a layer, in execution order.
  public var layers: [LayerRecord]
  /// One row a segment.
  public var segments: [SegmentRecord]
  /// The timed pass less its instrumented layers.
  public var unattributed: Unattributed?
  /// What measuring itself costs.
  public var overhead: Overhead?
  /// How it did under a load pattern; absent where none was asked for.
  public var scenario: ScenarioRecord?
  /// How the events were simulated; absent where none were.
  public var simulation: SimulationInfo?
  /// What the machine was set to and did besides; absent in records of older versions.
  public var conditions: RunConditions?
  /// Largest resident set of the process, bytes.
  public var peakMemoryBytes: Int?
  /// What ``peakMemoryBytes`` was predicted to be before anything was allocated; absent in records of older
  /// versions.
  public var predictedMemoryBytes: Int?
  /// What was measured before of changes to this run on this machine (`ntprof advise`); absent where
  /// nothing was.
  public var advice: [MeasuredAdvice]?
  /// What the reader should know, each with a remedy.
  public var warnings: [Warning]
  /// Whether the run was cut short; what was measured until then stands.
  public var interrupted: Bool
  /// What measured it, where it was not ntprof; absent in its own records.
  public var origin: Origin?

  /// What an imported record was made of.
  public struct Origin: Codable, Hashable, Sendable {
    /// The format of the file: `onednn-verbose`, `benchmark-app` or `onnxruntime-profile`.
    public var format: String
    /// The program that measured, like `oneDNN`.
    public var program: String
    /// Its version; absent where the file does not say.
    public var version: String?

    /// Describes an origin; an empty version is none.
    public init(format: String, program: String, version: String?) {
      self.format = format
      self.program = program
      self.version = version?.isEmpty == true ? nil : version
    }
  }

  /// Makes a record without measurements (what `show` prints).
  public init(
    created: String, tool: Tool, command: [String], topology: TopologyInfo, options: RunOptions,
    machine: MachineInfo, totals: Totals, layers: [LayerRecord], segments: [SegmentRecord] = [],
    warnings: [Warning] = []
  ) {
    self.schema = RunRecord.schemaName
    self.created = created
    self.tool = tool
    self.command = command
    self.topology = topology
    self.options = options
    self.machine = machine
    self.totals = totals
    self.layers = layers
    self.segments = segments
    self.warnings = warnings
    self.interrupted = false
  }
}

/// A program and its version.
public struct Tool: Codable, Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its version.
  public var version: String

  /// Names a program.
  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }
}

/// What was measured.
public struct TopologyInfo: Codable, Hashable, Sendable {
  /// The topology's name.
  public var name: String
  /// The file as the user named it.
  public var source: String
  /// SHA-256 of the file, in hex.
  public var sha256: String
  /// Values of the topology's params, overrides applied.
  public var parameters: [String: Int]
  /// What it was read from: `xml`, `onnx` or `openvino-ir`; absent in older records, which are XML.
  public var format: String?
  /// Where its weights come from; absent where nothing was planned, and in older records, whose
  /// weights are random.
  public var weights: WeightsInfo?

  /// Describes a topology.
  public init(name: String, source: String, sha256: String, parameters: [String: Int]) {
    self.name = name
    self.source = source
    self.sha256 = sha256
    self.parameters = parameters
  }
}

/// Where the weights of a network come from.
public struct WeightsInfo: Codable, Hashable, Sendable {
  /// The kinds of sources.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Random numbers of `options.seed`.
    case random
    /// A safetensors file.
    case file
    /// The model itself.
    case model
  }

  /// The kind of source.
  public var kind: Kind
  /// The file as the user named it; absent for random weights.
  public var source: String?
  /// Constants that the source gave; absent for random weights.
  public var constants: Int?

  /// Describes a source.
  public init(kind: Kind, source: String? = nil, constants: Int? = nil) {
    self.kind = kind
    self.source = source
    self.constants = constants
  }
}

/// Analytic sums over all layers.
public struct Totals: Codable, Hashable, Sendable {
  /// Number of layers.
  public var layers: Int
  /// Trained values.
  ///
  /// This and what follows is of the layers whose costs are known, and absent where those of none are.
  @IfKnown public var parameters: Int
  /// Multiply-adds.
  @IfKnown public var macs: Int
  /// Floating-point operations.
  @IfKnown public var flops: Int
  /// Compulsory bytes of weights, inputs and outputs over the layers.
  @IfKnown public var bytes: Int

  /// Makes the sums.
  public init(layers: Int, parameters: Int, macs: Int, flops: Int, bytes: Int) {
    self.layers = layers
    self.parameters = parameters
    self.macs = macs
    self.flops = flops
    self.bytes = bytes
  }

  /// Sums of layers none of whose costs are known.
  public init(unknownOf layers: Int) {
    self.init(layers: layers, parameters: 0, macs: 0, flops: 0, bytes: 0)
    $parameters = nil
    $macs = nil
    $flops = nil
    $bytes = nil
  }
}

/// The bare pass: the whole network without any instrument inside.
public struct EndToEnd: Codable, Hashable, Sendable {
  /// Time of one pass.
  public var time: TimeSummary
  /// Batch size over the median time.
  public var throughputPerSecond: Double
  /// Time of planning: primitives made, weights packed, and what a search tried; ns.
  public var planningNs: Double?
  /// Time of the very first pass (code generation and page faults included).
  public var firstInferenceNs: Double?
  /// SHA-256 of the network's outputs, in hex: equal digests, equal results.
  public var outputDigest: String?
  /// Outliers and drift of the samples; absent in records of older versions.
  public var stability: Stability?
  /// Pairs of a bare and a timed pass that are among no samples, because another program took a core
  /// from a thread meanwhile; absent in records of older versions.
  public var droppedPairs: Int?
  /// How the samples were drawn from the passes that ran; absent where every pass is one.
  public var thinning: Thinning?
  /// How many passes other programs disturbed; absent in records of older versions.
  public var disturbance: Disturbance?
  /// By how much processes of this network were known to differ on this machine when the record was
  /// made; absent in records of older versions.
  public var processSpread: ProcessSpread?
  /// The least cosine of the angle between an output and the same of an f32 run on the same
  /// inputs; absent for f32.
  public var cosineSimilarity: Double?
  /// How far the outputs of another engine are from those of ntprof's own run in f32 on the same
  /// weights and inputs; absent for ntprof's own.
  public var outputError: OutputError?

  /// Makes the summary.
  public init(
    time: TimeSummary, throughputPerSecond: Double, firstInferenceNs: Double? = nil,
    outputDigest: String? = nil
  ) {
    self.time = time
    self.throughputPerSecond = throughputPerSecond
    self.firstInferenceNs = firstInferenceNs
    self.outputDigest = outputDigest
  }
}

/// How much of what was measured other programs, or the hypervisor, disturbed.
public struct Disturbance: Codable, Hashable, Sendable {
  /// Pairs of passes that were taken.
  public var pairs: Int
  /// Pairs of which threads had to wait for a core, or lost it, for a hundredth of the time or more.
  public var disturbed: Int
  /// Disturbed pairs that are among the samples all the same, because too few were clean.
  public var kept: Int
  /// Share of the time of all pairs that threads did not get, 0 to 1.
  public var stolenShare: Double

  /// Makes the account.
  public init(pairs: Int, disturbed: Int, kept: Int, stolenShare: Double) {
    self.pairs = pairs
    self.disturbed = disturbed
    self.kept = kept
    self.stolenShare = stolenShare
  }

  /// The account of several processes.
  static func sum(of parts: [Disturbance]) -> Disturbance {
    let pairs = parts.reduce(0) { $0 + $1.pairs }
    let stolen = parts.reduce(0) { $0 + $1.stolenShare * Double($1.pairs) }
    return Disturbance(
      pairs: pairs, disturbed: parts.reduce(0) { $0 + $1.disturbed },
      kept: parts.reduce(0) { $0 + $1.kept },
      stolenShare: pairs > 0 ? stolen / Double(pairs) : 0)
  }

  /// Share of the samples that are disturbed from which on the numbers are doubtful.
  public static let doubtfulFrom = 0.2

  /// Share of the samples that are disturbed.
  public var keptShare: Double {
    let samples = pairs - disturbed + kept
    return samples > 0 ? Double(kept) / Double(samples) : 0
  }

  /// Whether so many samples are disturbed that the numbers are doubtful.
  public var isDoubtful: Bool { keptShare >= Self.doubtfulFrom }
}

/// The pass with one clock read at each boundary.
public struct TimedPass: Codable, Hashable, Sendable {
  /// Time of one pass.
  public var time: TimeSummary
  /// Passes whose mean each sample is, of layers, too; absent where a sample is one pass.
  public var passesPerSample: Int?

  /// Makes the summary.
  public init(time: TimeSummary, passesPerSample: Int? = nil) {
    self.time = time
    self.passesPerSample = passesPerSample
  }
}

/// What no instrumented layer accounts for: `timed pass − Σ layers`, sample by sample.
public struct Unattributed: Codable, Hashable, Sendable {
  /// Its time; the mean closes the sum over the layers.
  public var time: TimeSummary
  /// Its median over the sum of the medians of all layers and itself, 0 to 1.
  public var share: Double
  /// What another engine's nodes and the time between them have of the pass; absent of ntprof's own.
  public var nodes: NodeTimes?

  /// Makes the row.
  public init(time: TimeSummary, share: Double, nodes: NodeTimes? = nil) {
    self.time = time
    self.share = share
    self.nodes = nodes
  }
}

/// What measuring costs.
public struct Overhead: Codable, Hashable, Sendable {
  /// How much each level of instrumentation lengthens the bare pass: ratio of medians − 1.
  public struct Inflation: Codable, Hashable, Sendable {
    /// One clock read a boundary.
    public var timed: Double?
    /// One counter read a boundary.
    public var counted: Double?

    /// Makes the ratios.
    public init(timed: Double? = nil, counted: Double? = nil) {
      self.timed = timed
      self.counted = counted
    }
  }

  /// One clock read, ns.
  public var clockNs: Double?
  /// One counter read, ns.
  public var countersNs: Double?
  /// Lengthening of the pass.
  public var inflation: Inflation

  /// Makes the overheads.
  public init(clockNs: Double? = nil, countersNs: Double? = nil, inflation: Inflation) {
    self.clockNs = clockNs
    self.countersNs = countersNs
    self.inflation = inflation
  }
}

/// How events were simulated.
public struct SimulationInfo: Codable, Hashable, Sendable {
  /// What simulated them, like `callgrind-3.19.0`.
  public var simulator: String
  /// The instruction set that oneDNN used there, like `avx2`.
  public var isa: String
  /// Threads of the simulated run.
  public var threads: Int
  /// The simulated caches.
  public var caches: [MachineInfo.Cache]

  /// Describes a simulation.
  public init(simulator: String, isa: String, threads: Int, caches: [MachineInfo.Cache]) {
    self.simulator = simulator
    self.isa = isa
    self.threads = threads
    self.caches = caches
  }
}

/// Something the reader should know, with what to do about it.
public struct Warning: Codable, Hashable, Sendable {
  /// A stable code, like `noisy-machine`.
  public var code: String
  /// What was seen.
  public var message: String
  /// What to do.
  public var remedy: String

  /// Makes a warning.
  public init(code: String, message: String, remedy: String) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }
}
