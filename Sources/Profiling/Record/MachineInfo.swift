/// Where a run was measured.
public struct MachineInfo: Codable, Hashable, Sendable {
  /// One cache level.
  public struct Cache: Codable, Hashable, Sendable {
    /// Level: 1 is nearest the core.
    public var level: Int
    /// `data`, `instruction` or `unified`.
    public var kind: String
    /// Capacity.
    public var bytes: Int
    /// Associativity; absent when unknown.
    public var ways: Int?
    /// Line size, bytes.
    public var line: Int
    /// How many logical CPUs share one instance.
    public var sharedBy: Int?

    /// Describes a cache.
    public init(
      level: Int, kind: String, bytes: Int, ways: Int?, line: Int, sharedBy: Int? = nil
    ) {
      self.level = level
      self.kind = kind
      self.bytes = bytes
      self.ways = ways
      self.line = line
      self.sharedBy = sharedBy
    }
  }

  /// The library that runs the primitives.
  public struct OneDNN: Codable, Hashable, Sendable {
    /// Its version, like `2.6.3`.
    public var version: String
    /// The ISA it uses, like `avx512_core_bf16`.
    public var isa: String
    /// Its threading runtime, like `openmp`.
    public var runtime: String

    /// Describes the library.
    public init(version: String, isa: String, runtime: String) {
      self.version = version
      self.isa = isa
      self.runtime = runtime
    }
  }

  /// The engine that ran a network instead of ntprof's own.
  public struct Engine: Codable, Hashable, Sendable {
    /// Its name, as `--engine` takes it.
    public var name: String
    /// Its version.
    public var version: String
    /// How it was built, in its own words.
    public var build: String?
    /// The version of oneDNN in it, where it says.
    public var onednn: String?
    /// The instruction set that it uses, where it says.
    public var isa: String?
    /// The version of Python that hosted it.
    public var python: String?
    /// What it was set to, read back from it.
    public var settings: [String: String]

    /// Describes an engine.
    public init(
      name: String, version: String, build: String? = nil, onednn: String? = nil,
      isa: String? = nil, python: String? = nil, settings: [String: String] = [:]
    ) {
      self.name = name
      self.version = version
      self.build = build
      self.onednn = onednn
      self.isa = isa
      self.python = python
      self.settings = settings
    }
  }

  /// The counter library.
  public struct PAPI: Codable, Hashable, Sendable {
    /// Its version.
    public var version: String
    /// Number of hardware counters; 0 without a PMU.
    public var hardwareCounters: Int
    /// Why there are none, in PAPI's words.
    public var reason: String?

    /// Describes the library.
    public init(version: String, hardwareCounters: Int, reason: String?) {
      self.version = version
      self.hardwareCounters = hardwareCounters
      self.reason = reason
    }
  }

  /// Model name of the CPU.
  public var cpu: String
  /// Vendor, like `AuthenticAMD`; absent in imported records, as most of what follows.
  public var vendor: String?
  /// The event catalogue's name for the CPU, like `zen4`; absent in records of older versions.
  public var microarchitecture: String?
  /// Physical cores.
  public var cores: Int?
  /// Logical CPUs.
  public var threads: Int?
  /// Best vector ISA of the CPU.
  public var isa: String
  /// Data and unified caches by level.
  public var caches: [Cache]
  /// Physical memory.
  public var memoryBytes: Int?
  /// Kernel release.
  public var kernel: String?
  /// Name and version of the operating system, like `Debian GNU/Linux 12 (bookworm)`; absent in
  /// records of older versions.
  public var os: String?
  /// Frequency governor; absent where the kernel shows none.
  public var governor: String?
  /// Whether a hypervisor is present.
  public var virtualized: Bool?
  /// Variables of the environment that change how fast a network runs (those of OpenMP, oneDNN and
  /// the allocator), by name; absent in records of older versions.
  public var environment: [String: String]?
  /// The library that runs the primitives.
  public var onednn: OneDNN?
  /// The engine that ran the network instead; absent for ntprof's own.
  public var engine: Engine?
  /// The counter library.
  public var papi: PAPI?
  /// Measured roofs for the run's thread count.
  public var rooflines: Rooflines?

  /// Describes a machine.
  public init(
    cpu: String, vendor: String?, cores: Int?, threads: Int?, isa: String, caches: [Cache],
    memoryBytes: Int?, kernel: String?, governor: String?, virtualized: Bool?,
    onednn: OneDNN? = nil, papi: PAPI? = nil, rooflines: Rooflines? = nil,
    microarchitecture: String? = nil
  ) {
    self.cpu = cpu
    self.vendor = vendor
    self.microarchitecture = microarchitecture
    self.cores = cores
    self.threads = threads
    self.isa = isa
    self.caches = caches
    self.memoryBytes = memoryBytes
    self.kernel = kernel
    self.governor = governor
    self.virtualized = virtualized
    self.onednn = onednn
    self.papi = papi
    self.rooflines = rooflines
  }

