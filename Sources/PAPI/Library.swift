import CPAPI

/// PAPI, initialised once for the process with support for threads.
public struct Library: Sendable {
  /// The version of the loaded library, such as `7.0.0.0`.
  public let version: String
  /// All components, enabled or not.
  public let components: [Component]

  /// Components of graphics cards, by PAPI's names for them.
  ///
  /// None of a network on this CPU is theirs, and the libraries that they load when an event is first
  /// looked up write to standard error where there is no card (`rocm_smi` on a node of a cluster: "Failed
  /// to open drm root directory").
  static let unused = ["cuda", "nvml", "rocm", "rocm_smi", "intel_gpu"]

  private static let shared: Result<Library, PAPIError> = Result { () throws(PAPIError) in
    try Library()
  }

  /// The library; the first call initialises it (about 1 ms).
  ///
  /// The corresponding C functions are `PAPI_library_init` and `PAPI_thread_init`, which gets the
  /// kernel's thread identifier: OpenMP's thread numbers are not unique in a process.
  ///
  /// - Returns: The one instance.
  /// - Throws: ``PAPIError``, the same each time.
  public static func open() throws(PAPIError) -> Library { try shared.get() }

  private init() throws(PAPIError) {
    let header = cpapi_header_version()
    // Refused where PAPI was built without it.
    for name in Library.unused { _ = PAPI_disable_component_by_name(name) }
    let started = PAPI_library_init(header)
    guard started == header else {
      // A positive answer is the version of a library that does not fit the headers.
      let code = started > 0 ? PAPIError.Code.invalid : PAPIError.Code(rawValue: started)
      let other = started > 0 ? Library.text(version: started) : nil
      throw PAPIError(call: "PAPI_library_init", code: code, subject: other)
    }
    try check(cpapi_thread_init(), "PAPI_thread_init")
    version = Library.text(version: cpapi_library_version())
    // Negative where it fails.
    components = (0..<max(0, PAPI_num_components())).compactMap(Component.init)
  }

  /// The component that counts on the CPU's own counters.
  public var cpu: Component? { component("perf_event") }

  /// The component of a name, such as `perf_event` or `sde`.
  public func component(_ name: String) -> Component? {
    components.first { $0.name == name || $0.shortName == name }
  }

  /// Counters a core has for the CPU's component; 0 where that component is disabled.
  ///
  /// The corresponding C function is `PAPI_num_cmp_hwctrs`. The number comes from PAPI's tables:
  /// in a virtual machine without a PMU it may name counters that no event can be opened on, and
  /// the kernel's watchdog may hold one of those that exist.
  public var hardwareCounters: Int {
    guard let cpu, cpu.isEnabled else { return 0 }
    return max(0, Int(PAPI_num_cmp_hwctrs(cpu.index)))
  }

  /// Names of the preset events that exist here, in PAPI's order.
  ///
  /// The corresponding C function is `PAPI_enum_event`. Existing does not mean that the event can
  /// be opened: permissions show when it is added to a set.
  public var presets: [String] {
    var names: [String] = []
    var code: Int32 = 0
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PAPI_MAX_STR_LEN)) { name in
      guard let base = name.baseAddress else { return }
      while true {
        code = cpapi_next_preset(code, base)
        if code == 0 { return }
        names.append(String(cString: base))
      }
    }
    return names
  }

  /// Whether PAPI knows an event of this name.
  ///
  /// The corresponding C function is `PAPI_query_named_event`. Misleads for `sde:::` names, which
  /// PAPI accepts whether or not anybody registered them.
  public func knows(_ event: String) -> Bool { PAPI_query_named_event(event) == PAPI_OK }

  /// Tells PAPI that the calling thread will make no further calls and is going to end.
  ///
  /// The corresponding C function is `PAPI_unregister_thread`.
  public func forgetThread() { PAPI_unregister_thread() }

  private static func text(version: Int32) -> String {
    let parts = stride(from: 24, through: 0, by: -8).map { (version >> Int32($0)) & 0xff }
    return parts.map(String.init).joined(separator: ".")
  }
}
