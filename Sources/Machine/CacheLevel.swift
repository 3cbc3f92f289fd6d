/// One cache as the kernel describes it.
///
/// Never from CPUID: in virtual machines its cache leaves can be wrong (384 MiB seen for 32).
public struct CacheLevel: Hashable, Sendable {
  /// Its level: 1 is the one next to the core.
  public var level: Int
  /// `data`, `instruction` or `unified`.
  public var kind: String
  /// Capacity of one instance, bytes.
  public var bytes: Int
  /// Associativity; nil when the kernel does not say.
  public var ways: Int?
  /// Line size, bytes.
  public var line: Int
  /// Logical CPUs that share one instance; nil when the kernel does not say.
  public var sharedBy: Int?

  /// Reads one `index*` directory.
  ///
  /// - Parameter file: The text of a file of that directory (`level`, `type`, `size`,
  ///   `ways_of_associativity`, `coherency_line_size`, `shared_cpu_list`), or nil.
  public init?(file: (String) -> String?) {
    guard let level = file("level").flatMap({ Int($0.trimmingSpace()) }),
      let kind = file("type")?.trimmingSpace().lowercased(), !kind.isEmpty,
      let bytes = file("size").flatMap(Self.size), bytes > 0
    else { return nil }
    self.level = level
    self.kind = kind
    self.bytes = bytes
    let ways = file("ways_of_associativity").flatMap { Int($0.trimmingSpace()) }
    self.ways = ways.flatMap { $0 > 0 ? $0 : nil }
    let line = file("coherency_line_size").flatMap { Int($0.trimmingSpace()) }
    self.line = line.flatMap { $0 > 0 ? $0 : nil } ?? 64
    let sharers = file("shared_cpu_list").map { CPUList.parse($0).count }
    self.sharedBy = sharers.flatMap { $0 > 0 ? $0 : nil }
  }

  /// A size as the kernel writes it: `48K`, `32M`, or plain bytes.
  static func size(_ text: String) -> Int? {
    let text = text.trimmingSpace()
    let scales: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    guard let last = text.last, let scale = scales[last] else { return Int(text) }
    guard let number = Int(text.dropLast()) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: scale)
    return overflow ? nil : product
  }

  /// The caches of the first CPU, by level, from `/sys/devices/system/cpu/cpu0/cache`.
  static func readAll() -> [CacheLevel] {
    let root = "/sys/devices/system/cpu/cpu0/cache/index"
    let caches = (0..<16).compactMap { index in
      CacheLevel { TextFile.read("\(root)\(index)/\($0)") }
    }
    return caches.sorted { ($0.level, $0.kind) < ($1.level, $1.kind) }
  }

  /// Capacity of this machine's outermost data cache, bytes, read once; 0 when unknown.
  ///
  /// What a plan depends on must come from here: all that ``Host/read()`` reads is not of the same
  /// length each time (`/proc/meminfo`), and would move addresses in a process that is simulated.
  public static let lastLevelBytes = readAll().lastLevelBytes
}

extension [CacheLevel] {
  /// Capacity of the outermost data cache, bytes; 0 when unknown.
  var lastLevelBytes: Int {
    filter { $0.kind != "instruction" }.max { $0.level < $1.level }?.bytes ?? 0
  }
}
