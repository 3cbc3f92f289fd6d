/// What ntprof asks a worker; `docs/engines.md` documents the protocol.
enum Requests {
  /// The version of the protocol that is spoken here.
  static let version = 1

  struct Hello: Encodable {
    var `do` = "hello"
    var `protocol` = Requests.version
  }

  struct Run: Encodable {
    var `do` = "run"
    var kind: PassKind
    var warmupNs: Int
    var warmupPasses: Int
    var passes: Int
    var untilNs: Int

    enum CodingKeys: String, CodingKey {
      case `do`, kind, passes
      case warmupNs = "warmup_ns"
      case warmupPasses = "warmup_passes"
      case untilNs = "until_ns"
    }
  }

  struct Nodes: Encodable { var `do` = "nodes" }
  struct Stop: Encodable { var `do` = "stop" }
  struct Quit: Encodable { var `do` = "quit" }
}

/// What a pass is instrumented with.
public enum PassKind: String, Codable, Hashable, Sendable {
  /// Nothing: the time of the whole network.
  case bare
  /// The engine's own clock of nodes.
  case timed
}

/// A value in a file of raw f32, in plain order.
public struct TensorPlace: Codable, Hashable, Sendable {
  /// The network's name for it.
  public var name: String
  /// Its dims; of inputs only.
  public var shape: [Int]?
  /// The file.
  public var file: String

  /// Names a value in a file.
  public init(name: String, shape: [Int]? = nil, file: String = "") {
    self.name = name
    self.shape = shape
    self.file = file
  }
}

/// The network that an engine is to load, and how.
public struct LoadRequest: Encodable, Sendable {
  var `do` = "load"
  /// The ONNX model, or the Python source of the module.
  public var model: String
  /// The weights of a module; absent for ONNX.
  public var weights: String?
  /// A private folder for what the engine writes.
  public var folder: String
  /// The inputs of a pass.
  public var inputs: [TensorPlace]
  /// What leaves the network, in order.
  public var outputs: [TensorPlace]
  /// Threads.
  public var threads: Int
  /// `f32` or `bf16`.
  public var precision: String
  /// Whether the engine may fuse operators.
  public var fusion: Bool
  /// The CPUs to bind the threads to, one each; absent to leave them to the kernel.
  public var cpus: [Int]?

  /// Describes what to load.
  public init(
    model: String, weights: String? = nil, folder: String, inputs: [TensorPlace],
    outputs: [TensorPlace], threads: Int, precision: String, fusion: Bool = true,
    cpus: [Int]? = nil
  ) {
    self.model = model
    self.weights = weights
    self.folder = folder
    self.inputs = inputs
    self.outputs = outputs
    self.threads = threads
    self.precision = precision
    self.fusion = fusion
    self.cpus = cpus
  }
}

/// What a worker says of itself.
public struct EngineFacts: Decodable, Hashable, Sendable {
  /// The protocol it speaks.
  public var `protocol`: Int
  /// The engine.
  public var engine: String
  /// The engine's version.
  public var version: String
  /// How it was built, in its own words.
  public var build: String?
  /// The version of Python.
  public var python: String
  /// Python's file.
  public var executable: String?
}

/// What a worker says of a network that it has loaded.
public struct Loaded: Decodable, Hashable, Sendable {
  /// Time of reading and compiling, ns.
  public var loadNs: Double
  /// Time of the first pass, ns.
  public var firstNs: Double
  /// Settings as the engine says them.
  public var settings: [String: String]
  /// Whether bare and timed passes may take turns; if not, all timed ones come first.
  public var alternates: Bool
  /// The first pass's outputs.
  public var outputs: [TensorPlace]

  enum CodingKeys: String, CodingKey {
    case settings, alternates, outputs
    case loadNs = "load_ns"
    case firstNs = "first_ns"
  }
}

/// How a block of passes ended.
struct RunAnswer: Decodable {
  var passes: Int
  var warmup: Int
  var stopped: Bool
}

struct EmptyAnswer: Decodable {}

/// What a worker says went wrong.
struct Fault: Decodable {
  var code: String
  var message: String
  var node: String?
  var remedy: String?
}

/// A message of a worker.
struct Envelope<Answer: Decodable>: Decodable {
  var re: Int
  var ok: Answer?
  var error: Fault?
  var samples: [Double]?
  var progress: String?
}