  /// Capacity of the outermost cache level, bytes; 0 when none is known.
  public var lastLevelCacheBytes: Int {
    caches.filter { $0.kind != "instruction" }.max { $0.level < $1.level }?.bytes ?? 0
  }
}

/// Measured roofs of a machine for one thread count.
public struct Rooflines: Codable, Hashable, Sendable {
  /// Peak rates by precision, FLOP/s.
  public struct PeakFlops: Codable, Hashable, Sendable {
    /// Single precision.
    public var f32: Double
    /// bfloat16, where supported.
    public var bf16: Double?
    /// 8-bit integers, where supported.
    public var int8: Double?

    /// The peak of a layer's precision; that of f32 where it was not measured.
    public func rate(of precision: PrecisionName?) -> Double {
      switch precision {
      case .bf16?: bf16 ?? f32
      case .int8?: int8 ?? f32
      default: f32
      }
    }

    /// The one rate that some layers' operations would take as long at as each at its own.
    public func rate(of layers: [(flops: Double, precision: PrecisionName)]) -> Double {
      let flops = layers.reduce(0) { $0 + $1.flops }
      let time = layers.reduce(0) { $0 + $1.flops / rate(of: $1.precision) }
      return flops > 0 && time > 0 ? flops / time : rate(of: layers.first?.precision)
    }

    /// Makes the peaks.
    public init(f32: Double, bf16: Double? = nil, int8: Double? = nil) {
      self.f32 = f32
      self.bf16 = bf16
      self.int8 = int8
    }
  }

  /// A point of the read-bandwidth curve.
  public struct Bandwidth: Codable, Hashable, Sendable {
    /// Working set, bytes over all threads.
    public var bytes: Int
    /// Read bandwidth, 10^9 bytes a second over all threads.
    public var gbs: Double
    /// Bandwidth of copying, bytes read and bytes written; absent where it was not measured.
    public var copyGbs: Double?

    /// Makes a point.
    public init(bytes: Int, gbs: Double, copyGbs: Double? = nil) {
      self.bytes = bytes
      self.gbs = gbs
      self.copyGbs = copyGbs
    }
  }

  /// What memory gives, 10^9 bytes a second over all threads.
  public struct Memory: Codable, Hashable, Sendable {
    /// Reading.
    public var gbs: Double
    /// Copying, bytes read and bytes written; absent where it was not measured.
    public var copyGbs: Double?

    /// Makes the rates.
    public init(gbs: Double, copyGbs: Double? = nil) {
      self.gbs = gbs
      self.copyGbs = copyGbs
    }
  }

  /// Peak rates over all threads.
  public var peakFlops: PeakFlops
  /// The curve, by ascending working set; the last point is memory.
  public var bandwidth: [Bandwidth]
  /// Core clock under load, Hz.
  public var clockHz: Double
  /// The thread count they hold for.
  public var threads: Int
  /// Share of the threads' time that others took while these were measured, 0 to 1; absent in
  /// records of older versions.
  public var disturbance: Double?
  /// Bandwidth of memory measured between the samples of the run, in order, 10^9 bytes a second;
  /// absent where nothing ran.
  public var memoryGbs: [Double]?
  /// What memory gives to caches that were emptied; only of runs with cold caches.
  public var cold: Memory?
  /// Time until another thread of the team sees what one has written, between the two that are
  /// farthest apart, ns: when the run began and between its samples, in order; absent with one thread.
  public var handOffNs: [Double]?
  /// Multiply-adds in registers alone, FLOP/s over all threads: what no kernel can exceed.
  public var registerFlops: Double?

  /// The hand-off that held for the run: the median of ``handOffNs``.
  public var handOff: Double? {
    handOffNs.flatMap { $0.isEmpty ? nil : Percentiles.median(of: $0) }
  }

  /// The memory roof that held for the run: the median of ``memoryGbs``.
  public var memoryBesideRun: Double? {
    memoryGbs.flatMap { $0.isEmpty ? nil : Percentiles.median(of: $0) }
  }

  /// What memory gives to layers: to emptied caches if they were, else as it was beside the run.
  ///
  /// Nil where nothing ran. Records with rates of copying have the whole curve from beside the run.
  public func memory(cold isCold: Bool) -> Memory? {
    if isCold, let cold { return cold }
    guard let beside = memoryBesideRun else { return nil }
    guard let last = bandwidth.last, last.copyGbs != nil else { return Memory(gbs: beside) }
    return Memory(gbs: last.gbs, copyGbs: last.copyGbs)
  }

  /// Makes the roofs.
  public init(peakFlops: PeakFlops, bandwidth: [Bandwidth], clockHz: Double, threads: Int) {
    self.peakFlops = peakFlops
    self.bandwidth = bandwidth
    self.clockHz = clockHz
    self.threads = threads
  }
}
