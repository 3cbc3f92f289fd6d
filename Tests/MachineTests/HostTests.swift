import Testing

@testable import Machine

@Suite struct CPUDescriptionTests {
  static let text = """
    processor\t: 0
    vendor_id\t: AuthenticAMD
    cpu family\t: 25
    model\t\t: 17
    model name\t: AMD EPYC 9654 96-Core Processor
    physical id\t: 0
    core id\t\t: 0

    processor\t: 1
    vendor_id\t: AuthenticAMD
    model name\t: AMD EPYC 9654 96-Core Processor
    physical id\t: 0
    core id\t\t: 1

    processor\t: 2
    model name\t: AMD EPYC 9654 96-Core Processor
    physical id\t: 0
    core id\t\t: 0

    processor\t: 3
    physical id\t: 1
    core id\t\t: 0

    """

  @Test func readsTheModel() {
    let cpu = CPUDescription(cpuinfo: Self.text)
    #expect(cpu.name == "AMD EPYC 9654 96-Core Processor")
    #expect(cpu.vendor == "AuthenticAMD")
    #expect(cpu.family == 25)
    #expect(cpu.model == 17)
  }

  @Test(arguments: [
    ([0, 1, 2, 3], 3), ([0, 2], 1), ([1], 1), ([0, 3], 2), ([7, 8], 2), ([], 0),
  ])
  func countsCoresNotThreads(processors: [Int], cores: Int) {
    #expect(CPUDescription(cpuinfo: Self.text).physicalCores(of: processors) == cores)
  }

  @Test func survivesNothing() {
    let cpu = CPUDescription(cpuinfo: "")
    #expect(cpu.name == "unknown")
    #expect(cpu.family == nil)
    #expect(cpu.cores.isEmpty)
  }
}

@Suite struct KernelTextTests {
  @Test(arguments: [
    ("0-3", [0, 1, 2, 3]), ("0", [0]), ("0-1,8,10-11\n", [0, 1, 8, 10, 11]), ("", []),
    ("3-1", []), ("x,2", [2]),
  ])
  func readsCPULists(text: String, expected: [Int]) {
    #expect(CPUList.parse(text) == expected)
  }

  @Test func readsACache() throws {
    let files = [
      "level": "3\n", "type": "Unified\n", "size": "32768K\n", "ways_of_associativity": "16\n",
      "coherency_line_size": "64\n", "shared_cpu_list": "0-7\n",
    ]
    let cache = try #require(CacheLevel { files[$0] })
    #expect(cache.level == 3)
    #expect(cache.kind == "unified")
    #expect(cache.bytes == 32 << 20)
    #expect(cache.ways == 16)
    #expect(cache.line == 64)
    #expect(cache.sharedBy == 8)
  }

  @Test func leavesOutWhatTheKernelDoesNotSay() throws {
    let files = ["level": "1", "type": "Data", "size": "48K", "ways_of_associativity": "0"]
    let cache = try #require(CacheLevel { files[$0] })
    #expect(cache.ways == nil)
    #expect(cache.sharedBy == nil)
    #expect(cache.line == 64)
    #expect(CacheLevel { _ in nil } == nil)
  }

  @Test(arguments: [
    ("48K", 49152), ("32M", 33_554_432), ("1G\n", 1 << 30), ("512", 512), ("K", nil), ("", nil),
    ("99999999999999999999K", nil),
  ])
  func readsSizes(text: String, expected: Int?) {
    #expect(CacheLevel.size(text) == expected)
  }

  @Test func readsStatusFields() {
    let fields = StatusFields(
      "MemTotal:       24683928 kB\nMemAvailable:\t 1024 kB\nThreads:\t3\nThreads:\t4\nodd\n")
    #expect(fields.bytes("MemTotal") == 24_683_928 * 1024)
    #expect(fields.bytes("MemAvailable") == 1 << 20)
    #expect(fields.number("Threads") == 3)
    #expect(fields["Missing"] == nil)
  }

