/// What a prediction is made for: a machine, a team of threads and an instruction set, with their roofs.
public struct PredictionTarget: Hashable, Sendable {
  /// The machine, with the roofs of the team and the instruction set that are asked for.
  public let machine: MachineInfo
  /// OpenMP threads.
  public let threads: Int
  /// The instruction set that the library uses there, as far as the file says.
  public let isa: String
  /// The cap that makes it so; nil where there is none.
  public let cap: String?
  /// The roofs.
  public let roofs: Rooflines

  /// Chooses from what a machine's file has.
  ///
  /// - Parameters:
  ///   - file: The machine.
  ///   - threads: Threads there; nil: those of the file's own roofs.
  ///   - isa: What the instruction set is capped at there; nil: at nothing.
  /// - Throws: ``PredictionFault`` where the file has no roofs for these.
  public init(_ file: MachineFile, threads: Int? = nil, isa: String? = nil) throws(PredictionFault)
  {
    let own = file.machine.onednn?.isa ?? file.machine.isa
    let cap = isa.flatMap { Self.canonical($0) == Self.canonical(own) ? nil : Self.canonical($0) }
    let known =
      (file.machine.rooflines.map { [(cap: String?.none, roofs: $0)] } ?? [])
      + file.roofs.map { (cap: $0.isa.map(Self.canonical), roofs: $0.rooflines) }
    let sound = known.filter { $0.roofs.fault == nil }
    guard !sound.isEmpty else {
      let why = known.first?.roofs.fault.map { ": \($0)" } ?? ""
      throw PredictionFault(
        reason: "has no roofs that a prediction could be made of\(why)",
        remedy: "'ntprof machine --format json' on that machine measures them", isAbsent: false)
    }
    if let wide = InstructionSet(cap ?? own).lanes, let most = InstructionSet(own).lanes,
      wide > most
    {
      throw PredictionFault(
        reason: "has \(own), and no \(cap ?? own)",
        remedy: "leave --isa out, or name a narrower one",
        isAbsent: true)
    }
    let count = threads ?? file.machine.rooflines?.threads ?? sound[0].roofs.threads
    guard let found = sound.first(where: { $0.cap == cap && $0.roofs.threads == count }) else {
      let words = sound.map { Self.words($0.roofs.threads, $0.cap) }.joined(separator: "; ")
      let more = cap.map { " --isa \($0)" } ?? ""
      throw PredictionFault(
        reason: "has no roofs for \(Self.words(count, cap)), but for \(words)",
        remedy:
          "'ntprof machine --threads \(count)\(more)' on that machine measures them, and 'ntprof machine "
          + "--format json' then prints all", isAbsent: true)
    }
    var machine = file.machine
    machine.rooflines = found.roofs
    if let cap { machine.onednn?.isa = cap }
    self.machine = machine
    self.threads = count
    self.isa = Self.canonical(cap ?? own)
    self.cap = cap
    roofs = found.roofs
  }

  /// `2 threads, avx2`.
  private static func words(_ threads: Int, _ cap: String?) -> String {
    "\(threads) thread\(threads == 1 ? "" : "s")" + (cap.map { ", \($0)" } ?? "")
  }

  /// The name that oneDNN gives a set which a user may call otherwise.
  static func canonical(_ isa: String) -> String {
    let name = isa.lowercased()
    return name == "avx512" ? "avx512_core" : name
  }

  /// Whether a record was measured as this asks: then nothing needs to be predicted.
  func isWhere(_ record: RunRecord) -> Bool {
    record.machine.mayHaveTheCPU(of: machine)
      && MeasuredSide(record) == MeasuredSide(threads: threads, isa: isa)
  }
}

/// Why nothing can be predicted.
public struct PredictionFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Why, as what follows the name of the file.
  public let reason: String
  /// What to do about it.
  public let remedy: String
  /// Whether what was asked for is not there, and not the file wrong.
  public let isAbsent: Bool

  /// One sentence.
  public var description: String { reason }
}

/// How something ran on a machine, as far as its time depends on it.
struct MeasuredSide: Hashable {
  let threads: Int
  let isa: String

  init(threads: Int, isa: String) {
    self.threads = threads
    self.isa = PredictionTarget.canonical(isa)
  }

  /// That of a record; 0 threads where it does not say.
  init(_ record: RunRecord) {
    self.init(
      threads: record.options.teamSize ?? 0, isa: record.machine.onednn?.isa ?? record.machine.isa)
  }
}

/// What was measured, apart from where: records of the same have the same layers with the same work.
struct MeasuredWork: Hashable {
  let topology: String
  let parameters: [String: Int]
  let batch: Int
  let precision: PrecisionName
  let cache: String
  let fusion: Bool

  init(_ record: RunRecord) {
    topology = record.topology.sha256
    parameters = record.topology.parameters
    batch = record.options.batch
    precision = record.options.precision
    cache = record.options.cache
    fusion = record.options.fusion
  }
}
