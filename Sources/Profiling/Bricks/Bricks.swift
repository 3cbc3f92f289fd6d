/// Networks taken apart into bricks, what bricks were measured to take, and what networks are predicted to
/// take from them: one JSON document of schema `ntprof.bricks/1`.
///
/// The method is that of DLBricks (Li, Dakkak, Xiong, Hwu, ICPE 2020). `docs/bricks.md` documents the
/// document.
public struct Bricks: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.bricks/1"

  /// ``schemaName``.
  public var schema: String
  /// When it began, RFC 3339 in UTC.
  public var created: String
  /// The program that measured.
  public var tool: Tool
  /// The command line, program name first.
  public var command: [String]
  /// Where.
  public var machine: MachineInfo
  /// How.
  public var options: BrickOptions
  /// The distinct bricks, in the order in which they were found.
  public var bricks: [BrickRow]
  /// The networks, in the order in which they were named.
  public var networks: [BrickNetwork]
  /// What follows for all of them.
  public var summary: BrickSummary
  /// Seconds that measuring bricks took, those from the store not counted.
  public var brickSeconds: Double
  /// Seconds that measuring whole networks took; absent where none was asked for.
  public var networkSeconds: Double?
  /// Whether it was cut short by Ctrl-C.
  public var interrupted: Bool

  /// Makes a document of which nothing is measured.
  public init(
    created: String, tool: Tool, command: [String], machine: MachineInfo, options: BrickOptions,
    bricks: [BrickRow], networks: [BrickNetwork]
  ) {
    schema = Bricks.schemaName
    self.created = created
    self.tool = tool
    self.command = command
    self.machine = machine
    self.options = options
    self.bricks = bricks
    self.networks = networks
    summary = BrickSummary(bricks: bricks, networks: networks)
    brickSeconds = 0
    interrupted = false
  }

  /// Predicts every network from what is known of its bricks, and sums up.
  public mutating func conclude() {
    var times: [BrickPlace: BrickTiming] = [:]
    for row in bricks { times[BrickPlace(brick: row.id, cache: row.cache)] = row.timing }
    for index in networks.indices {
      networks[index].predict { times[BrickPlace(brick: $0.brick, cache: $0.cache)] }
    }
    summary = BrickSummary(bricks: bricks, networks: networks)
  }
}

/// A brick, and what it finds in the caches.
private struct BrickPlace: Hashable {
  let brick: String
  let cache: String?
}

/// How bricks are made and measured.
public struct BrickOptions: Codable, Hashable, Sendable {
  /// The most groups of fused layers in a brick.
  public var granularity: Int
  /// OpenMP threads.
  public var threads: Int
  /// `f32`, `bf16` or `int8`.
  public var precision: String
  /// `warm`: a brick's own last pass has left in the caches what fits; `cold`: nothing of it is there; `auto`: `warm`,
  /// but for bricks of networks whose weights exceed the last cache, see ``BrickRow/cache``.
  public var cache: String
  /// Whether layers are fused.
  public var fusion: Bool
  /// How implementations are chosen.
  public var tuning: String
  /// Seconds that `auto` may search for, a brick; absent with other choices.
  public var tuningBudget: Double?
  /// Seed of weights and inputs.
  public var seed: UInt64
  /// Whether algorithms that round otherwise than the direct one were left out; absent where not.
  public var exact: Bool?
  /// The cap of the instruction set; absent without one.
  public var isa: String?
  /// Binding of threads, as asked for.
  public var pin: String
  /// Processes that measure each brick, and each network; absent of older documents, in which it was one.
  public var processes: Int?

  /// Describes a run.
  public init(
    granularity: Int, threads: Int, precision: String, cache: String, fusion: Bool, tuning: String,
    tuningBudget: Double?, seed: UInt64, exact: Bool?, isa: String?, pin: String,
    processes: Int? = nil
  ) {
    self.granularity = granularity
    self.threads = threads
    self.precision = precision
    self.cache = cache
    self.fusion = fusion
    self.tuning = tuning
    self.tuningBudget = tuningBudget
    self.seed = seed
    self.exact = exact
    self.isa = isa
    self.pin = pin
    self.processes = processes
  }
}

/// A brick: layers that were measured as a network of their own.
public struct BrickRow: Codable, Hashable, Sendable {
  /// What became of it.
  public enum State: String, Codable, Hashable, Sendable, CaseIterable {
    /// This run measured it.
    case measured
    /// An earlier run did.
    case stored
    /// It could not be measured.
    case failed
    /// Its turn did not come.
    case pending
  }