  @Test func operatingSystems() {
    let debian =
      "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
    #expect(Host.operatingSystem(of: debian) == "Debian GNU/Linux 12 (bookworm)")
    #expect(Host.operatingSystem(of: "PRETTY_NAME='Alpine'") == "Alpine")
    #expect(Host.operatingSystem(of: "PRETTY_NAME=Void") == "Void")
    for text in ["", "NAME=x\n", "PRETTY_NAME=\n", "XPRETTY_NAME=x"] {
      #expect(Host.operatingSystem(of: text) == nil)
    }
  }
}

@Suite struct ThisHostTests {
  @Test func isSane() {
    let host = Host.read()
    #expect(host.physicalCores >= 1)
    #expect(host.physicalCores <= host.logicalCPUs)
    #expect((1...host.physicalCores).contains(host.defaultThreads))
    #expect(host.memoryBytes > 0)
    #expect(host.memoryAvailableBytes > 0)
    #expect(host.memoryAvailableBytes <= host.memoryBytes)
    #expect(host.kernel != "unknown")
    let data = host.caches.filter { $0.kind != "instruction" }
    #expect(zip(data, data.dropFirst()).allSatisfy { $0.level < $1.level && $0.bytes <= $1.bytes })
    #expect(host.lastLevelCacheBytes == (data.last?.bytes ?? 0))
  }

  @Test func usageGrows() {
    #expect(Usage.peakResidentBytes() > 1 << 20)
    let faults = Usage.minorFaults()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 64 << 20, alignment: 4096)
    for page in stride(from: 0, to: 64 << 20, by: 4096) {
      memory.storeBytes(of: 1, toByteOffset: page, as: UInt8.self)
    }
    memory.deallocate()
    #expect(Usage.minorFaults() > faults)
    #expect(Usage.involuntarySwitches() >= 0)
  }
}

@Suite struct VectorISATests {
  @Test func namesTheBestSet() {
    #expect(VectorISA(flags: 0) == .sse2)
    #expect(VectorISA(flags: 0x10000) == .asimd)
    #expect(VectorISA(flags: 0x100) == .sse41)
    #expect(VectorISA(flags: 0x103) == .avx2)
    #expect(VectorISA(flags: 0x107) == .avx2VNNI)
    #expect(VectorISA(flags: 0x10b) == .avx512)
    #expect(VectorISA(flags: 0x11b) == .avx512VNNI)
    #expect(VectorISA(flags: 0x13b) == .avx512BF16)
    #expect(VectorISA(flags: 0x1ff) == .amx)
  }

  @Test func isOrdered() {
    #expect(VectorISA.avx2 < .avx512)
    #expect(VectorISA.avx512BF16 < .amx)
    #expect(VectorISA.best >= .sse2)
  }
}

@Suite struct ConditionsTests {
  @Test func accountsAreThoseOfTheOwnCPUs() throws {
    let text = """
      cpu  1 2 3 4 5 6 7 8 9 10
      cpu0 10 20 30 1000 50 6 7 8 0 0
      cpu1 1 1 1 1 1 1 1 1 1 1
      cpu10 100 0 0 0 0 0 0 5 0 0
      """
    let found = try #require(
      ConditionsReading.accounts(in: text, cpus: [0, 10], ticksPerSecond: 100))
    #expect(found.busy == (73 + 100) * 10_000_000 && found.stolen == 13 * 10_000_000)
    #expect(ConditionsReading.accounts(in: text, cpus: [7], ticksPerSecond: 100) == nil)
  }

  @Test func whatThisProcessDoesIsItsOwn() {
    let begin = ConditionsReading.now()
    var sum: UInt64 = 0
    while Usage.processorNs() < begin.ownNs + 30_000_000 { sum &+= 1 }
    let end = ConditionsReading.now()
    #expect(end.ownNs > begin.ownNs && end.time > begin.time && sum > 0)
    #expect((begin.load ?? 0) >= 0)
  }
}
