/// What one process on a node of a cluster measured, or why it could not: a file of schema `ntprof.part/1`.
///
/// `docs/cluster.md` documents it. A part says which place of which run it is, so that one of another run
/// or one that is there twice can be told.
public struct MeasuredPart: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.part/1"

  /// Why nothing was measured: the place fails wherever it is tried.
  public struct Fault: Codable, Hashable, Sendable {
    /// The exit status that the process ended with.
    public var status: Int32
    /// In its words.
    public var message: String

    /// Describes a fault.
    public init(status: Int32, message: String) {
      self.status = status
      self.message = message
    }
  }

  /// A point of a sweep, or a brick, and which of its processes this is.
  public struct Place: Codable, Hashable, Sendable, Comparable {
    /// Index among the points or bricks.
    public var item: Int
    /// Which of its processes, from 0.
    public var round: Int

    /// Names a place.
    public init(item: Int, round: Int) {
      self.item = item
      self.round = round
    }

    /// By round, then by item.
    public static func < (a: Place, b: Place) -> Bool {
      (a.round, a.item) < (b.round, b.item)
    }
  }

  /// ``schemaName``.
  public var schema: String
  /// The program that measured.
  public var tool: Tool
  /// The run that it is a part of.
  public var run: String
  /// Which part.
  public var place: Place
  /// Whether it is to stand in for a process that was disturbed, if it was calmer; else absent.
  public var replaces: Bool?
  /// The partition that was asked for, where machines are an axis.
  public var partition: String?
  /// The node, as Slurm calls it.
  public var node: String?
  /// The array job and its task, like `17_3`.
  public var job: String?
  /// How often Slurm had started the task before; absent where it had not.
  public var restarts: Int?
  /// What was measured.
  public var record: RunRecord?
  /// What a brick took.
  public var brick: StoredBrick?
  /// Why nothing was.
  public var fault: Fault?

  /// Describes a part of which nothing is said yet.
  public init(
    tool: Tool, run: String, place: Place, replaces: Bool? = nil, partition: String? = nil,
    node: String? = nil, job: String? = nil, restarts: Int? = nil
  ) {
    schema = MeasuredPart.schemaName
    self.tool = tool
    self.run = run
    self.place = place
    self.replaces = replaces
    self.partition = partition
    self.node = node
    self.job = job
    self.restarts = restarts
  }

  /// Without what only a report of this one process needs, layers above all; those that ran into
  /// `--layer-timeout` stay.
  public var summary: MeasuredPart {
    var part = self
    part.record?.layers.removeAll { $0.untimed != .timedOut }
    part.record?.segments = []
    part.record?.warnings = []
    part.record?.machine.rooflines = nil
    return part
  }
}

extension RecordCoding {
  /// Reads a part.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodePart(_ bytes: [UInt8]) throws(RecordError) -> MeasuredPart {
    let part = try decode(MeasuredPart.self, from: bytes, schema: MeasuredPart.schemaName)
    guard part.place.item >= 0, part.place.round >= 0 else {
      throw .invalidField(path: "place", reason: "below 0")
    }
    guard part.record != nil || part.brick != nil || part.fault != nil else {
      throw .missingField(path: "record")
    }
    if let record = part.record {
      guard record.schema == RunRecord.schemaName else {
        throw .unknownSchema(found: record.schema, expected: RunRecord.schemaName)
      }
      guard record.options.batch > 0, record.endToEnd.map({ $0.time.median > 0 }) ?? true else {
        throw .invalidField(path: "record", reason: "a batch or a time that is not above 0")
      }
    }
    return part
  }

  /// Reads the description of a machine.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeNodeKind(_ bytes: [UInt8]) throws(RecordError) -> NodeKind {
    try decode(NodeKind.self, from: bytes, schema: NodeKind.schemaName)
  }
}

/// What the nodes that measure one thing are: a file of schema `ntprof.node/1`, written by the first.
public struct NodeKind: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.node/1"

  /// ``schemaName``.
  public var schema: String
  /// The node that was the first.
  public var node: String?
  /// What it is.
  public var machine: MachineInfo

  /// Describes nodes.
  public init(node: String?, machine: MachineInfo) {
    schema = NodeKind.schemaName
    self.node = node
    self.machine = machine
  }

  /// What times depend on, in words; two machines with the same are one for a sweep.
  ///
  /// Neither the kernel nor the memory's size are part of it, which differ between nodes that were
  /// bought together.
  public static func words(_ machine: MachineInfo) -> String {
    let cores = machine.cores.map { ", \($0) core\($0 == 1 ? "" : "s")" } ?? ""
    let library = machine.onednn.map { ", oneDNN \($0.version) for \($0.isa)" } ?? ""
    return "\(machine.cpu)\(cores), \(machine.isa)\(library)"
  }
}