  /// The beginning of the SHA-256 of its topology.
  public var id: String
  /// Elements of its layers' costliest primitives, in order.
  public var kinds: [String]
  /// Shapes of what it reads.
  public var inputShapes: [Dims]
  /// Shapes of what it gives.
  public var outputShapes: [Dims]
  /// Trained values.
  public var parameters: Int
  /// Multiply-adds.
  public var macs: Int
  /// Floating-point operations.
  public var flops: Int
  /// How often it stands in all networks.
  public var uses: Int
  /// In how many of them it stands.
  public var networks: Int
  /// What became of it.
  public var state: State
  /// Why it failed; absent elsewhere.
  public var reason: String?
  /// What it took; absent where it was not measured.
  public var timing: BrickTiming?
  /// `cold-weights` where its weights are in no cache when it begins; absent where all is as `options.cache` says.
  ///
  /// So they are in networks whose weights exceed the last cache. A brick that stands in others, too, has a row for each.
  public var cache: String?

  /// Makes a row of which nothing is measured.
  public init(
    id: String, kinds: [String], inputShapes: [Dims], outputShapes: [Dims], parameters: Int,
    macs: Int, flops: Int, uses: Int, networks: Int, cache: String? = nil
  ) {
    self.id = id
    self.kinds = kinds
    self.inputShapes = inputShapes
    self.outputShapes = outputShapes
    self.parameters = parameters
    self.macs = macs
    self.flops = flops
    self.uses = uses
    self.networks = networks
    self.cache = cache
    state = .pending
  }
}

/// A network as bricks.
public struct BrickNetwork: Codable, Hashable, Sendable {
  /// Where a brick stands in it.
  public struct Part: Codable, Hashable, Sendable {
    /// The brick's ``BrickRow/id``.
    public var brick: String
    /// Names of the layers there.
    public var layers: [String]
    /// The parts that it reads, by their place in the list; all stand before it.
    public var inputs: [Int]
    /// Whether it reads an input of the network, whose reorders then count.
    public var readsInput: Bool
    /// Whether it gives an output of the network, whose reorders then count.
    public var givesOutput: Bool
    /// Whether nothing runs for it in the network, like a join of what is made in place, although its brick
    /// may take time; absent elsewhere.
    public var isIdle: Bool?
    /// What it is predicted to take, ns; absent where its brick was not measured.
    public var ns: Double?
    /// Whether it is on the critical path; absent without a prediction.
    public var isCritical: Bool?
    /// The brick's ``BrickRow/cache``, where it has one.
    public var cache: String?

    /// Makes a part of which nothing is predicted.
    public init(
      brick: String, layers: [String], inputs: [Int], readsInput: Bool, givesOutput: Bool,
      isIdle: Bool? = nil, cache: String? = nil
    ) {
      self.brick = brick
      self.layers = layers
      self.inputs = inputs
      self.readsInput = readsInput
      self.givesOutput = givesOutput
      self.isIdle = isIdle
      self.cache = cache
    }
  }

  /// What it took as a whole.
  public struct Measured: Codable, Hashable, Sendable {
    /// The median pass, ns: of bare passes with warm caches, of timed ones with cold; of several processes the median of
    /// theirs.
    public var ns: Double
    /// The 95 % interval of that, within the process where there is one, else between them; absent below 6 samples.
    public var ci95: [Double]?
    /// Passes, of all processes together.
    public var count: Int
    /// The part of it that is reorders, ns; bricks have none of those between them.
    public var reordersNs: Double
    /// The median of each process, ns, in order; absent where there was one.
    public var processesNs: [Double]?

    /// From the fastest process to the slowest, in percent of their median; nil of one process.
    public var spreadPercent: Double? { BrickTiming.spread(processesNs ?? [], of: ns) }

    /// Describes a measurement.
    public init(ns: Double, ci95: [Double]?, count: Int, reordersNs: Double) {
      self.ns = ns
      self.ci95 = ci95
      self.count = count
      self.reordersNs = reordersNs
    }

    /// What a record says; nil where nothing was timed.
    public init?(_ record: RunRecord) {
      let isCold = record.options.cache == "cold"
      guard let time = isCold ? record.timedPass?.time : record.endToEnd?.time else { return nil }
      ns = time.median
      ci95 = time.ci95
      count = time.count
      reordersNs = record.layers.flatMap(\.primitives).filter { $0.kind == "reorder" }
        .reduce(0) { $0 + ($1.time?.median ?? 0) }
    }

