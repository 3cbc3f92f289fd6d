import CMachine
import Glibc

/// Events that the kernel counts on one thread, together where it can.
///
/// A group is on the hardware as a whole or not at all, and one system call reads all of it. Where
/// the kernel refuses a group (a virtual PMU with fewer counters than the CPU's), its events are
/// opened one by one.
public final class PerfGroup {
  /// How long an event was wanted and was really counted, nanoseconds.
  public struct Times: Hashable, Sendable {
    /// Index of the event.
    public var event: Int
    /// Time it was wanted.
    public var enabled: UInt64
    /// Time it was on the hardware.
    public var running: UInt64
  }

  /// What is counted.
  public let events: [PerfEvent]
  /// Whether the kernel counts the events as a group.
  public let isTogether: Bool

  private let descriptors: [Int32]
  /// What one read fills.
  private let room: UnsafeMutablePointer<UInt64>

  /// Opens counters that do not count yet.
  ///
  /// The corresponding C function is `perf_event_open`.
  ///
  /// - Parameters:
  ///   - events: What to count; at least one.
  ///   - task: The thread to count on; 0 is the calling one.
  ///   - userOnly: Whether to leave out what the kernel does for the thread.
  ///   - together: Whether to ask for a group at all.
  /// - Throws: ``PerfError`` of the event that cannot be opened even by itself.
  public init(
    _ events: [PerfEvent], task: Int32 = 0, userOnly: Bool, together: Bool = true
  ) throws(PerfError) {
    self.events = events
    let group =
      together
      ? try? Self.open(events) { event, leader in
        cmachine_perf_open_in_group(event.type, event.config, task, leader, userOnly ? 1 : 0)
      } : nil
    isTogether = group != nil
    if let group {
      descriptors = group
    } else {
      descriptors = try Self.open(events) { event, _ in
        cmachine_perf_open(event.type, event.config, task, 0, userOnly ? 1 : 0)
      }
    }
    room = .allocate(capacity: events.count + 3)
    room.initialize(repeating: 0, count: events.count + 3)
  }

  /// Opens all events or none; each is given the first one's descriptor.
  private static func open(
    _ events: [PerfEvent], _ open: (PerfEvent, Int32) -> Int32
  ) throws(PerfError) -> [Int32] {
    var opened: [Int32] = []
    for event in events {
      let descriptor = open(event, opened.first ?? -1)
      if descriptor < 0 {
        for other in opened { close(other) }
        throw PerfError(event: event.name, errno: -descriptor)
      }
      opened.append(descriptor)
    }
    return opened
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
    room.deallocate()
  }

  /// Sets the values to zero and lets them count.
  ///
  /// The corresponding C functions are `ioctl` with `PERF_EVENT_IOC_RESET` and `…_ENABLE`.
  ///
  /// - Throws: ``PerfError``.
  public func start() throws(PerfError) {
    try each { isTogether ? cmachine_perf_start_group($0) : cmachine_perf_start($0) }
  }

  /// Lets them count no more.
  ///
  /// The corresponding C function is `ioctl` with `PERF_EVENT_IOC_DISABLE`.
  ///
  /// - Throws: ``PerfError``.
  public func stop() throws(PerfError) {
    try each { isTogether ? cmachine_perf_stop_group($0) : cmachine_perf_stop($0) }
  }

  private func each(_ body: (Int32) -> Int32) throws(PerfError) {
    for (index, descriptor) in descriptors.enumerated() where index == 0 || !isTogether {
      try check(body(descriptor), index)
    }
  }

  /// Stores the values, in the order of ``events``.
  ///
  /// Allocates nothing; a system call of about 0.7 µs for a group of four, else one of 0.3 to
  /// 0.5 µs an event. The corresponding C function is `read`.
  ///
  /// - Parameter values: Room for a value an event.
  /// - Returns: The times of the event that missed most: where they differ, the kernel shared the
  ///   hardware with others and the value is too small.
  /// - Throws: ``PerfError``.
  public func read(into values: UnsafeMutableBufferPointer<Int64>) throws(PerfError) -> Times {
    if isTogether {
      try check(cmachine_perf_read_group(descriptors[0], room, descriptors.count), 0)
      for index in descriptors.indices { values[index] = Int64(clamping: room[3 + index]) }
      return Times(event: 0, enabled: room[1], running: room[2])
    }
    var worst = Times(event: 0, enabled: 0, running: 0)
    for index in descriptors.indices {
      var reading = cmachine_perf_reading()
      try check(cmachine_perf_read(descriptors[index], &reading), index)
      values[index] = Int64(clamping: reading.value)
      let times = Times(event: index, enabled: reading.enabled, running: reading.running)
      if index == 0 || times.missing > worst.missing { worst = times }
    }
    return worst
  }

  private func check(_ code: Int32, _ index: Int) throws(PerfError) {
    if code < 0 { throw PerfError(event: events[index].name, errno: -code) }
  }
}

extension PerfGroup.Times {
  /// Nanoseconds in which it was wanted and not counted.
  public var missing: UInt64 { enabled > running ? enabled - running : 0 }
}
