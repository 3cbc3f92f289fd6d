/// One layer of a record.
public struct LayerRecord: Codable, Hashable, Sendable {
  /// Place in the order of execution, from 0.
  public var index: Int
  /// The layer's name.
  public var name: String
  /// Line of the topology file, if it came from one.
  public var line: Int?
  /// Element name of the primitive that costs most: MACs, then FLOP, then elements.
  public var kind: String
  /// Names of the segments it belongs to.
  public var segments: [String]
  /// The numbers it computes in.
  public var precision: PrecisionName
  /// Names of the layers and network inputs it reads; absent in older records.
  public var inputs: [String]?
  /// Which of its primitives compute in f32 although another precision was asked for, and why.
  public var keptInF32: String?
  /// Shapes of the values it reads.
  public var inputShapes: [Dims]
  /// Shape of the value it makes; empty where an imported file does not say.
  public var outputShape: Dims
  /// Trained values.
  @IfKnown public var parameters: Int
  /// Multiply-adds.
  @IfKnown public var macs: Int
  /// Floating-point operations.
  @IfKnown public var flops: Int
  /// Compulsory traffic.
  @IfKnown public var bytes: Bytes
  /// `flops / bytes.total`, FLOP a byte.
  @IfKnown public var arithmeticIntensity: Double
  /// Whether its costs are not known, which only those of imported files may be; else absent.
  ///
  /// Parameters, MACs, FLOP, bytes and intensity are absent then.
  public var costsUnknown: Bool?
  /// Time in the timed pass; absent outside `--layers`.
  public var time: TimeSummary?
  /// Median time over the sum of the medians of all layers and the unattributed rest, 0 to 1.
  public var share: Double?
  /// By how much processes were known to differ in this layer; absent where its own was not known.
  public var processSpread: ProcessSpread?
  /// What the machine's roofs allow it; only of layers that have not run.
  public var predicted: RoofPrediction?
  /// What ran for it, reorders included.
  public var primitives: [PrimitiveRecord]
  /// The layer whose primitives compute this one too; its own row then has no time.
  public var fusedInto: String?
  /// Why there is no time in a record that has times; absent where there is one.
  public var untimed: Untimed?
  /// Hardware, simulated or estimated events.
  public var counters: CounterRecord?
  /// Derived numbers.
  public var metrics: MetricValues
  /// What holds it back.
  public var bound: Bound?
  /// Why it stays below its roof; only for layers that take much of the time and do (see
  /// ``Hindrances``).
  public var hindrances: [Hindrance]?

  /// Why a layer of a measured network has no time of its own.
  public enum Untimed: String, Codable, Hashable, Sendable, CaseIterable {
    /// Another layer's primitives compute it: see ``LayerRecord/fusedInto``.
    case fused
    /// It only names or views data: no primitive runs.
    case nothingRuns = "nothing-runs"
    /// It ran longer than `--layer-timeout` and was left out.
    case timedOut = "timed-out"
    /// It stands outside `--layers`, or the run was cut short before it was timed.
    case notMeasured = "not-measured"
  }

  /// ``untimed``, also of records that do not say it.
  public var whyUntimed: Untimed? {
    time != nil ? nil : untimed ?? (fusedInto == nil ? nil : .fused)
  }

  /// Makes a row without measurements.
  public init(
    index: Int, name: String, line: Int?, kind: String, segments: [String],
    precision: PrecisionName,
    inputs: [String]? = nil, inputShapes: [Dims], outputShape: Dims, parameters: Int, macs: Int,
    flops: Int, bytes: Bytes, arithmeticIntensity: Double, primitives: [PrimitiveRecord] = []
  ) {
    self.index = index
    self.name = name
    self.line = line
    self.kind = kind
    self.segments = segments
    self.precision = precision
    self.inputs = inputs
    self.inputShapes = inputShapes
    self.outputShape = outputShape
    self.parameters = parameters
    self.macs = macs
    self.flops = flops
    self.bytes = bytes
    self.arithmeticIntensity = arithmeticIntensity
    self.primitives = primitives
    self.metrics = [:]
  }
}

extension LayerRecord {
  /// Says that nobody knows what it costs.
  public mutating func forgetCosts() {
    costsUnknown = true
    $parameters = nil
    $macs = nil
    $flops = nil
    $bytes = nil
    $arithmeticIntensity = nil
  }
}

/// Compulsory traffic of a layer: each weight, input and output once.
public struct Bytes: Codable, Hashable, Sendable {
  /// Weights, biases, statistics.
  public var weights: Int
  /// Values read.
  public var input: Int
  /// The value made.
  public var output: Int
  /// Their sum.
  public var total: Int

  /// Makes the sum.
  public init(weights: Int, input: Int, output: Int) {
    self.weights = weights
    self.input = input
    self.output = output
    self.total = weights + input + output
  }
}

extension Bytes: CostNumber {
  /// No traffic.
  public static var nothing: Bytes { Bytes(weights: 0, input: 0, output: 0) }
}

/// One oneDNN primitive, host kernel or node of another engine that ran for a layer.
public struct PrimitiveRecord: Codable, Hashable, Sendable {
  /// oneDNN's primitive kind (`convolution`, `reorder`, …) or `host`.
  public var kind: String
  /// oneDNN's implementation name, like `jit:avx512_core`.
  public var implementation: String
  /// Algorithm, like `convolution_direct`, if the primitive has one.
  public var algorithm: String?
  /// Memory formats by argument: `src`, `weights`, `dst`.
  public var formats: [String: String]
  /// Post-ops fused into it, in order.
  public var postOps: [String]
  /// Its time in the timed pass.
  public var time: TimeSummary?
  /// What else was tried for it.
  public var alternatives: [Alternative]
  /// Largest difference of its results from the direct algorithm's, as a share of the largest
  /// result; present where a search kept an algorithm that rounds otherwise.
  public var numericalError: Double?
  /// How its implementation was chosen; absent where there was no choice, with `--tuning fast`, and
  /// in records of older versions.
  public var tuning: TuningSource?
  /// The engine's name of the node, where another engine than ntprof's own ran it.
  public var node: String?