    /// What several processes say together; nil of none.
    public init?(_ processes: [Measured]) {
      guard let first = processes.first else { return nil }
      guard processes.count > 1 else {
        self = first
        return
      }
      let times = processes.map(\.ns)
      let time = TimeSummary(samples: times)
      self.init(
        ns: time.median, ci95: time.ci95, count: processes.reduce(0) { $0 + $1.count },
        reordersNs: Percentiles.median(of: processes.map(\.reordersNs)))
      processesNs = times
    }
  }

  /// What it is.
  public var topology: TopologyInfo
  /// Its layers.
  public var layers: Int
  /// Its bricks, in an order in which they can run.
  public var parts: [Part]
  /// How many different ones they are.
  public var distinct: Int
  /// The sum of all its parts, ns: what it takes where one runs after the other, as ntprof runs them.
  ///
  /// Absent where a brick was not measured.
  public var sequentialNs: Double?
  /// The least and the most that the sum is when each part is taken from one process of its brick, the first of all, the
  /// second of all, and so on, and ``sequentialNs`` itself, ns: how far processes differ.
  ///
  /// Absent where a brick was measured by one process.
  public var sequentialRangeNs: [Double]?
  /// The sum along the longest path, ns: the least that any number of engines running independent parts
  /// at once could need, were each as fast as alone.
  public var criticalNs: Double?
  /// What it took as a whole; absent where that was not measured.
  public var measured: Measured?
  /// Why that was not measured, although it was asked for.
  public var reason: String?
  /// ``sequentialNs`` over the measured time, less one, percent.
  public var errorPercent: Double?

  /// Makes a network of which nothing is known.
  public init(topology: TopologyInfo, layers: Int, parts: [Part]) {
    self.topology = topology
    self.layers = layers
    self.parts = parts
    distinct = Set(parts.map(\.brick)).count
  }

  /// From the least of ``sequentialRangeNs`` to the most, in percent of ``sequentialNs``; nil where there is none.
  public var spreadPercent: Double? {
    BrickTiming.spread(sequentialRangeNs ?? [], of: sequentialNs ?? 0)
  }

  /// Predicts it from what its bricks took.
  mutating func predict(_ timing: (Part) -> BrickTiming?) {
    let times = parts.map(timing)
    for (index, time) in times.enumerated() {
      parts[index].ns = time.map { parts[index].time(of: $0.whole) }
      parts[index].isCritical = nil
    }
    (sequentialNs, sequentialRangeNs, criticalNs, errorPercent) = (nil, nil, nil, nil)
    let prediction = BrickPrediction(times: parts.map(\.ns), inputs: parts.map(\.inputs))
    guard let prediction else { return }
    sequentialNs = prediction.sequential
    sequentialRangeNs = range(times.compactMap(\.self), around: prediction.sequential)
    criticalNs = prediction.critical
    for index in parts.indices {
      parts[index].isCritical = prediction.path.contains(index)
    }
    if let measured, measured.ns > 0, prediction.sequential > 0 {
      errorPercent = (prediction.sequential / measured.ns - 1) * 100
    }
  }

  /// The least and the most of the sums of processes, and of their prediction.
  private func range(_ times: [BrickTiming], around sum: Double) -> [Double]? {
    let rounds = times.map(\.measured.count).min() ?? 0
    guard rounds > 1 else { return nil }
    let processes = times.map(\.measured)
    let sums = (0..<rounds).map { round in
      zip(parts, processes).reduce(0) { $0 + $1.0.time(of: $1.1[round]) }
    }
    return [min(sum, sums.min() ?? sum), max(sum, sums.max() ?? sum)]
  }
}

extension RecordCoding {
  /// Reads networks as bricks.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeBricks(_ bytes: [UInt8]) throws(RecordError) -> Bricks {
    try decode(Bricks.self, from: bytes, schema: Bricks.schemaName)
  }
}

extension BrickNetwork.Part {
  /// What a process of the brick says of this place, ns; 0 where nothing runs.
  fileprivate func time(of process: BrickTiming.Process) -> Double {
    isIdle == true ? 0 : process.ns(readsInput: readsInput, givesOutput: givesOutput)
  }
}
