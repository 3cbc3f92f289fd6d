import CPAPI

/// Events that are counted together.
///
/// What PAPI demands, and does not always check:
/// - A set belongs to the thread that made it. Start, read and stop it there; only one set of a
///   component can run in a thread.
/// - To count threads that do not exist yet, the order is: make the set for a component,
///   ``setInherit()``, add the events, and only then let anything create threads. A set that is
///   opened later silently misses the threads that exist.
/// - Inherited sets are read with one system call an event; others with one, or none.
/// - PAPI 7.0.0 reads the caller's own counters for sets attached to other threads where the
///   kernel allows `rdpmc`, which is why this type does not attach.
public final class EventSet {
  /// Names of the events, in the order of the values.
  public private(set) var events: [String] = []
  /// Whether it counts.
  public private(set) var isRunning = false

  private var handle = PAPI_NULL

  /// Makes an empty set that belongs to the calling thread and to one component.
  ///
  /// The corresponding C functions are `PAPI_create_eventset` and
  /// `PAPI_assign_eventset_component`.
  ///
  /// - Parameters:
  ///   - library: The library, which proves that it is initialised.
  ///   - component: What will count; PAPI's CPU component by default.
  /// - Throws: ``PAPIError``.
  public init(_ library: Library, component: Component? = nil) throws(PAPIError) {
    let index = component?.index ?? library.cpu?.index ?? 0
    try check(PAPI_create_eventset(&handle), "PAPI_create_eventset")
    try check(
      PAPI_assign_eventset_component(handle, index), "PAPI_assign_eventset_component",
      component?.name)
  }

  deinit {
    if isRunning { PAPI_stop(handle, nil) }
    PAPI_cleanup_eventset(handle)
    PAPI_destroy_eventset(&handle)
  }

  /// Lets the events also count in all threads that the calling thread creates from now on.
  ///
  /// Call it before any event is added. The corresponding C function is
  /// `PAPI_set_opt(PAPI_INHERIT)`.
  ///
  /// - Throws: ``PAPIError``.
  public func setInherit() throws(PAPIError) {
    try check(cpapi_set_inherit(handle), "PAPI_set_opt(PAPI_INHERIT)")
  }

  /// Adds a preset or native event by name; this is when the kernel opens it.
  ///
  /// The corresponding C function is `PAPI_add_named_event`.
  ///
  /// - Throws: ``PAPIError``; `.conflict` or `.tooManyEvents` when it does not fit the counters.
  public func add(_ event: String) throws(PAPIError) {
    try check(PAPI_add_named_event(handle, event), "PAPI_add_named_event", event)
    events.append(event)
  }

  /// Sets all values to zero and lets them count.
  ///
  /// The corresponding C function is `PAPI_start`.
  ///
  /// - Throws: ``PAPIError``.
  public func start() throws(PAPIError) {
    try check(PAPI_start(handle), "PAPI_start")
    isRunning = true
  }

  /// Stores the values since ``start()``, in the order of ``events``; they go on counting.
  ///
  /// Allocates nothing. The corresponding C function is `PAPI_read`.
  ///
  /// - Parameter values: Room for at least as many values as there are events.
  /// - Throws: ``PAPIError``; `.invalid` when there is too little room.
  @inline(__always)
  public func read(into values: UnsafeMutableBufferPointer<Int64>) throws(PAPIError) {
    guard values.count >= events.count, let base = values.baseAddress else {
      throw PAPIError(call: "PAPI_read", code: .invalid)
    }
    try check(PAPI_read(handle, base), "PAPI_read")
  }

  /// Stops counting and gives the last values, in the order of ``events``.
  ///
  /// The corresponding C function is `PAPI_stop`.
  ///
  /// - Returns: The values since ``start()``.
  /// - Throws: ``PAPIError``.
  @discardableResult
  public func stop() throws(PAPIError) -> [Int64] {
    var values = [Int64](repeating: 0, count: max(1, events.count))
    try check(PAPI_stop(handle, &values), "PAPI_stop")
    isRunning = false
    return Array(values.prefix(events.count))
  }
}