  /// Makes a row without time.
  public init(
    kind: String, implementation: String, algorithm: String? = nil, formats: [String: String] = [:],
    postOps: [String] = [], time: TimeSummary? = nil, alternatives: [Alternative] = [],
    numericalError: Double? = nil
  ) {
    self.kind = kind
    self.implementation = implementation
    self.algorithm = algorithm
    self.formats = formats
    self.postOps = postOps
    self.time = time
    self.alternatives = alternatives
    self.numericalError = numericalError
  }
}

/// How an implementation was chosen among those that the library offers.
public enum TuningSource: String, Codable, Hashable, Sendable, CaseIterable {
  /// By trials of this run.
  case searched
  /// By trials of an earlier run on this machine.
  case remembered
  /// By what trials of other layers taught, or as the library's first choice: none was tried.
  case guessed
}

/// An implementation that a search tried.
public struct Alternative: Codable, Hashable, Sendable {
  /// oneDNN's implementation name.
  public var implementation: String
  /// Algorithm, if it has one.
  public var algorithm: String?
  /// Best time by itself, ns; absent when it was skipped.
  public var time: Double?
  /// Memory formats by argument: `src`, `weights`, `dst`.
  public var formats: [String: String]?
  /// As ``PrimitiveRecord/numericalError``.
  public var numericalError: Double?
  /// Why it is not to be used: `crashed`, `wrong result` or `wrote beyond its memory`; absent where
  /// nothing speaks against it.
  public var fault: String?

  /// Describes an alternative.
  public init(
    implementation: String, algorithm: String? = nil, time: Double? = nil,
    formats: [String: String]? = nil, numericalError: Double? = nil, fault: String? = nil
  ) {
    self.implementation = implementation
    self.algorithm = algorithm
    self.time = time
    self.formats = formats
    self.numericalError = numericalError
    self.fault = fault
  }
}

/// Events of a layer or segment, with their source.
public struct CounterRecord: Codable, Hashable, Sendable {
  /// One event's value a pass.
  public struct Event: Codable, Hashable, Sendable {
    /// Median over the counted passes.
    public var value: Double
    /// (max − min) / median over the passes; absent for computed values.
    public var spread: Double?

    /// Makes a value.
    public init(value: Double, spread: Double? = nil) {
      self.value = value
      self.spread = spread
    }
  }

  /// Where they come from.
  public var source: CounterSourceName
  /// Whether the counted run used the implementations of the timed one; absent when the same run.
  public var implementationMatches: Bool?
  /// oneDNN's implementation names of the simulated run's primitives, in order; absent when the
  /// events are not simulated.
  public var simulatedImplementations: [String]?
  /// Values by event name.
  public var events: [String: Event]
  /// Values of each thread, where the source tells them apart.
  public var threads: [[String: Double]]?

  /// Makes the events.
  public init(
    source: CounterSourceName, implementationMatches: Bool? = nil,
    simulatedImplementations: [String]? = nil,
    events: [String: Event], threads: [[String: Double]]? = nil
  ) {
    self.source = source
    self.implementationMatches = implementationMatches
    self.simulatedImplementations = simulatedImplementations
    self.events = events
    self.threads = threads
  }
}

/// What holds a layer back, with the evidence.
public struct Bound: Codable, Hashable, Sendable {
  /// The classes a layer can fall into.
  public enum Class: String, Codable, Hashable, Sendable, CaseIterable {
    /// Bytes take longer than arithmetic.
    case memory
    /// Arithmetic takes longer than bytes.
    case core
    /// Neither by a factor of two.
    case balanced
    /// Top-down: instructions do not arrive.
    case frontend
    /// Top-down: work is thrown away.
    case badSpeculation = "bad-speculation"
    /// Neither roof explains the time.
    case latency
    /// Nothing to judge by.
    case unknown
  }

  /// How the class was found.
  public enum Method: String, Codable, Hashable, Sendable, CaseIterable {
    /// Vendor's slot accounting.
    case topDown = "top-down"
    /// Measured roofs.
    case roofline
    /// None.
    case none
  }

  /// The class (`class` in JSON).
  public var `class`: Class
  /// How it was found.
  public var method: Method
  /// `high`; `medium` near another class; `low` where the numbers contradict one another.
  public var confidence: String
  /// Numbers behind it, like `memory_ns`, `compute_ns`, `ratio` and `efficiency`.
  public var evidence: Evidence

  /// Makes a verdict.
  public init(
    class: Class, method: Method, confidence: String, evidence: Evidence = [:]
  ) {
    self.class = `class`
    self.method = method
    self.confidence = confidence
    self.evidence = evidence
  }
}

/// The layers between two markers, as one row.
public struct SegmentRecord: Codable, Hashable, Sendable {
  /// The marker's name.
  public var name: String
  /// Names of its layers.
  public var layers: [String]
  /// Sum over its layers, sample by sample.
  public var time: TimeSummary?
  /// Median time over the sum of medians that the layers' shares are of.
  public var share: Double?
  /// Sums of its layers' events.
  public var counters: CounterRecord?
  /// Derived numbers.
  public var metrics: MetricValues
  /// What holds it back.
  public var bound: Bound?

  /// Makes a row without measurements.
  public init(name: String, layers: [String]) {
    self.name = name
    self.layers = layers
    self.metrics = [:]
  }
}
