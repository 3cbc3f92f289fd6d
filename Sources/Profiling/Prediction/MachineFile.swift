internal import FoundationEssentials

/// A machine as `ntprof machine --format json` prints it: all that predictions for it are made of.
///
/// The keys of ``MachineInfo`` stand beside these, so that what reads a record's `machine` reads it, too.
public struct MachineFile: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.machine/1"

  /// Roofs of another team or a capped instruction set, as earlier measurements left them.
  public struct Roofs: Codable, Hashable, Sendable {
    /// The cap, as `--isa` takes it; absent without one.
    public var isa: String?
    /// The roofs; their `threads` are the team's.
    public var rooflines: Rooflines

    /// Names roofs.
    public init(isa: String?, rooflines: Rooflines) {
      self.isa = isa
      self.rooflines = rooflines
    }
  }

  /// A brick that was measured there (`ntprof bricks`).
  public struct Brick: Codable, Hashable, Sendable {
    /// The brick itself.
    public var topology: String
    /// Threads.
    public var threads: Int
    /// The cap of the instruction set; absent without one.
    public var isa: String?
    /// How else it was planned and run, as the store's key has it.
    public var settings: [String]
    /// What it took.
    public var timing: BrickTiming

    /// Describes a measurement.
    public init(
      topology: String, threads: Int, isa: String?, settings: [String], timing: BrickTiming
    ) {
      self.topology = topology
      self.threads = threads
      self.isa = isa
      self.settings = settings
      self.timing = timing
    }
  }

  /// The machine, with the roofs of the team that was asked for.
  public var machine: MachineInfo
  /// Counter sources, and why one is missing; empty where the file is a record.
  public var sources: [SourceAvailability]
  /// Other roofs that are known of it.
  public var roofs: [Roofs]
  /// Bricks that are known of it.
  public var bricks: [Brick]

  /// Describes a machine.
  public init(
    machine: MachineInfo, sources: [SourceAvailability] = [], roofs: [Roofs] = [],
    bricks: [Brick] = []
  ) {
    self.machine = machine
    self.sources = sources
    self.roofs = roofs
    self.bricks = bricks
  }

  private enum Keys: String, CodingKey { case schema, sources, roofs, bricks }

  /// Reads one; files of older versions have neither `roofs` nor `bricks`.
  public init(from decoder: any Decoder) throws {
    machine = try MachineInfo(from: decoder)
    let container = try decoder.container(keyedBy: Keys.self)
    sources = try container.decodeIfPresent([SourceAvailability].self, forKey: .sources) ?? []
    roofs = try container.decodeIfPresent([Roofs].self, forKey: .roofs) ?? []
    bricks = try container.decodeIfPresent([Brick].self, forKey: .bricks) ?? []
  }

  /// Writes one; lists that are empty are left out, but for the sources.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(Self.schemaName, forKey: .schema)
    try machine.encode(to: encoder)
    try container.encode(sources, forKey: .sources)
    if !roofs.isEmpty { try container.encode(roofs, forKey: .roofs) }
    if !bricks.isEmpty { try container.encode(bricks, forKey: .bricks) }
  }
}

extension RecordCoding {
  /// Reads a machine: what `ntprof machine --format json` printed, also of versions that named no schema, or
  /// a record, whose own machine it then is.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where, also of roofs that cannot be.
  public static func decodeMachine(_ bytes: [UInt8]) throws(RecordError) -> MachineFile {
    let file: MachineFile
    switch schema(of: bytes) {
    case RunRecord.schemaName: file = MachineFile(machine: try decode(bytes).machine)
    case nil: file = try decode(MachineFile.self, from: bytes)
    default: file = try decode(MachineFile.self, from: bytes, schema: MachineFile.schemaName)
    }
    if let fault = file.fault { throw .invalidField(path: fault.path, reason: fault.reason) }
    return file
  }
}

extension MachineFile {
  /// The first number that no machine has.
  fileprivate var fault: (path: String, reason: String)? {
    if let found = machine.rooflines?.impossible { return ("rooflines.\(found)", Self.reason) }
    for (place, roofs) in roofs.enumerated() {
      if let found = roofs.rooflines.impossible {
        return ("roofs[\(place)].rooflines.\(found)", Self.reason)
      }
    }
    for (place, brick) in bricks.enumerated() where !brick.isSound {
      return ("bricks[\(place)]", "a time or a team that cannot be")
    }
    return nil
  }

  private static let reason = "is no rate that a machine has"
}

extension MachineFile.Brick {
  fileprivate var isSound: Bool {
    threads > 0 && timing.ns >= 0 && (timing.ns > 0 || timing.nothingRuns == true)
      && [timing.reordersInNs, timing.reordersOutNs].allSatisfy { ($0 ?? 0) >= 0 }
      && timing.processes.map { !$0.isEmpty } ?? true
  }
}

extension Rooflines {
  /// The name of the first field whose value cannot be; nil of roofs that can.
  ///
  /// A peak of 0 is one that was not measured, and says so by ``fault``.
  var impossible: String? {
    func isRate(_ value: Double) -> Bool { value.isFinite && value > 0 }
    if threads < 1 { return "threads" }
    if !clockHz.isFinite || clockHz < 0 { return "clock_hz" }
    if !peakFlops.f32.isFinite || peakFlops.f32 < 0 { return "peak_flops.f32" }
    if let rate = peakFlops.bf16, !isRate(rate) { return "peak_flops.bf16" }
    if let rate = peakFlops.int8, !isRate(rate) { return "peak_flops.int8" }
    for (place, point) in bandwidth.enumerated() {
      let isAscending = place == 0 || bandwidth[place - 1].bytes < point.bytes
      guard point.bytes > 0, isAscending, isRate(point.gbs), point.copyGbs.map(isRate) ?? true
      else { return "bandwidth[\(place)]" }
    }
    return nil
  }
}
