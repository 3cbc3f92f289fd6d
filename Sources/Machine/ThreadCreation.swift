import Glibc
import Synchronization

/// Whether so many threads can be created, found out before the OpenMP runtime tries: libgomp ends
/// the whole process with status 1 where it cannot.
enum ThreadCreation {
  /// Creates threads that wait for one another, and lets them end.
  ///
  /// The corresponding C function is `pthread_create`.
  ///
  /// - Parameters:
  ///   - count: How many there should be at the same time, beside those that exist.
  ///   - stackBytes: Size of their stacks; nil for the system's own.
  /// - Returns: 0, or the error number of the first that could not be created.
  static func probe(_ count: Int, stackBytes: Int?) -> Int32 {
    guard count > 0 else { return 0 }
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { attributes.deallocate() }
    pthread_attr_init(attributes)
    defer { pthread_attr_destroy(attributes) }
    // What is too small is ignored by the runtime, too.
    if let stackBytes { pthread_attr_setstacksize(attributes, stackBytes) }
    let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    defer { gate.deallocate() }
    pthread_mutex_init(gate, nil)
    defer { pthread_mutex_destroy(gate) }
    pthread_mutex_lock(gate)
    var threads: [pthread_t] = []
    var error: Int32 = 0
    for _ in 0..<count {
      var thread = pthread_t()
      error = pthread_create(
        &thread, attributes,
        { gate in
          guard let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self) else { return nil }
          pthread_mutex_lock(gate)
          pthread_mutex_unlock(gate)
          return nil
        }, gate)
      if error != 0 { break }
      threads.append(thread)
    }
    pthread_mutex_unlock(gate)
    for thread in threads { pthread_join(thread, nil) }
    return error
  }

  /// The stack size that the environment tells the runtime to use.
  ///
  /// - Parameter text: `OMP_STACKSIZE`: a number and B, K (the default), M or G.
  /// - Returns: Bytes; nil for what cannot be read.
  static func stackBytes(_ text: String) -> Int? {
    let text = text.trimmingSpace().uppercased()
    let digits = text.prefix { $0.isNumber }
    guard let number = Int(digits) else { return nil }
    let scale: Int
    switch text.dropFirst(digits.count).trimmingSpace() {
    case "B": scale = 1
    case "", "K": scale = 1 << 10
    case "M": scale = 1 << 20
    case "G": scale = 1 << 30
    default: return nil
    }
    let (bytes, overflows) = number.multipliedReportingOverflow(by: scale)
    return overflows ? nil : bytes
  }
}
