import Machine
import Profiling

/// Hardware events by name, as `perf_event_open` wants them.
enum PerfEvents {
  /// The kernel's own names; `perf list` shows the same.
  static let table: [String: PerfEvent] = {
    let events: [PerfEvent] = [
      .hardware("cycles", 0), .hardware("instructions", 1), .hardware("cache-references", 2),
      .hardware("cache-misses", 3), .hardware("branches", 4), .hardware("branch-misses", 5),
      .hardware("bus-cycles", 6), .hardware("stalled-cycles-frontend", 7),
      .hardware("stalled-cycles-backend", 8), .hardware("ref-cycles", 9),
      .cache("L1-dcache-loads", 0x0_0000), .cache("L1-dcache-load-misses", 0x1_0000),
      .cache("L1-dcache-stores", 0x0_0100), .cache("L1-dcache-store-misses", 0x1_0100),
      .cache("L1-icache-load-misses", 0x1_0001), .cache("LLC-loads", 0x0_0002),
      .cache("LLC-load-misses", 0x1_0002), .cache("LLC-stores", 0x0_0102),
      .cache("LLC-store-misses", 0x1_0102), .cache("dTLB-loads", 0x0_0003),
      .cache("dTLB-load-misses", 0x1_0003), .cache("iTLB-load-misses", 0x1_0004),
    ]
    return Dictionary(events.map { ($0.name, $0) }) { first, _ in first }
  }()

  /// The event of a record name, one of the catalogue's, a kernel name or `rHEX` (umask and event,
  /// as for perf).
  ///
  /// It bears the name that was asked for; the catalogue's entry goes first. The kernel has no general event for the second level,
  /// so that one is the vendor's own: AMD's `L2_CACHE_REQ_STAT.LS_RD_BLK_C` since Zen 2,
  /// Intel's `L2_RQSTS.DEMAND_DATA_RD_MISS` since Haswell. `LLC-load-misses` and not
  /// `cache-misses` stands for the last level: on AMD the kernel maps the latter to the second.
  static func event(
    _ name: String, vendor: String, family: Int?, on cpu: Microarchitecture = .generic
  ) -> PerfEvent? {
    if let known = cpu.event(name) {
      switch known.encoding {
      case .raw(let code): return .raw(name, code)
      case .hardware(let code): return .hardware(name, code)
      case .cache(let code): return .cache(name, code)
      }
    }
    switch name {
    case CounterEvents.l2Misses:
      if vendor == "AuthenticAMD", (family ?? 0) >= 23 { return .raw(name, 0x0864) }
      if vendor == "GenuineIntel", family == 6 { return .raw(name, 0x2124) }
      return nil
    default: break
    }
    if let known = table[name] { return known }
    guard name.first == "r", let code = UInt64(name.dropFirst(), radix: 16) else { return nil }
    return .raw(name, code)
  }

  /// Why there is no event of a name.
  static func absence(of name: String, on cpu: Microarchitecture = .generic) -> String {
    name == CounterEvents.l2Misses
      ? "the kernel has no general event for it, and this CPU's own is not known here"
      : "no such event on \(cpu.name); use \(EventSelection.setNames.joined(separator: ", ")), "
        + "a name as 'perf list' prints it, or rHEX"
  }
}
