/// What `/proc/cpuinfo` says about the CPU.
public struct CPUDescription: Hashable, Sendable {
  /// The model's name, such as `AMD EPYC 9654 96-Core Processor`; virtual machines often shorten it.
  public var name: String
  /// The vendor, such as `AuthenticAMD` or `GenuineIntel`.
  public var vendor: String
  /// The vendor's family number, decimal as in the file (25 is AMD's 19h).
  public var family: Int?
  /// The vendor's model number.
  public var model: Int?
  /// The processor numbers listed, with the core each belongs to.
  public var cores: [Int: Core]

  /// A physical core: the package it is in and its number there.
  public struct Core: Hashable, Sendable {
    /// The package.
    public var package: Int
    /// The core's number in the package.
    public var number: Int
  }

  /// Reads the text of `/proc/cpuinfo`; missing fields stay `unknown` or nil.
  ///
  /// A processor whose entry names no core counts as a core of its own.
  public init(cpuinfo text: String) {
    var fields: [String: String] = [:]
    var cores: [Int: Core] = [:]
    var processor: Int?
    var package = 0
    var core: Int?
    func finish() {
      if let processor { cores[processor] = Core(package: package, number: core ?? processor) }
      processor = nil
      package = 0
      core = nil
    }
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = line[..<colon].trimmingSpace()
      let value = line[line.index(after: colon)...].trimmingSpace()
      switch key {
      case "processor":
        finish()
        processor = Int(value)
      case "physical id": package = Int(value) ?? 0
      case "core id": core = Int(value)
      default: if fields[String(key)] == nil { fields[String(key)] = String(value) }
      }
    }
    finish()
    self.name = fields["model name"] ?? "unknown"
    self.vendor = fields["vendor_id"] ?? "unknown"
    self.family = fields["cpu family"].flatMap { Int($0) }
    self.model = fields["model"].flatMap { Int($0) }
    self.cores = cores
  }

  /// How many physical cores the given processors make up.
  ///
  /// - Parameter processors: Numbers of logical CPUs, as the affinity mask lists them.
  /// - Returns: The number of cores; one that is not listed counts as a core of its own.
  public func physicalCores(of processors: [Int]) -> Int {
    Set(processors.map { cores[$0] ?? Core(package: -1, number: $0) }).count
  }
}
