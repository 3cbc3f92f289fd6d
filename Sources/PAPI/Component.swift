import CPAPI

/// A part of PAPI that counts one kind of thing: the CPU, the memory controllers, software.
public struct Component: Hashable, Sendable {
  /// Its place in PAPI's table; 0 is the CPU.
  public let index: Int32
  /// Its name, such as `perf_event`.
  public let name: String
  /// The short name that event names begin with, such as `perf`.
  public let shortName: String
  /// Why it is disabled, in PAPI's words; nil when it works.
  public let disabledReason: String?
  /// Whether its sets can count in threads that are created later.
  public let inherits: Bool
  /// Whether it can read counters without a system call (never for inherited sets).
  public let readsFast: Bool

  /// Whether it works here.
  public var isEnabled: Bool { disabledReason == nil }

  /// Asks for the component at an index.
  ///
  /// The corresponding C function is `PAPI_get_component_info`.
  init?(index: Int32) {
    guard let info = PAPI_get_component_info(index) else { return nil }
    self.index = index
    name = String(cString: cpapi_component_name(info))
    shortName = String(cString: cpapi_component_short_name(info))
    let code = info.pointee.disabled
    // A component that starts with the first use says PAPI_EDELAY_INIT until then.
    if code == 0 || code == PAPI_EDELAY_INIT {
      disabledReason = nil
    } else {
      let reason = String(cString: cpapi_component_reason(info))
      let words = PAPI_strerror(code).map { String(cString: $0) } ?? "disabled"
      disabledReason = reason.isEmpty ? words : reason
    }
    inherits = cpapi_component_inherits(info) != 0
    readsFast = cpapi_component_reads_fast(info) != 0
  }
}
