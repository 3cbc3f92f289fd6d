public import SystemPackage

/// Something the kernel can count: a type and a number within it.
public struct PerfEvent: Hashable, Sendable {
  /// The name it is reported by.
  public let name: String
  /// The corresponding C field is `perf_event_attr.type`.
  public let type: UInt32
  /// The corresponding C field is `perf_event_attr.config`.
  public let config: UInt64

  /// Names an event of any type.
  public init(name: String, type: UInt32, config: UInt64) {
    self.name = name
    self.type = type
    self.config = config
  }

  /// An event that the kernel maps to the CPU's own.
  ///
  /// The corresponding C constant is `PERF_TYPE_HARDWARE`.
  public static func hardware(_ name: String, _ config: UInt64) -> PerfEvent {
    PerfEvent(name: name, type: 0, config: config)
  }

  /// An event that the kernel itself counts.
  ///
  /// The corresponding C constant is `PERF_TYPE_SOFTWARE`.
  public static func software(_ name: String, _ config: UInt64) -> PerfEvent {
    PerfEvent(name: name, type: 1, config: config)
  }

  /// A cache event: cache, operation and result in a byte each.
  ///
  /// The corresponding C constant is `PERF_TYPE_HW_CACHE`.
  public static func cache(_ name: String, _ config: UInt64) -> PerfEvent {
    PerfEvent(name: name, type: 3, config: config)
  }

  /// An event by the CPU's own number.
  ///
  /// The corresponding C constant is `PERF_TYPE_RAW`.
  public static func raw(_ name: String, _ config: UInt64) -> PerfEvent {
    PerfEvent(name: name, type: 4, config: config)
  }
}

/// A system call on a counter that failed; ``errno`` tells the causes apart.
public struct PerfError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was counted.
  public let event: String
  /// The kernel's error number.
  public let errno: Int32

  /// Makes an error.
  public init(event: String, errno: Int32) {
    self.event = event
    self.errno = errno
  }

  /// The kernel's words for the number.
  ///
  /// The corresponding C function is `strerror`.
  public var reason: String { code.description }

  /// Whether the kernel forbids it to this process: `EACCES` or `EPERM`.
  public var isForbidden: Bool { [.permissionDenied, .notPermitted].contains(code) }

  /// The error number, to be compared with swift-system's names.
  public var code: Errno { Errno(rawValue: errno) }

  /// What failed, in the kernel's words.
  public var description: String { "perf_event_open('\(event)'): \(reason)" }
}
